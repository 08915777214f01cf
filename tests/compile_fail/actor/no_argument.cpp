// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: give one message, or name it to build it in place
#include <troupe/troupe.hpp>

struct ping {};

using echo = troupe::protocol<void(ping)>;

void misuse(troupe::ref<echo> to) { to.send(); }
