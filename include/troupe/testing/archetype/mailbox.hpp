// SPDX-License-Identifier: BSL-1.0
#pragma once

// A mailbox that says what a mailbox must and nothing more: code that compiles with it asks for no
// more.

#include "troupe/mailbox/policies.hpp"

namespace troupe::inline TROUPE_ABI {

class mailbox_archetype {
public:
    static constexpr std::uint32_t capacity = 5;
    static constexpr std::uint32_t low_water = 1;
    using overflow_type = overflow::block;

    mailbox_archetype() = delete;  // nobody makes an object of a mailbox
    ~mailbox_archetype() = delete;
};

static_assert(mailbox<mailbox_archetype>);

}  // namespace troupe::inline TROUPE_ABI
