// SPDX-License-Identifier: BSL-1.0
// EXPECT: a_key_is_segments_of_letters_digits_dots_dashes_and_underscores
#include <troupe/remote.hpp>
#include <troupe/troupe.hpp>

struct deposit {};
struct account {
    using protocol = troupe::protocol<void(deposit)>;
};

inline constexpr troupe::actor_key<account> key{"the account"};
