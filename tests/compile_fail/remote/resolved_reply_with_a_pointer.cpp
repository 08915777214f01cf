// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a pointer means nothing on the other side
// EXPECT: statement
#include <troupe/remote.hpp>
#include <troupe/troupe.hpp>

struct statement {
    int         cents;
    char const* text;
};
struct balance {};
struct account {
    using protocol = troupe::protocol<statement(balance)>;
};

void misuse(troupe::node<troupe::loopback_transport>& node) {
    static_cast<void>(node.resolve<account>("loopback://bank", "account"));
}
