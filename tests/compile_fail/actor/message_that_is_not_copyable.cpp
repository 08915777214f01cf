// SPDX-License-Identifier: BSL-1.0
// A message that can only be moved is given as an lvalue.
// EXPECT: error: .*troupe: the message cannot be built from these arguments
// EXPECT: letter
#include <troupe/troupe.hpp>

#include <memory>

struct letter {
    std::unique_ptr<int> content;
};

using reader = troupe::protocol<void(letter)>;

void misuse(troupe::ref<reader> to, letter const& l) { to.send(l); }
