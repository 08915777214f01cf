// SPDX-License-Identifier: BSL-1.0
// As a child of an actor.
// EXPECT: error: .*troupe: the actor has no public constructor for these arguments of spawn
// EXPECT: account
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    explicit account(int) {}
    void on(deposit) {}
};

class bank {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void started(troupe::context<bank>& self) { first_ = self.spawn<account>(); }
    void on(deposit) {}

private:
    troupe::ref<account> first_;
};
