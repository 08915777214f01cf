// SPDX-License-Identifier: BSL-1.0
// Said when the system is made, before any actor is spawned.
// EXPECT: error: .*troupe: the mailbox_type of a system must not refuse
#include <troupe/troupe.hpp>

struct strict : troupe::defaults {
    using mailbox_type = troupe::bounded_mailbox<8, troupe::overflow::fail>;
};

void misuse() { troupe::basic_system<strict> system; }
