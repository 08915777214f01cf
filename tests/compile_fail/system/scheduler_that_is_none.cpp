// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the scheduler_type of the system is no scheduler
// EXPECT: chaos
#include <troupe/troupe.hpp>

struct chaos {};

struct config : troupe::defaults {
    using scheduler_type = chaos;
};

void misuse() { troupe::basic_system<config> system; }
