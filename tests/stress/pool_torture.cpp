// SPDX-License-Identifier: BSL-1.0
// P04: threads with magazines of their own take blocks of a small pool and give back those that
// other threads took. No block is owned twice, the pool runs empty and recovers, and all come back.

#include "troupe/memory/magazine.hpp"
#include "troupe/memory/pools.hpp"

#include "support/catch.hpp"
#include "support/soak.hpp"

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

namespace pool_torture {

using namespace troupe::detail;

/// Stands in a block while somebody owns it.
struct owned {
    std::atomic<std::uint32_t> mark;
    std::uint32_t              filler[5];
};
constexpr std::uint8_t  size_class = 0;
constexpr std::uint32_t in_use = 0x0ac1'ded0;

/// Blocks on their way from one thread to another.
class basket {
public:
    void put(void* block) {
        std::lock_guard const held{mutex_};
        blocks_.push_back(block);
    }
    void* take() {
        std::lock_guard const held{mutex_};
        if (blocks_.empty()) return nullptr;
        void* const block = blocks_.back();
        blocks_.pop_back();
        return block;
    }

private:
    std::mutex         mutex_;
    std::vector<void*> blocks_;
};

template <class Pool>
void check(unsigned threads, std::uint64_t rounds) {
    pool_source<Pool>          source;
    depot                      store{source};
    basket                     passing;
    std::atomic<std::uint64_t> owned_twice{0};
    std::atomic<std::int64_t>  out{0};

    auto const acquire = [&](magazine_rack& rack) -> owned* {
        void* const block = rack.take(size_class, root_token{});
        if (block == nullptr) return nullptr;
        auto* const o = new (block) owned{};
        o->mark.store(in_use);
        return o;
    };
    auto const release = [&](magazine_rack& rack, void* block) {
        auto* const o = static_cast<owned*>(block);
        if (o->mark.exchange(0) != in_use) ++owned_twice;
        o->~owned();
        rack.give(block, size_class, root_token{});
    };

    std::vector<std::thread> all;
    for (unsigned t = 0; t < threads; ++t) {
        all.emplace_back([&, t] {
            magazine_rack      rack{store};
            std::vector<void*> mine;
            std::uint32_t      dice = t + 1;
            for (std::uint64_t i = 0; i < rounds; ++i) {
                dice ^= dice << 13;
                dice ^= dice >> 17;
                dice ^= dice << 5;
                switch (dice % 4) {
                    case 0:
                    case 1:
                        if (mine.size() < 100) {
                            if (owned* const o = acquire(rack)) mine.push_back(o);
                        }
                        break;
                    case 2:
                        if (mine.empty()) break;
                        passing.put(mine.back());
                        mine.pop_back();
                        break;
                    default:
                        if (void* const block = passing.take()) release(rack, block);
                        else if (!mine.empty()) {
                            release(rack, mine.back());
                            mine.pop_back();
                        }
                }
            }
            for (void* const block : mine) release(rack, block);
            rack.flush(root_token{});
            out += rack.out();
        });
    }
    for (auto& thread : all) thread.join();
    magazine_rack last{store};
    while (void* const block = passing.take()) {
        release(last, block);
        --out;
    }
    CHECK(owned_twice == 0);
    CHECK(out == 0);

    // Everything is back: each block can be had once, and no more than there are.
    std::vector<void*> whole;
    while (whole.size() < 4096) {
        owned* const o = acquire(last);
        if (o == nullptr) break;
        whole.push_back(o);
    }
    if constexpr (Pool::chains_kept == SIZE_MAX && !std::is_same_v<Pool, troupe::slab_pool>) {
        CHECK(whole.size() == 64 * 1024 / block_sizes[size_class]);
    }
    for (void* const block : whole) release(last, block);
    CHECK(owned_twice == 0);
    last.flush(root_token{});
}

TEST_CASE("slab pool: no block is owned twice, all come back") {
    for (unsigned const threads : {2u, 4u, 8u}) {
        check<troupe::slab_pool>(threads, troupe_test::scaled(800'000) / threads);
    }
}
TEST_CASE("heap pool: no block is owned twice, all come back") {
    check<troupe::heap_pool>(4, troupe_test::scaled(200'000));
}
TEST_CASE("a fixed pool that runs empty again and again: no block is owned twice, all come back") {
    for (unsigned const threads : {2u, 8u}) {
        check<troupe::fixed_pool<64 * 1024>>(threads, troupe_test::scaled(800'000) / threads);
    }
}

}  // namespace pool_torture
