// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a mailbox of capacity 0 can take no message; the allowed range is 1 to
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    using mailbox_type = troupe::bounded_mailbox<0>;
    void on(deposit) {}
};

void misuse(troupe::system& system) { system.spawn<account>(); }
