// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: give one message, or name it to build it in place
// EXPECT: send<Message>\(arguments
#include <troupe/troupe.hpp>

struct transfer {
    int from;
    int cents;
};

using bank = troupe::protocol<bool(transfer)>;

void misuse(troupe::ref<bank> b) { b.send(1, 200); }
