// SPDX-License-Identifier: BSL-1.0
#pragma once

// Several threads for a conformance suite, which begin together and are joined. For suites whose
// promises are about any thread.

#include <cstddef>

#include "troupe/base/fixed_list.hpp"
#include "troupe/os/thread.hpp"
#include "troupe/sync/atomic.hpp"
#include "troupe/sync/spin.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// Runs `act(0)` to `act(count - 1)`, each on a thread of its own, all at once, and comes back when
/// all have. What cannot be started runs here afterwards. `act` must not throw.
template <class Act>
void on_threads(unsigned count, Act const& act) {
    struct member {
        Act const*        act;
        atomic<unsigned>* ready;
        unsigned          count;
        unsigned          index;
        os_thread         thread{};

        static void run(void* told) noexcept {
            auto const& me = *static_cast<member*>(told);
            me.ready->fetch_add(1, memory_order_relaxed);  // relaxed: only to begin together
            for (backoff wait; me.ready->load(memory_order_relaxed) < me.count;) wait.pause();
            (*me.act)(me.index);
        }
    };
    atomic<unsigned>   ready{0};
    fixed_list<member> crew(count);
    for (unsigned i = 0; i < count; ++i) crew.emplace_back(&act, &ready, count, i);
    unsigned started = 0;
    while (started < count && crew[started].thread.start(&member::run, &crew[started])) ++started;
    ready.fetch_add(count - started, memory_order_relaxed);  // nobody waits for those
    for (unsigned i = 0; i < started; ++i) crew[i].thread.join();
    for (unsigned i = started; i < count; ++i) act(i);
}

}  // namespace troupe::inline TROUPE_ABI::detail
