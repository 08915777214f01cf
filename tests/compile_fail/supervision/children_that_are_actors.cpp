// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the `children` of an actor are a list of types: `using children = troupe::children<troupe::child<Actor
// EXPECT: bank.*children<.*teller
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class teller {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit) {}
};

class bank {
public:
    using protocol = troupe::protocol<void(deposit)>;
    using children = troupe::children<teller>;
    void on(deposit) {}
};

void misuse(troupe::system& system) { system.spawn<bank>(); }
