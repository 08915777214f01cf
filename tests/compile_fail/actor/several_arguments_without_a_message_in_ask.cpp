// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: give one message, or name it to build it in place
// EXPECT: ask<Message>\(arguments
#include <troupe/troupe.hpp>

struct transfer {
    int from;
    int cents;
};

using bank = troupe::protocol<bool(transfer)>;

bool misuse(troupe::ref<bank> b) { return b.ask(1, 200).get(); }
