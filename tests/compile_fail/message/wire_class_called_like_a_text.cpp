// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: two types in this protocol have the same name on the wire
#include <string>

#include "troupe/message/fingerprint.hpp"

struct text {
    int size;
};
struct letter {
    std::string from;
    text        body;
};

constexpr auto misuse = troupe::protocol_fingerprint<troupe::protocol<void(letter)>>;
