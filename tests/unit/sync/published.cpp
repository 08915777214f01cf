// SPDX-License-Identifier: BSL-1.0
#include "troupe/sync/published.hpp"

#include "support/catch.hpp"

#include <cstdint>
#include <thread>

namespace test_published {

using namespace troupe::detail;

TEST_CASE("a published word is what was written last, and copies are words of their own") {
    published<int> word;
    CHECK(word.get() == 0);
    word.set(3);
    CHECK(word.get() == 3);
    CHECK(word.seen() == 3);
    published<int> const copy{word};
    word.set(4);
    CHECK(copy.get() == 3);
    word = copy;
    CHECK(word.seen() == 3);
}

TEST_CASE("who sees a published word sees what was published before it") {
    constexpr std::uint64_t  rounds = 100'000;
    published<std::uint64_t> first;
    published<std::uint64_t> second;
    std::thread              writer{[&] {
        for (std::uint64_t i = 1; i <= rounds; ++i) {
            first.set(i);
            second.set(i);
        }
    }};
    bool                     in_order = true;
    for (std::uint64_t last = 0; last < rounds;) {
        last = second.seen();
        in_order = in_order && first.seen() >= last;
    }
    writer.join();
    CHECK(in_order);
}

}  // namespace test_published
