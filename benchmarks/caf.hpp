// SPDX-License-Identifier: BSL-1.0
#pragma once

// CAF 0.17, as Debian packages it, for the rivals' files: a system with so many workers, and a
// signal that the last handler gives.

#include <caf/all.hpp>

#include <cstdint>
#include <future>

#include "config.hpp"

namespace troupe_bench {

class caf_system {
public:
    explicit caf_system(unsigned workers) : settings_(workers), system(settings_) {}

private:
    struct settings : caf::actor_system_config {
        explicit settings(unsigned workers) { set("scheduler.max-threads", std::size_t{workers}); }
    };
    settings settings_;

public:
    caf::actor_system system;
};

/// Given once by a handler, awaited by the benchmark.
class finish_line {
public:
    void give() { promise_.set_value(); }
    void wait() { promise_.get_future().wait(); }

private:
    std::promise<void> promise_;
};

/// Calls `add(peer, workers)` for one and two workers.
template <class Add>
void with_caf_workers(Add add) {
    add(std::string{"caf_1"}, 1u);
    add(std::string{"caf_2"}, 2u);
}

}  // namespace troupe_bench
