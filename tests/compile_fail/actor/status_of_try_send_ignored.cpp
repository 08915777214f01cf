// SPDX-License-Identifier: BSL-1.0
// FLAGS: -Werror
// EXPECT: error: ignoring return.*troupe: the message may have been refused; look at the status
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit) {}
};

void misuse(troupe::ref<account> alice) { alice.try_send(deposit{1}); }
