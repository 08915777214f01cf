// SPDX-License-Identifier: BSL-1.0
#pragma once

// Actors on several virtual workers, all run by one thread, one message at a time, the workers
// taking turns: the same program takes the same steps in every run. Waiting for something drives
// it.

#include <vector>

#include "troupe/schedule/driven.hpp"

namespace troupe::inline TROUPE_ABI {
namespace detail {

/// One queue per virtual worker; the next worker with something to do is next.
class round_robin_order {
public:
    static constexpr unsigned turn_messages = 1;

    explicit round_robin_order(unsigned workers) : queues_(workers) {}

    void push(int worker, runnable& r) noexcept {
        // From outside: to each worker in turn.
        if (worker < 0) worker = static_cast<int>(outside_++ % queues_.size());
        queues_[static_cast<std::size_t>(worker)].push(r);
    }
    runnable* pop(unsigned& worker) noexcept {
        for (std::size_t i = 0; i < queues_.size(); ++i) {
            worker = static_cast<unsigned>(next_++ % queues_.size());
            if (runnable* const r = queues_[worker].pop()) return r;
        }
        return nullptr;
    }

private:
    std::vector<ready_list> queues_;
    std::size_t             next_ = 0;
    std::size_t             outside_ = 0;
};

}  // namespace detail

/// For tests: deterministic, single-threaded, four virtual workers unless told otherwise.
struct simulated_scheduler {
    static constexpr bool     driven = true;
    static constexpr unsigned workers_min = 1;
    static constexpr unsigned workers_max = 256;
    static unsigned           workers_default() noexcept { return 4; }
    template <class Host>
    using engine = detail::driven_engine<Host, detail::round_robin_order>;
};

}  // namespace troupe::inline TROUPE_ABI
