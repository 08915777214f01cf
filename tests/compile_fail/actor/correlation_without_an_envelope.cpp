// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the actor's messages do not say to what they belong; add `using envelope_type
// EXPECT: account
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit, troupe::context<account>& self) { last_ = self.correlation(); }

private:
    troupe::correlation_id last_;
};

int main() {
    troupe::system system;
    system.spawn<account>();
}
