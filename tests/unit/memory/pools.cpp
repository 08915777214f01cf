// SPDX-License-Identifier: BSL-1.0
#include "troupe/memory/pools.hpp"

#include "support/catch.hpp"

#include <cstring>
#include <vector>

namespace test_pools {

using troupe::detail::block_alignment;

bool is_aligned(void* block) {
    return reinterpret_cast<std::uintptr_t>(block) % block_alignment == 0;
}

/// Blocks of all sizes do not overlap: each keeps the byte it was filled with.
template <class Pool>
void check_blocks(Pool& pool) {
    struct block {
        unsigned char* memory;
        std::size_t    bytes;
    };
    std::vector<block> blocks;
    unsigned           mark = 0;
    bool               aligned = true;
    for (int round = 0; round < 3; ++round) {
        for (std::size_t bytes = 32; bytes <= 32768; bytes *= 2) {
            void* const memory = pool.acquire(bytes);
            REQUIRE(memory != nullptr);
            aligned = aligned && is_aligned(memory);
            std::memset(memory, static_cast<int>(++mark), bytes);
            blocks.push_back({static_cast<unsigned char*>(memory), bytes});
        }
    }
    CHECK(aligned);
    bool     kept = true;
    unsigned expected = 0;
    for (block const& b : blocks) {
        ++expected;
        kept = kept && b.memory[0] == expected && b.memory[b.bytes - 1] == expected;
    }
    CHECK(kept);
    for (block const& b : blocks) pool.release(b.memory, b.bytes);
}

TEST_CASE("a slab pool gives aligned blocks that do not overlap") {
    troupe::slab_pool pool;
    check_blocks(pool);
}

TEST_CASE("a heap pool gives aligned blocks that do not overlap") {
    troupe::heap_pool pool;
    check_blocks(pool);
}

TEST_CASE("a fixed pool gives aligned blocks that do not overlap") {
    troupe::fixed_pool<1024 * 1024> pool;
    check_blocks(pool);
}

TEST_CASE("a fixed pool gives exactly its bytes, then null, also for a smaller request that fits "
          "no more") {
    troupe::fixed_pool<64 * 1024> pool;
    for (int i = 0; i < 2; ++i) CHECK(pool.acquire(32768) != nullptr);
    CHECK(pool.acquire(32) == nullptr);
    CHECK(pool.acquire(32) == nullptr);
}

TEST_CASE("a fixed pool that is too full for a large block still gives small ones") {
    troupe::fixed_pool<64 * 1024> pool;
    CHECK(pool.acquire(32768) != nullptr);
    CHECK(pool.acquire(32) != nullptr);
    CHECK(pool.acquire(32768) == nullptr);
    CHECK(pool.acquire(32) != nullptr);
}

TEST_CASE("the pools say what they keep") {
    CHECK(troupe::slab_pool::chains_kept == SIZE_MAX);
    CHECK(troupe::fixed_pool<64 * 1024>::chains_kept == SIZE_MAX);
    CHECK(troupe::heap_pool::chains_kept > 0);
    CHECK(troupe::heap_pool::chains_kept < SIZE_MAX);
}

}  // namespace test_pools
