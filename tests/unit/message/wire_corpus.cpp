// SPDX-License-Identifier: BSL-1.0

// The corpus of the codec's fuzzer, with every compiler and without the fuzzer.

#include "fuzz/wire_zoo.hpp"

#include "support/catch.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace test_wire_corpus {

namespace fs = std::filesystem;

std::vector<char> contents(fs::path const& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

TEST_CASE(
    "what holds for the codec and any bytes holds for the corpus, and for all that is near it") {
    fs::path const folder =
        fs::path{__FILE__}.parent_path().parent_path().parent_path() / "fuzz/corpus/codec";
    std::size_t files = 0;
    for (auto const& entry : fs::directory_iterator{folder}) {
        std::vector<char> bytes = contents(entry.path());
        INFO(entry.path().filename().string());
        auto const tried = [&bytes](std::size_t size) {
            char const* const wrong =
                troupe_test::wire_zoo::check(std::as_bytes(std::span{bytes}).first(size));
            return std::string{wrong == nullptr ? "" : wrong};
        };
        CHECK(tried(bytes.size()).empty());
        for (std::size_t size = 0; size < bytes.size(); ++size) CHECK(tried(size).empty());
        for (std::size_t i = 1; i < bytes.size(); ++i) {
            char const was = std::exchange(bytes[i], static_cast<char>(bytes[i] ^ 0x81));
            CHECK(tried(bytes.size()).empty());
            bytes[i] = was;
        }
        ++files;
    }
    CHECK(files >= 20);
}

}  // namespace test_wire_corpus
