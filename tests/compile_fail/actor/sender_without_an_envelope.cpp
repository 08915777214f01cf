// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the actor's messages do not carry their sender; add `using envelope_type
// EXPECT: account
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit, troupe::context<account>& self) { last_ = self.sender(); }

private:
    troupe::any_ref last_;
};
