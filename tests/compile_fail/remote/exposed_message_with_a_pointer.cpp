// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a pointer means nothing on the other side
// EXPECT: deposit
// EXPECT: note
#include <troupe/remote.hpp>
#include <troupe/troupe.hpp>

struct deposit {
    int         cents;
    char const* note;
};
struct account {
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit) {}
};

void misuse(troupe::node<troupe::loopback_transport>& node, troupe::ref<account> who) {
    node.expose("account", who);
}
