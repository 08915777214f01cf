// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the destructor of a message must not throw
// EXPECT: letter
#include <troupe/troupe.hpp>

struct letter {
    ~letter() noexcept(false) {}
};

using reader = troupe::protocol<void(letter)>;

void misuse(troupe::ref<reader> to) { to.send(letter{}); }
