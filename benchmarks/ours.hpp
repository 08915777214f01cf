// SPDX-License-Identifier: BSL-1.0
#pragma once

// The systems our benchmarks run on.

#include <string>

#include "config.hpp"
#include "troupe/testing.hpp"

namespace troupe_bench {

/// Workers with threads.
struct stealing : troupe::defaults {
    using log_type = troupe::null_log;
};
struct stealing_heap : stealing {
    using pool_type = troupe::heap_pool;
};
struct stealing_fixed : stealing {
    using pool_type = troupe::fixed_pool<std::size_t{1} << 30>;
};
/// The benchmark's own thread runs the actors.
struct run_loop : stealing {
    using scheduler_type = troupe::run_loop_scheduler;
};

using unbounded = troupe::unbounded_mailbox;
using bounded = troupe::bounded_mailbox<1024, troupe::overflow::block>;

template <class Config>
troupe::options<Config> with_workers(unsigned workers) {
    troupe::options<Config> options;
    options.workers = workers;
    return options;
}

/// Calls `add.operator()<Config>(peer, workers)` for each configuration that takes part everywhere.
template <class Add>
void with_every_scheduler(Add add) {
    add.template operator()<stealing>("stealing_1", 1u);
    add.template operator()<stealing>("stealing_2", 2u);
    add.template operator()<run_loop>("run_loop", 1u);
}

}  // namespace troupe_bench
