// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the mailbox_type of the system is not a mailbox
#include <troupe/troupe.hpp>

struct strict : troupe::defaults {
    using mailbox_type = troupe::heap_pool;
};

void misuse() { troupe::basic_system<strict> system; }
