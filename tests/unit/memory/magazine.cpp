// SPDX-License-Identifier: BSL-1.0
#include "troupe/memory/magazine.hpp"

#include "support/catch.hpp"
#include "troupe/memory/pools.hpp"

#include <set>
#include <vector>

namespace test_magazine {

using namespace troupe::detail;

template <class Pool>
struct store_of {
    pool_source<Pool>              source;
    depot                          store{source};
    magazine_rack                  rack{store};
    static inline root_token const token;

    ~store_of() { rack.flush(token); }
};

TEST_CASE("blocks that are out at the same time are different") {
    store_of<troupe::slab_pool> s;
    std::set<void*>             seen;
    for (int i = 0; i < 500; ++i) seen.insert(s.rack.take(0, s.token));
    CHECK(seen.size() == 500);
    CHECK(seen.count(nullptr) == 0);
    CHECK(s.rack.out() == 500);
    for (void* const block : seen) s.rack.give(block, 0, s.token);
    CHECK(s.rack.out() == 0);
}

TEST_CASE("the block that was given last is taken first") {
    store_of<troupe::slab_pool> s;
    void* const                 a = s.rack.take(2, s.token);
    void* const                 b = s.rack.take(2, s.token);
    s.rack.give(a, 2, s.token);
    s.rack.give(b, 2, s.token);
    CHECK(s.rack.take(2, s.token) == b);
    CHECK(s.rack.take(2, s.token) == a);
    s.rack.give(a, 2, s.token);
    s.rack.give(b, 2, s.token);
}

TEST_CASE("a block at hand is taken without asking the depot") {
    store_of<troupe::slab_pool> s;
    CHECK(s.rack.take_at_hand(0) == nullptr);
    CHECK(s.rack.misses() == 0);
    void* const first = s.rack.take(0, s.token);
    void* const second = s.rack.take_at_hand(0);
    CHECK(second != nullptr);
    CHECK(second != first);
    CHECK(s.rack.out() == 2);
    s.rack.give(first, 0, s.token);
    CHECK(s.rack.take_at_hand(0) == first);
    s.rack.give(first, 0, s.token);
    s.rack.give(second, 0, s.token);
    CHECK(s.rack.out() == 0);
}

TEST_CASE("blocks that end elsewhere are counted where they end") {
    pool_source<troupe::slab_pool> source;
    depot                          store{source};
    root_token const               token;
    magazine_rack                  from{store};
    magazine_rack                  to{store};
    std::vector<void*>             blocks;
    for (std::uint32_t i = 0; i < 5 * chain_length(0); ++i) blocks.push_back(from.take(0, token));
    for (void* const block : blocks) to.give(block, 0, token);
    auto const count = static_cast<std::int64_t>(blocks.size());
    CHECK(from.out() == count);
    CHECK(to.out() == -count);
    from.flush(token);
    to.flush(token);
    CHECK(from.out() + to.out() == 0);
}

TEST_CASE("a class that does not exist is refused") {
    store_of<troupe::slab_pool> s;
    CHECK(s.rack.take(no_size_class, s.token) == nullptr);
    CHECK(s.rack.out() == 0);
}

TEST_CASE("taking and giving around the border of a chain does not go to the depot each time") {
    store_of<troupe::slab_pool> s;
    std::uint32_t const         length = chain_length(0);
    std::vector<void*>          out;
    for (std::uint32_t i = 0; i < 3 * length; ++i) out.push_back(s.rack.take(0, s.token));
    for (std::uint32_t i = 0; i < length; ++i) {
        s.rack.give(out.back(), 0, s.token);
        out.pop_back();
    }
    std::uint64_t const misses = s.rack.misses();
    for (int round = 0; round < 100; ++round) {
        s.rack.give(out.back(), 0, s.token);
        out.pop_back();
        out.push_back(s.rack.take(0, s.token));
        out.push_back(s.rack.take(0, s.token));
        s.rack.give(out.back(), 0, s.token);
        out.pop_back();
    }
    CHECK(s.rack.misses() == misses);
    for (void* const block : out) s.rack.give(block, 0, s.token);
}

TEST_CASE("an exhausted fixed pool gives null, and gives again what comes back") {
    store_of<troupe::fixed_pool<64 * 1024>> s;
    std::vector<void*>                      out;
    while (void* const block = s.rack.take(10, s.token)) out.push_back(block);
    CHECK(out.size() == 64);  // of 1 KiB
    CHECK(s.rack.take(10, s.token) == nullptr);
    CHECK(s.rack.out() == 64);
    s.rack.give(out.back(), 10, s.token);
    CHECK(s.rack.take(10, s.token) == out.back());
    CHECK(s.rack.take(10, s.token) == nullptr);
    for (void* const block : out) s.rack.give(block, 10, s.token);
    std::size_t again = 0;
    for (auto& block : out) {
        block = s.rack.take(10, s.token);
        again += block != nullptr;
    }
    CHECK(again == 64);
    for (void* const block : out) s.rack.give(block, 10, s.token);
}

TEST_CASE("flushed magazines leave their blocks for others") {
    pool_source<troupe::fixed_pool<64 * 1024>> source;
    depot                                      store{source};
    root_token const                           token;
    magazine_rack                              first{store};
    magazine_rack                              second{store};
    std::vector<void*>                         out;
    while (void* const block = first.take(10, token)) out.push_back(block);
    CHECK(second.take(10, token) == nullptr);
    for (void* const block : out) first.give(block, 10, token);
    first.flush(token);
    std::size_t again = 0;
    out.clear();
    while (void* const block = second.take(10, token)) out.push_back(block), ++again;
    CHECK(again == 64);
    for (void* const block : out) second.give(block, 10, token);
    second.flush(token);
}

}  // namespace test_magazine
