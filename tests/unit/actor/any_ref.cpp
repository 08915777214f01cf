// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/any_ref.hpp"

#include "support/systems.hpp"

#include <cstdint>
#include <stdexcept>
#include <type_traits>
#include <unordered_set>
#include <vector>

namespace test_any_ref {

using troupe::any_ref;
using troupe_test::fixture;
using troupe_test::run_loop;
using troupe_test::simulated;
using troupe_test::two_workers;

struct hello {
    int n;
};
struct welcome {
    int n;
};
struct begin {};
struct tick {};
struct whom {};
struct count {};

/// Answers whoever greets it, without being told whom.
class host {
public:
    using protocol =
        troupe::protocol<void(hello), int(whom), void(begin), void(tick), any_ref(count)>;
    using envelope_type = troupe::with_sender;
    void on(hello h, troupe::context<host>& self) {
        last_ = self.sender();
        last_.as<troupe::protocol<void(welcome)>>().send(welcome{h.n});
    }
    int  on(whom, troupe::context<host>& self) { return self.sender() ? 1 : 0; }
    void on(begin, troupe::context<host>& self) {
        using namespace std::chrono_literals;
        static_cast<void>(self.after(1ns, tick{}));
        static_cast<void>(self.every(1ns, tick{}));
    }
    void on(tick, troupe::context<host>& self) {
        if (self.sender() != self.ref()) ++strangers_;
        last_ = self.sender();
    }
    any_ref on(count) const { return strangers_ == 0 ? last_ : any_ref{}; }

private:
    any_ref last_;
    int     strangers_ = 0;
};

class visitor {
public:
    using protocol = troupe::protocol<void(begin), void(welcome), int(count), int(whom)>;
    explicit visitor(troupe::ref<host> to) : to_(to) {}
    void on(begin) {
        for (int i = 0; i < 10; ++i) to_.send(hello{i});
    }
    void              on(welcome w) { sum_ += w.n; }
    int               on(count) const { return sum_; }
    troupe::task<int> on(whom) { co_return co_await to_.ask<whom>(); }

private:
    troupe::ref<host> to_;
    int               sum_ = 0;
};

TEMPLATE_TEST_CASE("an actor answers who has sent to it, without having been told", "",
                   TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        h = f.system.template spawn<host>();
    auto const        v = f.system.template spawn<visitor>(h);
    v.send(begin{});
    f.settle();
    CHECK(v.ask(count{}).get() == 45);
    CHECK(h.ask(count{}).get() == any_ref{v});
    CHECK(v.ask(whom{}).get() == 1);  // asked by an actor
    CHECK(h.ask(whom{}).get() == 0);  // asked by a thread
    h.send(hello{1});                 // sent by a thread: the answer finds nobody
    f.settle();
    CHECK(!h.ask(count{}).get());
}

TEST_CASE("the sender of a timer's message is the actor itself, for each tick") {
    fixture<troupe_test::run_loop_by_hand> f;
    auto const                             h = f.system.spawn<host>();
    h.send(begin{});
    f.settle();
    for (int i = 0; i < 5; ++i) {
        f.clock.advance(std::chrono::nanoseconds{1});
        f.settle();
    }
    CHECK(h.ask(count{}).get() == any_ref{h});
    f.system.stop(h);
}

TEST_CASE("a sender of another system is known, and answered there") {
    fixture<two_workers> near;
    fixture<two_workers> far;
    auto const           h = near.system.spawn<host>();
    auto const           v = far.system.spawn<visitor>(h);
    v.ask(begin{}).get();
    near.settle();
    far.settle();
    CHECK(v.ask(count{}).get() == 45);
}

TEST_CASE("a sender that has ended is no typed reference, and is told apart from its successor") {
    fixture<run_loop> f;
    auto const        h = f.system.spawn<host>();
    auto const        v = f.system.spawn<visitor>(h);
    f.settle();
    v.send(begin{});
    CHECK(f.system.poll_one());  // the sender has run, the host has not
    any_ref const gone = v;
    f.system.stop(v);
    auto const books = f.settle();
    CHECK(books.dropped_by(troupe::drop_cause::dead) == 10);
    CHECK(h.ask(count{}).get() == gone);
    CHECK_FALSE(gone.as<visitor>());
    for (int i = 0; i < 100; ++i) {  // one of these has its cell
        auto const next = f.system.spawn<visitor>(h);
        if (any_ref{next} == gone) FAIL("a successor passed for its predecessor");
        f.system.stop(next);
        f.settle();
    }
    CHECK_FALSE(gone.as<visitor>());
}

/// Its destructor says good bye.
class last_words {
public:
    using protocol = troupe::protocol<void(begin)>;
    explicit last_words(troupe::ref<host> to) : to_(to) { to_.send(hello{1}); }
    ~last_words() { to_.send(hello{2}); }
    void on(begin) {}
    void started() { to_.send(hello{3}); }

private:
    troupe::ref<host> to_;
};

TEST_CASE("what an actor sends has a sender, from its constructor to its destructor") {
    fixture<run_loop> f;
    auto const        h = f.system.spawn<host>();
    auto const        l = f.system.spawn<last_words>(h);
    f.settle();
    CHECK(h.ask(count{}).get() == any_ref{l});
    f.system.stop(l);
    f.settle();
    CHECK(h.ask(count{}).get() == any_ref{l});
}

// ---- references without a type

class strict {
public:
    using protocol = troupe::protocol<void(hello), int(count)>;
    using mailbox_type = troupe::bounded_mailbox<2, troupe::overflow::fail>;
    void on(hello) {}
    int  on(count) const { return 1; }
};

TEST_CASE("as gives a typed reference where the actor agrees, and null everywhere else") {
    fixture<run_loop> f;
    auto const        h = f.system.spawn<host>();
    any_ref const     a = h;
    CHECK(a.as<host>() == h);
    CHECK(a.as<troupe::protocol<void(hello)>>().identity() == h.identity());
    CHECK(a.as<troupe::protocol<>>());
    CHECK_FALSE(a.as<visitor>());
    CHECK_FALSE(a.as<troupe::protocol<int(hello)>>());                    // another reply
    CHECK_FALSE((a.as<troupe::protocol<void(hello), void(welcome)>>()));  // one too many
    CHECK_FALSE(any_ref{}.as<host>());
    SECTION("who may refuse is not given out as one who does not") {
        any_ref const s = f.system.spawn<strict>();
        CHECK(s.as<strict>());
        CHECK_FALSE(s.as<troupe::protocol<void(hello)>>());
        CHECK(s.as<troupe::protocol<void(hello)>, troupe::refusable>());
    }
    SECTION("after its system has ended") {
        f.end();
        CHECK_FALSE(a.as<host>());
    }
}

TEST_CASE("untyped references are values: sixteen bytes, ordered, hashed") {
    STATIC_REQUIRE(sizeof(any_ref) == 16);
    STATIC_REQUIRE(std::is_trivially_copyable_v<any_ref>);
    fixture<run_loop>    f;
    std::vector<any_ref> all;
    for (int i = 0; i < 10; ++i) all.push_back(f.system.spawn<strict>());
    for (std::size_t i = 1; i < all.size(); ++i) CHECK(all[i - 1] < all[i]);
    std::unordered_set<any_ref> const set{all.begin(), all.end()};
    CHECK(set.size() == 10);
    CHECK(set.count(all[3]) == 1);
    CHECK(any_ref{} < all[0]);
}

// ---- the price

struct large {
    char bytes[100];
};
class plain {
public:
    using protocol = troupe::protocol<void(large)>;
    void on(large) {}
};

TEST_CASE("messages to actors that do not ask for the sender carry none") {
    STATIC_REQUIRE(troupe::detail::info_of<large>.prefix == 0);
    STATIC_REQUIRE(troupe::detail::info_with_envelope<large>.prefix == 32);
    STATIC_REQUIRE_FALSE(troupe::detail::ops_of<plain, troupe::unbounded_mailbox>.sender);
    STATIC_REQUIRE(troupe::detail::ops_of<host, troupe::unbounded_mailbox>.sender);
}

struct fragile {
    explicit fragile(bool breaks) {
        if (breaks) throw std::runtime_error{"broken"};
    }
};
class careful {
public:
    using protocol = troupe::protocol<void(fragile)>;
    using envelope_type = troupe::with_sender;
    void on(fragile const&) {}
};

TEST_CASE("a message with an envelope that cannot be built leaves nothing behind") {
    fixture<run_loop> f;
    auto const        c = f.system.spawn<careful>();
    CHECK_THROWS_AS(c.send<fragile>(true), std::runtime_error);
    c.send<fragile>(false);
    f.settle();
}

}  // namespace test_any_ref
