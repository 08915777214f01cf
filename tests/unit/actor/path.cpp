// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/path.hpp"

#include "support/systems.hpp"

#include <atomic>
#include <string>
#include <string_view>

namespace test_path {

using namespace troupe_test;
using troupe::any_ref;
using troupe::name;
using troupe::detail::cell;
using troupe::detail::core;
using troupe::detail::path_from_outside;
using troupe::detail::path_max;
using troupe::detail::ref_access;

struct spawn_named {
    std::string as;
};
struct spawn_unnamed {};
struct note {};

class node {
public:
    using protocol = troupe::protocol<troupe::ref<node>(spawn_named),
                                      troupe::ref<node>(spawn_unnamed), void(note)>;
    troupe::ref<node> on(spawn_named const& m, troupe::context<node>& self) {
        return self.spawn<node>(name{m.as});
    }
    troupe::ref<node> on(spawn_unnamed, troupe::context<node>& self) { return self.spawn<node>(); }
    void              on(note) {}
};

template <class System, class Message>
troupe::ref<node> child(System& system, troupe::ref<node> const& of, Message m) {
    auto asked = of.ask(m);
    asked.start();
    system.wait_idle();
    return asked.get();
}

std::string path_of(any_ref const& r) {
    cell& c = *ref_access::cell_of(r);
    core& home = *c.door.load()->inside();
    return std::string{path_from_outside(home, c, r.identity()).view()};
}
std::string numbered(any_ref const& r) {
    return "node#" + std::to_string(r.identity() & 0xffff'ffff);
}

TEMPLATE_TEST_CASE("anybody sees where a living actor stands, named or not", "",
                   TROUPE_TEST_KINDS) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<node>(name{"bank"});
    auto const        b = child(f.system, a, spawn_unnamed{});
    auto const        c = child(f.system, b, spawn_named{"teller"});
    auto const        d = f.system.template spawn<node>();
    CHECK(path_of(a) == "bank");
    CHECK(path_of(b) == "bank/" + numbered(b));
    CHECK(path_of(c) == "bank/" + numbered(b) + "/teller");
    CHECK(path_of(d) == numbered(d));
    f.system.stop(b);
    f.settle();
    CHECK(path_of(c).empty());
    CHECK(path_of(b).empty());
    CHECK(path_of(a) == "bank");
}

TEST_CASE("a path that is too long is cut in front") {
    fixture<run_loop> f;
    auto const        a = f.system.spawn<node>(name{std::string(40, 'a')});
    auto const        b = child(f.system, a, spawn_named{std::string(40, 'b')});
    std::string const path = path_of(b);
    CHECK(path.size() == path_max);
    CHECK(path.starts_with("...aaa"));
    CHECK(path.ends_with("/" + std::string(40, 'b')));
    auto const c = child(f.system, b, spawn_named{std::string(200, 'c')});
    CHECK(path_of(c) == "..." + std::string(path_max - 3, 'c'));
}

TEST_CASE("while actors end a path is right or empty") {
    fixture<two_workers> f;
    auto const           parent = f.system.spawn<node>(name{"parent"});
    std::atomic<bool>    wrong{false};
    for (int round = 0; round < 200; ++round) {
        auto const r = child(f.system, parent, spawn_named{"child"});
        REQUIRE(path_of(r) == "parent/child");
        f.on_threads(2, [&](unsigned index) {
            if (index == 0) {
                f.system.stop(r);
                return;
            }
            std::string const path = path_of(r);
            // A name that is gone is not shown: the actor is about to be.
            if (!path.empty() && path != "parent/child" && path != "parent/" + numbered(r)) {
                wrong = true;
            }
        });
        f.system.wait_idle();
    }
    CHECK_FALSE(wrong.load());
}

// ---- what the log says of dead letters

struct kept : troupe::defaults {
    using scheduler_type = troupe::run_loop_scheduler;
    using log_type = troupe::memory_log;
    using mailbox_type = troupe::bounded_mailbox<1, troupe::overflow::drop_newest>;
};

TEST_CASE("a dead letter is told with the path of the actor, while that lives") {
    fixture<setup<kept, 1>> f;
    auto const              a = f.system.spawn<node>(name{"bank"});
    static_cast<void>(a.send(note{}));
    static_cast<void>(a.send(note{}));  // one too many
    auto told = f.system.log_sink().last(troupe::log_event::dead_letter);
    REQUIRE(told);
    CHECK(told->detail == "overflow");
    CHECK(told->path == "bank");
    CHECK(told->actor == troupe::type_name<node>());
    CHECK(told->message == troupe::type_name<note>());
    CHECK((*told)["seen"] == "1");
    f.system.stop(a);
    f.settle();
    static_cast<void>(a.send(note{}));
    told = f.system.log_sink().last(troupe::log_event::dead_letter);
    CHECK(told->detail == "dead");
    CHECK(told->path.empty());
    CHECK(told->actor.empty());
}

TEST_CASE("a flood of dead letters is told at the 1st, 2nd, 4th, 8th and so on") {
    fixture<setup<kept, 1>> f;
    auto const              a = f.system.spawn<node>();
    f.system.stop(a);
    f.settle();
    for (int i = 0; i < 1000; ++i) static_cast<void>(a.send(note{}));
    CHECK(f.system.log_sink().count(troupe::log_event::dead_letter) == 10);
    CHECK((*f.system.log_sink().last(troupe::log_event::dead_letter))["seen"] == "512");
}

}  // namespace test_path
