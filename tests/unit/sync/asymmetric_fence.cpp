// SPDX-License-Identifier: BSL-1.0
#include "troupe/sync/asymmetric_fence.hpp"

#include "support/catch.hpp"

#include <thread>

namespace test_asymmetric_fence {

using namespace troupe::detail;

// Both threads write one word and then read the other's; true when in some round both read the old
// value. The rounds are started by `round`, which the rare side counts up.
bool both_missed(bool asymmetric, int rounds) {
    atomic<int> frequent_word{0};
    atomic<int> rare_word{0};
    atomic<int> round{0};
    atomic<int> done{0};
    plain<int>  frequent_saw{0};
    bool        missed = false;

    std::thread frequent{[&] {
        for (int i = 1; i <= rounds; ++i) {
            // acquire: pairs with the release of the rare side below
            while (round.load(memory_order_acquire) != i) std::this_thread::yield();
            light_store(frequent_word, i, asymmetric);
            // relaxed where the rare side drains us, seq_cst (with the exchange of light_store and
            // the accesses of the rare side) where it cannot
            frequent_saw.write(
                rare_word.load(asymmetric ? memory_order_relaxed : memory_order_seq_cst));
            // release: pairs with the acquire of the rare side
            done.store(i, memory_order_release);
        }
    }};
    for (int i = 1; i <= rounds; ++i) {
        // release: starts the round
        round.store(i, memory_order_release);
        // seq_cst: with the frequent side, where there is no heavy barrier
        rare_word.store(i, memory_order_seq_cst);
        if (asymmetric) heavy_barrier();
        int const rare_saw = frequent_word.load(memory_order_seq_cst);
        // acquire: pairs with the release above: the frequent side is done
        while (done.load(memory_order_acquire) != i) std::this_thread::yield();
        missed = missed || (rare_saw != i && frequent_saw.read() != i);
    }
    frequent.join();
    return missed;
}

TEST_CASE("registering the barrier always gives the same answer") {
    bool const first = register_heavy_barrier();
    CHECK(register_heavy_barrier() == first);
}

TEST_CASE("with the heavy barrier the two sides never miss each other") {
    if (!register_heavy_barrier()) SKIP("no membarrier here, or ThreadSanitizer");
    CHECK_FALSE(both_missed(true, 5'000));
}

TEST_CASE("without the heavy barrier the two sides never miss each other") {
    CHECK_FALSE(both_missed(false, 5'000));
}

}  // namespace test_asymmetric_fence
