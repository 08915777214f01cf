// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: spawn was given several lifetimes; an actor has one
// EXPECT: temporary.*permanent
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit) {}
};

void misuse(troupe::system& system) {
    system.spawn<account, troupe::temporary, troupe::bounded_mailbox<8>, troupe::permanent>();
}
