// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the actor has no handler for a message of its protocol
// EXPECT: actor_has_handler_for<account, bool ?\(withdraw\)>
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};
struct withdraw {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit), bool(withdraw)>;
    void on(deposit) {}
};

void misuse(troupe::system& system) { system.spawn<account>(); }
