// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a reference to an actor
// EXPECT: deposit
// EXPECT: receipts
#include <troupe/remote.hpp>
#include <troupe/troupe.hpp>

struct booked {};
struct clerk {
    using protocol = troupe::protocol<void(booked)>;
};
struct deposit {
    int                cents;
    troupe::ref<clerk> receipts;
};
struct account {
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit) {}
};

void misuse(troupe::node<troupe::loopback_transport>& node, troupe::ref<account> who) {
    node.expose("account", who);
}
