// SPDX-License-Identifier: BSL-1.0
// A configuration that is written from nothing.
// EXPECT: error: .*troupe: derive the configuration of a system from troupe::defaults
// EXPECT: config
#include <troupe/troupe.hpp>

struct config {
    using pool_type = troupe::heap_pool;
};

void misuse() { troupe::basic_system<config> system; }
