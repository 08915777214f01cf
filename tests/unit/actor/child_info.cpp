// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/child_info.hpp"

#include "support/systems.hpp"

#include <type_traits>

namespace test_child_info {

using troupe::child_info;
using troupe_test::fixture;
using troupe_test::run_loop;

struct ping {};
class teller {
public:
    using protocol = troupe::protocol<void(ping)>;
    void on(ping) {}
};
class senior : public teller {};
class strict : public teller {
public:
    using mailbox_type = troupe::bounded_mailbox<1, troupe::overflow::fail>;
};

child_info about(troupe::any_ref who) { return {who, "teller", {}, 1, false}; }

TEST_CASE("a strategy can ask of which class a child is") {
    fixture<run_loop> f;
    auto const        t = f.system.spawn<teller>();
    auto const        s = f.system.spawn<senior>();
    CHECK(about(t).is<teller>());
    CHECK_FALSE(about(t).is<senior>());
    CHECK(about(s).is<senior>());
    CHECK_FALSE(about(s).is<teller>());
    CHECK_FALSE(about({}).is<teller>());
}

TEST_CASE("what a child's mailbox does when it is full is no part of its class") {
    fixture<run_loop> f;
    auto const        s = f.system.spawn<strict>();
    auto const t = f.system.spawn<teller, troupe::bounded_mailbox<1, troupe::overflow::fail>>();
    CHECK(about(s).is<strict>());
    CHECK(about(t).is<teller>());
}

TEST_CASE("a child that is told to stop still has its class") {
    fixture<run_loop> f;
    auto const        t = f.system.spawn<teller>();
    child_info const  info = about(t);
    f.system.stop(t);
    CHECK(info.is<teller>());
}

// What `chosen` is given can be written down as in the guide.
struct branch {
    static constexpr auto supervision =
        troupe::chosen{.affects = [](troupe::failure const&, child_info const& c) {
            return c.is<teller>() && !c.failed && c.number > 1 && c.name.empty();
        }};
};
static_assert(troupe::detail::supervision_is_right<branch>);
static_assert(std::is_aggregate_v<child_info>);

}  // namespace test_child_info
