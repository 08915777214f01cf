// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a scheduler needs of a system, and no more: for tests that drive a scheduler without actors.

#include "troupe/base/time.hpp"
#include "troupe/os/parker.hpp"
#include "troupe/schedule/runnable.hpp"

#include <atomic>
#include <functional>

namespace troupe_test {

struct job : troupe::detail::runnable {
    std::atomic<int> turns{0};
    int              state = 0;  // plain: who holds the run right may touch it
};

struct schedule_host {
    std::function<bool(unsigned worker, job&)> on_turn = [](unsigned, job&) { return false; };
    std::function<bool(unsigned worker)>       on_timers = [](unsigned) { return false; };
    std::atomic<std::int64_t>                  deadline{INT64_MAX};
    std::atomic<std::int64_t>                  time{0};
    std::atomic<int>                           holders{0};
    std::atomic<int>                           inside{0};

    void hold() noexcept { ++holders; }
    void release() noexcept { --holders; }
    int  enter(unsigned) noexcept {
        ++inside;
        return 7;
    }
    void leave(int before) noexcept {
        if (before == 7) --inside;
    }
    bool turn(unsigned worker, troupe::detail::runnable& r, unsigned) noexcept {
        auto& j = static_cast<job&>(r);
        ++j.state;
        bool const again = on_turn(worker, j);
        ++j.turns;
        return again;
    }
    bool               run_due_timers(unsigned worker) noexcept { return on_timers(worker); }
    troupe::time_point now() const noexcept { return {time.load()}; }
    troupe::time_point next_deadline() noexcept { return {deadline.load()}; }
    troupe::duration   real_time_until(troupe::time_point t) const noexcept {
        return t == troupe::detail::never ? troupe::detail::parker::forever : t - now();
    }
};

}  // namespace troupe_test
