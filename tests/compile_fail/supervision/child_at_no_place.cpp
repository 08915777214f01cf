// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the actor declares fewer children than that; their places count from 0
// EXPECT: bank, 2(UL)?, 2
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class teller {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit) {}
};
class ledger : public teller {};

class bank {
public:
    using protocol = troupe::protocol<void(deposit)>;
    using children =
        troupe::children<troupe::child<teller>, troupe::child<teller, troupe::temporary>>;
    void on(deposit d, troupe::context<bank>& self) { self.child<2>().send(d); }
};
