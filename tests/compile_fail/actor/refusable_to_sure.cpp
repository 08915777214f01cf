// SPDX-License-Identifier: BSL-1.0
// A spawn has made `send` refusable: the reference that does not tell cannot be made of it.
// EXPECT: error: .*(could not convert|no viable conversion).*refusable.* to .*by_declaration
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit) {}
};

troupe::ref<account> misuse(troupe::system& system) {
    return system.spawn<account, troupe::bounded_mailbox<8, troupe::overflow::fail>>();
}
