// SPDX-License-Identifier: BSL-1.0
#include "troupe/supervision/lifetime.hpp"

#include "support/catch.hpp"

namespace test_lifetime {

using troupe::permanent;
using troupe::temporary;
using troupe::transient;
using troupe::detail::lifetime;
using troupe::detail::lifetime_among;
using troupe::detail::lifetime_policy;

struct a_mailbox {};
struct another {
    static constexpr int kind = 3;
};

TEST_CASE("the three lifetimes are policies, and nothing else is") {
    STATIC_REQUIRE(lifetime_policy<permanent>);
    STATIC_REQUIRE(lifetime_policy<transient>);
    STATIC_REQUIRE(lifetime_policy<temporary>);
    STATIC_REQUIRE_FALSE(lifetime_policy<a_mailbox>);
    STATIC_REQUIRE_FALSE(lifetime_policy<another>);
    STATIC_REQUIRE_FALSE(lifetime_policy<int>);
}

TEST_CASE("the lifetime among other policies is found wherever it stands") {
    constexpr auto otherwise = lifetime::transient;
    STATIC_REQUIRE(lifetime_among<otherwise> == lifetime::transient);
    STATIC_REQUIRE(lifetime_among<lifetime::permanent> == lifetime::permanent);
    STATIC_REQUIRE(lifetime_among<otherwise, a_mailbox> == lifetime::transient);
    STATIC_REQUIRE(lifetime_among<otherwise, temporary> == lifetime::temporary);
    STATIC_REQUIRE(lifetime_among<otherwise, a_mailbox, permanent> == lifetime::permanent);
    STATIC_REQUIRE(lifetime_among<otherwise, temporary, a_mailbox> == lifetime::temporary);
    STATIC_REQUIRE(lifetime_among<lifetime::permanent, transient> == lifetime::transient);
}

TEST_CASE("a lifetime has a word") {
    STATIC_REQUIRE(to_string(lifetime::permanent) == "permanent");
    STATIC_REQUIRE(to_string(lifetime::transient) == "transient");
    STATIC_REQUIRE(to_string(lifetime::temporary) == "temporary");
    STATIC_REQUIRE(to_string(static_cast<lifetime>(99)) == "?");
}

}  // namespace test_lifetime
