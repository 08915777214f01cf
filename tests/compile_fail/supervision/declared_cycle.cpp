// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the declared children come back to an actor above them
// EXPECT: bank, .*branch, .*bank
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class branch;

class bank {
public:
    using protocol = troupe::protocol<void(deposit)>;
    using children = troupe::children<troupe::child<branch>>;
    void on(deposit) {}
};

class branch {
public:
    using protocol = troupe::protocol<void(deposit)>;
    using children = troupe::children<troupe::child<bank>>;
    void on(deposit) {}
};

void misuse(troupe::system& system) { system.spawn<bank>(); }
