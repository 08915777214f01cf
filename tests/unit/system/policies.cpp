// SPDX-License-Identifier: BSL-1.0
#include "troupe/system/policies.hpp"

#include "support/catch.hpp"

#include <troupe/troupe.hpp>

#include <type_traits>

namespace test_policies {

namespace overflow = troupe::overflow;
using troupe::bounded_mailbox;
using troupe::ref;
using troupe::refusable;
using troupe::sure;
using troupe::unbounded_mailbox;
using troupe::detail::resolved_policies;

struct ping {};
struct silent {
    using protocol = troupe::protocol<void(ping)>;
    void on(ping) {}
};
struct wishes : silent {
    using mailbox_type = bounded_mailbox<16>;
};
struct strict : silent {
    using mailbox_type = bounded_mailbox<16, overflow::fail>;
};

using system_box = bounded_mailbox<99, overflow::drop_oldest>;
using call_box = bounded_mailbox<5, overflow::drop_newest>;
using failing_box = bounded_mailbox<5, overflow::fail>;

template <class Actor, class... Policies>
using mailbox_of = typename resolved_policies<Actor, system_box, Policies...>::mailbox_type;
template <class Actor, class... Policies>
using ref_of = typename resolved_policies<Actor, system_box, Policies...>::ref_type;

TEST_CASE("the call site wins over the actor, the actor over the system") {
    STATIC_REQUIRE(std::is_same_v<mailbox_of<silent>, system_box>);
    STATIC_REQUIRE(std::is_same_v<mailbox_of<wishes>, bounded_mailbox<16>>);
    STATIC_REQUIRE(std::is_same_v<mailbox_of<silent, call_box>, call_box>);
    STATIC_REQUIRE(std::is_same_v<mailbox_of<wishes, call_box>, call_box>);
    STATIC_REQUIRE(std::is_same_v<mailbox_of<strict, unbounded_mailbox>, unbounded_mailbox>);
}

TEST_CASE("a reference says so where the call site has changed whether a send may be refused") {
    // Nothing has changed: what the actor declares is known from its type.
    STATIC_REQUIRE(std::is_same_v<ref_of<silent>, ref<silent>>);
    STATIC_REQUIRE(std::is_same_v<ref_of<strict>, ref<strict>>);
    STATIC_REQUIRE(std::is_same_v<ref_of<wishes, call_box>, ref<wishes>>);
    STATIC_REQUIRE(std::is_same_v<ref_of<strict, failing_box>, ref<strict>>);
    // It has, in one direction or the other.
    STATIC_REQUIRE(std::is_same_v<ref_of<silent, failing_box>, ref<silent, refusable>>);
    STATIC_REQUIRE(std::is_same_v<ref_of<wishes, failing_box>, ref<wishes, refusable>>);
    STATIC_REQUIRE(std::is_same_v<ref_of<strict, call_box>, ref<strict, sure>>);
    STATIC_REQUIRE(std::is_same_v<ref_of<strict, unbounded_mailbox>, ref<strict, sure>>);
}

template <class... Policies>
inline constexpr auto lifetime_of = resolved_policies<silent, system_box, Policies...>::lifetime;

TEST_CASE("a spawned actor is transient unless the call says otherwise") {
    using troupe::detail::lifetime;
    STATIC_REQUIRE(lifetime_of<> == lifetime::transient);
    STATIC_REQUIRE(lifetime_of<call_box> == lifetime::transient);
    STATIC_REQUIRE(lifetime_of<troupe::permanent> == lifetime::permanent);
    STATIC_REQUIRE(lifetime_of<troupe::transient> == lifetime::transient);
    STATIC_REQUIRE(lifetime_of<troupe::temporary> == lifetime::temporary);
}

TEST_CASE("each policy has its slot, wherever it stands") {
    using troupe::temporary;
    using troupe::detail::lifetime;
    STATIC_REQUIRE(std::is_same_v<mailbox_of<wishes, temporary>, bounded_mailbox<16>>);
    STATIC_REQUIRE(std::is_same_v<mailbox_of<silent, temporary>, system_box>);
    STATIC_REQUIRE(std::is_same_v<mailbox_of<wishes, temporary, call_box>, call_box>);
    STATIC_REQUIRE(std::is_same_v<mailbox_of<wishes, call_box, temporary>, call_box>);
    STATIC_REQUIRE(lifetime_of<temporary, call_box> == lifetime::temporary);
    STATIC_REQUIRE(lifetime_of<call_box, temporary> == lifetime::temporary);
    STATIC_REQUIRE(std::is_same_v<ref_of<silent, temporary>, ref<silent>>);
    STATIC_REQUIRE(std::is_same_v<ref_of<silent, temporary, failing_box>, ref<silent, refusable>>);
}

struct of_system : troupe::defaults {
    using log_type = troupe::null_log;
    using scheduler_type = troupe::run_loop_scheduler;
    using mailbox_type = bounded_mailbox<3, overflow::drop_newest>;
};

// The same seen from outside: how many messages there is room for.
template <class Ref>
int room_in(Ref const& r) {
    int n = 0;
    while (r.try_send(ping{}) == troupe::send_status::accepted) ++n;
    return n;
}

struct parent : silent {
    explicit parent(ref<silent>& child) : child_(child) {}
    void         started(troupe::context<parent>& self) { child_ = self.spawn<silent>(); }
    ref<silent>& child_;
};

TEST_CASE("the mailbox that an actor gets is the one that was resolved") {
    troupe::basic_system<of_system> system;
    CHECK(room_in(system.spawn<silent>()) == 3);
    CHECK(room_in(system.spawn<wishes>()) == 16);
    CHECK(room_in(system.spawn<wishes, bounded_mailbox<7>>()) == 7);
    CHECK(room_in(system.spawn<strict, bounded_mailbox<1, overflow::fail>>()) == 1);
    CHECK(room_in(system.spawn<wishes, troupe::temporary>()) == 16);
    CHECK(room_in(system.spawn<wishes, troupe::temporary, bounded_mailbox<7>>()) == 7);
    CHECK(room_in(system.spawn<bounded_mailbox<5>, troupe::temporary>([](ping) {})) == 5);
    CHECK(room_in(system.spawn<troupe::temporary>([](ping) {})) == 3);
    // A child is compiled without knowing the system.
    ref<silent> child;
    system.spawn<parent>(child);
    CHECK(room_in(child) == 1024);
}

}  // namespace test_policies
