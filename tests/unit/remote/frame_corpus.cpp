// SPDX-License-Identifier: BSL-1.0

// The corpus of the fuzzer of frames, with every compiler and without the fuzzer.

#include "fuzz/frame_zoo.hpp"

#include "support/catch.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

namespace test_frame_corpus {

namespace fs = std::filesystem;

std::vector<char> contents(fs::path const& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

TEST_CASE("a node bears the corpus, and what is near it, however it is split") {
    fs::path const folder =
        fs::path{__FILE__}.parent_path().parent_path().parent_path() / "fuzz/corpus/frames";
    std::size_t files = 0;
    for (auto const& entry : fs::directory_iterator{folder}) {
        std::vector<char> bytes = contents(entry.path());
        INFO(entry.path().filename().string());
        auto const tried = [&bytes](std::size_t size, std::size_t piece) {
            return troupe_test::frame_zoo::check(std::as_bytes(std::span{bytes}).first(size),
                                                 piece);
        };
        for (std::size_t const piece : {std::size_t{1}, std::size_t{3}, std::size_t{7}}) {
            CHECK(tried(bytes.size(), piece).empty());
        }
        for (std::size_t size = 0; size < bytes.size(); size += 5) CHECK(tried(size, 4).empty());
        for (std::size_t i = 0; i < bytes.size(); i += 7) {
            char const was = std::exchange(bytes[i], static_cast<char>(bytes[i] ^ 0x81));
            CHECK(tried(bytes.size(), 4).empty());
            bytes[i] = was;
        }
        ++files;
    }
    CHECK(files >= 20);
}

}  // namespace test_frame_corpus
