// SPDX-License-Identifier: BSL-1.0
#include "troupe/memory/depot.hpp"

#include "support/catch.hpp"

#include <cstdlib>
#include <set>

namespace test_depot {

using namespace troupe::detail;

/// Counts what is out, and refuses beyond a limit.
struct counted_source final : block_source {
    std::size_t blocks = 0;
    std::size_t limit = SIZE_MAX;
    std::size_t kept = SIZE_MAX;

    void* acquire(std::size_t bytes) noexcept override {
        if (blocks == limit) return nullptr;
        ++blocks;
        return std::aligned_alloc(16, bytes);
    }
    void release(void* block, std::size_t) noexcept override {
        --blocks;
        std::free(block);
    }
    std::size_t chains_kept() const noexcept override { return kept; }
};

std::size_t length_of(free_block* chain) {
    std::size_t n = 0;
    for (; chain != nullptr; chain = chain->next) ++n;
    return n;
}

TEST_CASE("a chain is as long as it says, and its blocks are different") {
    counted_source source;
    {
        depot             store{source};
        root_token const  token;
        free_block* const chain = store.take(0, token);
        REQUIRE(chain != nullptr);
        CHECK(chain->count == chain_length(0));
        CHECK(length_of(chain) == chain_length(0));
        std::set<free_block*> seen;
        for (free_block* b = chain; b != nullptr; b = b->next) seen.insert(b);
        CHECK(seen.size() == chain_length(0));
        store.give(0, chain, token);
    }
    CHECK(source.blocks == 0);
}

TEST_CASE("a chain that was given is taken again before memory is asked for") {
    counted_source   source;
    depot            store{source};
    root_token const token;
    free_block*      first = store.take(3, token);
    auto const       out = source.blocks;
    store.give(3, first, token);
    CHECK(store.take(3, token) == first);
    CHECK(source.blocks == out);
    store.give(3, first, token);
}

TEST_CASE("chains of one class are not given out for another") {
    counted_source   source;
    depot            store{source};
    root_token const token;
    free_block*      small = store.take(0, token);
    store.give(0, small, token);
    free_block* large = store.take(5, token);
    CHECK(large != small);
    store.give(5, large, token);
}

TEST_CASE("a source that has less than a chain left gives a short one, then null, then recovers") {
    counted_source source;
    source.limit = 5;
    {
        depot            store{source};
        root_token const token;
        free_block*      chain = store.take(0, token);
        REQUIRE(chain != nullptr);
        CHECK(chain->count == 5);
        CHECK(length_of(chain) == 5);
        CHECK(store.take(0, token) == nullptr);
        CHECK(store.take(1, token) == nullptr);
        store.give(0, chain, token);
        CHECK(store.take(0, token) == chain);
        store.give(0, chain, token);
    }
    CHECK(source.blocks == 0);
}

TEST_CASE("beyond the chains that are kept, blocks go back to the source") {
    counted_source source;
    source.kept = 1;
    depot            store{source};
    root_token const token;
    free_block*      a = store.take(0, token);
    free_block*      b = store.take(0, token);
    auto const       out = source.blocks;
    store.give(0, a, token);
    CHECK(source.blocks == out);
    store.give(0, b, token);
    CHECK(source.blocks == out - chain_length(0));
}

}  // namespace test_depot
