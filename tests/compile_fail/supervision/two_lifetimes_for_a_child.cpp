// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: spawn was given several lifetimes; an actor has one
// EXPECT: transient.*permanent
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit) {}
};

class bank {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void started(troupe::context<bank>& self) {
        self.spawn<account, troupe::transient, troupe::permanent>();
    }
    void on(deposit) {}
};
