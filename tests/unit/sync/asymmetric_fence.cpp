// SPDX-License-Identifier: BSL-1.0
#include "troupe/sync/asymmetric_fence.hpp"

#include "support/catch.hpp"

#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

#if defined(__linux__)
#include <sched.h>
#endif

namespace test_asymmetric_fence {

using namespace troupe::detail;

constexpr std::size_t rounds_max = 100'000;
constexpr std::size_t meetings_wanted = 5'000;

// On one processor two threads cannot miss each other: gives each a processor, where there are two.
void move_to_processor(int which) {
#if defined(__linux__)
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) < 2) return;
    for (int i = 0; i < CPU_SETSIZE; ++i) {
        if (!CPU_ISSET(i, &allowed) || which-- != 0) continue;
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(i, &one);
        sched_setaffinity(0, sizeof one, &one);
        return;
    }
#else
    static_cast<void>(which);
#endif
}

// The frequent side counts its word up as fast as it can and looks at the other word each time; the
// rare side does so until the two have met often (or for long, where both have one processor). When
// the rare side has written m and then read n, the frequent side must find m when it has written
// n + 1, at the latest: else both missed the other's write.
int both_missed(bool asymmetric) {
    atomic<std::int64_t>      frequent_word{0};
    atomic<std::size_t>       rare_word{0};
    std::vector<std::int64_t> rare_read(rounds_max + 2, 0);
    std::vector<std::int64_t> first_seen(rounds_max + 2, 0);

    std::thread frequent{[&] {
        move_to_processor(0);
        std::size_t seen = 0;
        for (std::int64_t n = 1; seen != rounds_max + 1; ++n) {
            light_store(frequent_word, n, asymmetric);
            // relaxed where the rare side drains us; seq_cst, with the exchange in light_store()
            // and the accesses of the rare side, where it cannot
            std::size_t const now =
                rare_word.load(asymmetric ? memory_order_relaxed : memory_order_seq_cst);
            while (seen != now) first_seen[++seen] = n;
        }
    }};

    std::size_t rounds = 0;
    std::thread rare{[&] {
        move_to_processor(1);
        for (std::size_t meetings = 0; rounds < rounds_max && meetings < meetings_wanted;) {
            // seq_cst: with the frequent side, where there is no heavy barrier
            rare_word.store(++rounds, memory_order_seq_cst);
            if (asymmetric) heavy_barrier();
            rare_read[rounds] = frequent_word.load(memory_order_seq_cst);
            if (rare_read[rounds] != rare_read[rounds - 1]) ++meetings;
        }
        // seq_cst: as above; ends the frequent side
        rare_word.store(rounds_max + 1, memory_order_seq_cst);
    }};
    rare.join();
    frequent.join();
    int missed = 0;
    for (std::size_t m = 1; m <= rounds; ++m) missed += first_seen[m] > rare_read[m] + 1;
    return missed;
}

TEST_CASE("registering the barrier always gives the same answer") {
    bool const first = register_heavy_barrier();
    CHECK(register_heavy_barrier() == first);
}

TEST_CASE("with the heavy barrier the two sides never miss each other") {
    if (!register_heavy_barrier()) SKIP("no membarrier here, or ThreadSanitizer");
    CHECK(both_missed(true) == 0);
}

TEST_CASE("without the heavy barrier the two sides never miss each other") {
    CHECK(both_missed(false) == 0);
}

}  // namespace test_asymmetric_fence
