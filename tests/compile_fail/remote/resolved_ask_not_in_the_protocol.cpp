// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the actor does not accept this message
// EXPECT: protocol<void ?\(deposit\)>
#include <troupe/remote.hpp>
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};
struct balance {};
struct account {
    using protocol = troupe::protocol<void(deposit)>;
};

void misuse(troupe::node<troupe::loopback_transport>& node) {
    auto const far = node.resolve<account>("loopback://bank", "account");
    static_cast<void>(far.ask(balance{}).get());
}
