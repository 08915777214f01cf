// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/linking.hpp"

#include "support/systems.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace test_linking {

using namespace troupe_test;
using troupe::ended_by;
using troupe::failed_in;

struct tie_to {
    troupe::any_ref to;
};
struct untie {
    troupe::any_ref from;
};
struct fall {};
struct leave {};
struct wait {};
struct tries {};

class silent {
public:
    using protocol = troupe::protocol<int(wait)>;
    void on(wait, troupe::reply<int> r) { kept_.push_back(std::move(r)); }

private:
    std::vector<troupe::reply<int>> kept_;
};

class knot {
public:
    using protocol = troupe::protocol<void(tie_to), void(untie), void(fall), void(leave),
                                      void(wait), unsigned(tries)>;
    knot() = default;
    explicit knot(troupe::ref<silent> s, int* refused = nullptr) : silent_(s), refused_(refused) {}
    void on(tie_to t, troupe::context<knot>& self) {
        if (self.link(t.to) != troupe::watch_status::watching && refused_ != nullptr) ++*refused_;
    }
    void           on(untie u, troupe::context<knot>& self) { self.unlink(u.from); }
    void           on(fall) { throw std::runtime_error{"torn"}; }
    void           on(leave, troupe::context<knot>& self) { self.stop(); }
    troupe::task<> on(wait) { static_cast<void>(co_await silent_.ask(wait{})); }
    unsigned       on(tries, troupe::context<knot>& self) { return self.attempt(); }

private:
    troupe::ref<silent> silent_;
    int*                refused_ = nullptr;
};

struct look {
    troupe::any_ref at;
};

/// Remembers how the others end.
class witness {
public:
    using protocol = troupe::protocol<void(look)>;
    witness(std::mutex& lock, std::vector<troupe::terminated>& all) : lock_(lock), all_(all) {}
    void on(look l, troupe::context<witness>& self) { static_cast<void>(self.watch(l.at)); }
    void on(troupe::terminated const& t) {
        std::lock_guard const held{lock_};
        all_.push_back(t);
    }

private:
    std::mutex&                      lock_;
    std::vector<troupe::terminated>& all_;
};

/// A system with a witness.
template <class Setup>
class scene {
public:
    ~scene() { forget(); }
    /// Failures hold their memory, and that of their causes.
    void forget() {
        f.settle();
        all_.clear();
    }
    auto knot_here() {
        auto const k = f.system.template spawn<knot>(silent_);
        witness_.send(look{k});
        f.settle();  // from here on it is watched
        return k;
    }
    /// How it ended; null: it lives.
    troupe::terminated const* end_of(troupe::any_ref who) {
        f.settle();
        for (auto const& t : all_) {
            if (t.who == who) return &t;
        }
        return nullptr;
    }
    bool lives(troupe::any_ref who) { return end_of(who) == nullptr; }
    bool failed_by_link(troupe::any_ref who) {
        auto const* const end = end_of(who);
        return end != nullptr && end->how == ended_by::failure &&
               end->why.where() == failed_in::link;
    }

    void stop_silent() { f.system.stop(silent_); }

private:
    std::mutex                      lock_;
    std::vector<troupe::terminated> all_;

public:
    fixture<Setup> f;

private:
    troupe::ref<witness> witness_ = f.system.template spawn<witness>(lock_, all_);
    troupe::ref<silent>  silent_ = f.system.template spawn<silent>();
};

/// Has a place in the tree, and links, when it fails.
class not_started {
public:
    using protocol = troupe::protocol<>;
    not_started(troupe::any_ref to, bool throws) : to_(to), throws_(throws) {}
    void started(troupe::context<not_started>& self) {
        if (self.link(to_) != troupe::watch_status::watching) return;
        if (throws_) throw std::runtime_error{"too early"};
        self.fail("too early");
    }

private:
    troupe::any_ref to_;
    bool            throws_;
};

TEMPLATE_TEST_CASE("one whose `started` fails has failed, for those it has linked", "",
                   TROUPE_TEST_SCHEDULERS) {
    scene<TestType> s;
    bool const      throws = GENERATE(true, false);
    auto const      a = s.knot_here();
    auto const      born = s.f.system.template try_spawn<not_started>(a, throws);
    REQUIRE_FALSE(born.has_value());
    CHECK(born.error().failure().where() == failed_in::started);
    CHECK(s.failed_by_link(a));
    auto const cause = s.end_of(a)->why.cause();
    CHECK(cause.where() == failed_in::started);
    CHECK(cause.what() == "too early");
}

TEMPLATE_TEST_CASE("one that fails takes the other with it, whoever has linked", "",
                   TROUPE_TEST_SCHEDULERS) {
    scene<TestType> s;
    auto const      a = s.knot_here();
    auto const      b = s.knot_here();
    bool const      forward = GENERATE(true, false);
    int const       times = GENERATE(1, 3);
    for (int i = 0; i < times; ++i) a.send(tie_to{b});
    if (times == 3) b.send(tie_to{a});
    s.f.settle();
    (forward ? a : b).send(fall{});
    auto const* const first = s.end_of(forward ? a : b);
    auto const* const second = s.end_of(forward ? b : a);
    REQUIRE(first != nullptr);
    REQUIRE(second != nullptr);
    CHECK(first->why.where() == failed_in::handler);
    CHECK(second->how == ended_by::failure);
    CHECK(second->why.where() == failed_in::link);
    CHECK(second->why.cause().what() == "torn");
    CHECK(second->why.cause().who() == first->who);
}

TEMPLATE_TEST_CASE("a stop and an exit end the link, and nothing more", "",
                   TROUPE_TEST_SCHEDULERS) {
    scene<TestType> s;
    auto const      a = s.knot_here();
    auto const      b = s.knot_here();
    a.send(tie_to{b});
    s.f.settle();
    if (GENERATE(true, false)) s.f.system.stop(a);
    else a.send(leave{});
    CHECK_FALSE(s.lives(a));
    CHECK(s.lives(b));
    b.send(fall{});
    CHECK_FALSE(s.lives(b));
}

TEMPLATE_TEST_CASE("who links to one that is gone fails", "", TROUPE_TEST_SCHEDULERS) {
    scene<TestType> s;
    auto const      a = s.knot_here();
    troupe::any_ref to;
    SECTION("nobody") {}
    SECTION("ended") {
        auto const b = s.knot_here();
        s.f.system.stop(b);
        s.f.settle();
        to = b;
    }
    SECTION("of a system that has ended") {
        scene<TestType> other;
        to = other.knot_here();
    }
    a.send(tie_to{to});
    CHECK(s.failed_by_link(a));
    CHECK_FALSE(s.end_of(a)->why.cause());
}

TEMPLATE_TEST_CASE("to itself one is linked anyway", "", TROUPE_TEST_SCHEDULERS) {
    scene<TestType> s;
    auto const      a = s.knot_here();
    a.send(tie_to{a});
    CHECK(s.lives(a));
    a.send(fall{});
    CHECK(s.end_of(a)->why.where() == failed_in::handler);
}

TEMPLATE_TEST_CASE("either of the two may end the link", "", TROUPE_TEST_SCHEDULERS) {
    scene<TestType> s;
    auto const      a = s.knot_here();
    auto const      b = s.knot_here();
    a.send(tie_to{b});
    s.f.settle();
    b.send(tie_to{a});
    s.f.settle();
    if (GENERATE(true, false)) a.send(untie{b});
    else b.send(untie{a});
    s.f.settle();
    a.send(fall{});
    CHECK_FALSE(s.lives(a));
    CHECK(s.lives(b));
    b.send(untie{a});
    b.send(untie{troupe::any_ref{}});
    CHECK(s.lives(b));
}

TEMPLATE_TEST_CASE("a failure goes along a chain and around a ring, once through each", "",
                   TROUPE_TEST_SCHEDULERS) {
    scene<TestType>                s;
    std::vector<troupe::ref<knot>> all;
    for (int i = 0; i < 100; ++i) all.push_back(s.knot_here());
    for (std::size_t i = 1; i < all.size(); ++i) all[i].send(tie_to{all[i - 1]});
    if (GENERATE(true, false)) all.front().send(tie_to{all.back()});
    auto const apart = s.knot_here();
    s.f.settle();
    all[50].send(fall{});
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i == 50) CHECK(s.end_of(all[i])->why.where() == failed_in::handler);
        else CHECK(s.failed_by_link(all[i]));
    }
    CHECK(s.lives(apart));
    CHECK(s.f.settle().failed == 1);
}

TEMPLATE_TEST_CASE("a star of many is taken down by its middle", "", TROUPE_TEST_SCHEDULERS) {
    scene<TestType>                s;
    auto const                     middle = s.knot_here();
    std::vector<troupe::ref<knot>> all;
    for (int i = 0; i < 300; ++i) {
        all.push_back(s.knot_here());
        all.back().send(tie_to{middle});
    }
    s.f.settle();
    middle.send(fall{});
    s.f.settle();
    for (auto const& k : all) CHECK(s.failed_by_link(k));
}

TEMPLATE_TEST_CASE("a handler that is suspended is cut by a link", "", TROUPE_TEST_SCHEDULERS) {
    scene<TestType> s;
    auto const      a = s.knot_here();
    auto const      b = s.knot_here();
    a.send(tie_to{b});
    a.send(wait{});
    s.f.settle();
    b.send(fall{});
    CHECK(s.failed_by_link(a));
    s.stop_silent();
}

TEMPLATE_TEST_CASE("actors of two systems are linked as well", "", TROUPE_TEST_KINDS) {
    scene<TestType> near;
    auto const      stays = near.knot_here();
    auto const      falls = near.knot_here();
    auto const      cuts = near.knot_here();
    {
        scene<TestType> far;
        auto const      a = far.knot_here();
        auto const      b = far.knot_here();
        auto const      c = far.knot_here();
        stays.send(tie_to{a});
        b.send(tie_to{falls});
        cuts.send(tie_to{c});
        near.f.settle();
        far.f.settle();
        b.send(fall{});
        CHECK_FALSE(far.lives(b));
        CHECK(near.failed_by_link(falls));
        c.send(untie{cuts});
        far.f.settle();
        c.send(fall{});
        CHECK_FALSE(far.lives(c));
        CHECK(near.lives(cuts));
        near.forget();
    }
    CHECK(near.lives(stays));  // a shutdown is no failure
    scene<TestType> far;
    auto const      a = far.knot_here();
    a.send(tie_to{stays});
    far.f.settle();
    stays.send(fall{});
    CHECK_FALSE(near.lives(stays));
    CHECK(far.failed_by_link(a));
}

// ---- restarts

struct child {
    int which;
};
class boss {
public:
    using protocol = troupe::protocol<troupe::ref<knot>(child)>;
    static constexpr auto supervision = troupe::one_for_one{.max_restarts = 10};
    explicit boss(troupe::ref<silent> s) : silent_(s) {}
    void started(troupe::context<boss>& self) {
        for (auto& c : children_) c = self.spawn<knot>(silent_);
    }
    troupe::ref<knot> on(child c) { return children_[c.which]; }
    troupe::verdict   on_failure(troupe::failure const& f) {
        return f.where() == failed_in::budget ? troupe::verdict::stop : troupe::verdict::restart;
    }

private:
    troupe::ref<silent> silent_;
    troupe::ref<knot>   children_[2];
};

template <class System, class Message>
auto ask_now(System& system, auto const& whom, Message m) {
    auto answer = whom.ask(m);
    answer.start();
    system.wait_idle();
    return std::move(answer).get();
}

TEMPLATE_TEST_CASE("a link survives the restart of both", "", TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        s = f.system.template spawn<silent>();
    auto const        b = f.system.template spawn<boss>(s);
    auto const        x = ask_now(f.system, b, child{0});
    auto const        y = ask_now(f.system, b, child{1});
    auto const        lone = f.system.template spawn<knot>(s);
    x.send(tie_to{y});
    x.send(tie_to{lone});
    f.settle();
    x.send(fall{});  // restarted: no end
    f.settle();
    CHECK(ask_now(f.system, x, tries{}) == 1);
    CHECK(ask_now(f.system, y, tries{}) == 0);
    y.send(fall{});
    f.settle();
    CHECK(ask_now(f.system, x, tries{}) == 1);
    CHECK(ask_now(f.system, y, tries{}) == 1);
    // The one that nobody supervises ends by its failure, and that is felt.
    lone.send(fall{});
    f.settle();
    CHECK(ask_now(f.system, x, tries{}) == 2);
    CHECK(ask_now(f.system, y, tries{}) == 1);
    CHECK(f.settle().actors == 4);
}

/// Resumes what has failed by a link.
class patient {
public:
    using protocol = troupe::protocol<troupe::ref<knot>(child)>;
    explicit patient(troupe::ref<silent> s, std::atomic<int>* felt = nullptr)
        : silent_(s), felt_(felt) {}
    void started(troupe::context<patient>& self) { child_ = self.spawn<knot>(silent_); }
    troupe::ref<knot> on(child) { return child_; }
    troupe::verdict   on_failure(troupe::failure const& f) {
        if (f.where() != failed_in::link) return troupe::verdict::stop;
        if (felt_ != nullptr) ++*felt_;
        return troupe::verdict::resume;
    }

private:
    troupe::ref<silent> silent_;
    std::atomic<int>*   felt_;
    troupe::ref<knot>   child_;
};

TEMPLATE_TEST_CASE("its supervisor decides about one that a link has failed", "",
                   TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        s = f.system.template spawn<silent>();
    auto const        p = f.system.template spawn<patient>(s);
    auto const        k = ask_now(f.system, p, child{0});
    auto const        a = f.system.template spawn<knot>(s);
    auto const        b = f.system.template spawn<knot>(s);
    k.send(tie_to{a});
    k.send(tie_to{b});
    f.settle();
    a.send(fall{});
    b.send(fall{});  // one after the other is decided about
    f.settle();
    CHECK(ask_now(f.system, k, tries{}) == 0);
    CHECK(f.settle().actors == 3);
}

// ---- memory, and threads

TEST_CASE("without memory there is no link, on neither side") {
    using tiny = setup<composed<troupe::run_loop_scheduler, troupe::fixed_pool<128 * 1024>>, 1>;
    int                            refused = 0;
    fixture<run_loop>              far;
    fixture<tiny>                  near;
    auto const                     s = far.system.spawn<silent>();
    auto const                     k = near.system.spawn<knot>(troupe::ref<silent>{}, &refused);
    std::vector<troupe::ref<knot>> all;
    while (refused == 0) {
        all.push_back(far.system.spawn<knot>(s));
        if (k.try_send(tie_to{all.back()}) != troupe::send_status::accepted) ++refused;
        near.settle();
    }
    CHECK(all.size() > 100);
    all.back().send(fall{});
    far.settle();
    CHECK(near.settle().actors == 1);
    near.system.stop(k);
    near.settle();
    CHECK(far.settle().actors == all.size());
}

TEMPLATE_TEST_CASE("two that link to each other at once fail once", "", TROUPE_TEST_SCHEDULERS) {
    std::atomic<int>  felt{0};
    fixture<TestType> f;
    auto const        s = f.system.template spawn<silent>();
    auto const        p = f.system.template spawn<patient>(s, &felt);
    auto const        k = ask_now(f.system, p, child{0});
    for (int i = 0; i < 200; ++i) {
        auto const a = f.system.template spawn<knot>(s);
        k.send(tie_to{a});
        a.send(tie_to{k});
        if (i % 2 == 0) a.send(untie{k});
        if (i % 3 == 0) k.send(untie{a});
        a.send(fall{});
    }
    auto const books = f.settle();
    CHECK(books.actors == 3);
    CHECK(books.failed == 200);
    CHECK(felt.load() <= 400);  // once for the link, once more when it links to one that is gone
    CHECK(ask_now(f.system, k, tries{}) == 0);
}

}  // namespace test_linking
