// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the actor's `envelope_type` is no envelope
// EXPECT: account
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    using envelope_type = deposit;
    void on(deposit) {}
};

int main() {
    troupe::system system;
    system.spawn<account>();
}
