// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/async_send.hpp"

#include "support/systems.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace test_async_send {

using namespace troupe_test;
using troupe::drop_cause;
using troupe::send_status;
namespace overflow = troupe::overflow;

/// What senders and targets write down; any thread.
class journal {
public:
    void add(unsigned who, send_status what) {
        std::lock_guard const held{lock_};
        statuses_.emplace_back(who, what);
    }
    void add(unsigned who, unsigned number) {
        std::lock_guard const held{lock_};
        items_.emplace_back(who, number);
    }
    using items = std::vector<std::pair<unsigned, unsigned>>;
    items handled() {
        std::lock_guard const held{lock_};
        return items_;
    }
    std::size_t told(send_status what) {
        std::lock_guard const held{lock_};
        std::size_t           n = 0;
        for (auto const& [who, status] : statuses_) n += status == what ? 1u : 0u;
        return n;
    }
    std::size_t told() {
        std::lock_guard const held{lock_};
        return statuses_.size();
    }

private:
    std::mutex                                    lock_;
    items                                         items_;
    std::vector<std::pair<unsigned, send_status>> statuses_;
};

struct key {};
struct open {};

/// Answers one of those that wait, the first, whenever it is told to.
class valve {
public:
    using protocol = troupe::protocol<void(key), void(open)>;
    void on(key, troupe::reply<void> r) { waiting_.push_back(std::move(r)); }
    void on(open) {
        if (waiting_.empty()) return;
        waiting_.front()();
        waiting_.erase(waiting_.begin());
    }

private:
    std::vector<troupe::reply<void>> waiting_;
};

struct item {
    unsigned             producer;
    unsigned             number;
    std::shared_ptr<int> alive = nullptr;
};

/// Handles one item whenever the valve lets one through: what waits meanwhile is in the test's
/// hands, whoever runs the actors.
template <std::size_t Capacity>
class gated {
public:
    using protocol = troupe::protocol<void(item)>;
    using mailbox_type = troupe::bounded_mailbox<Capacity>;
    gated(troupe::ref<valve> v, journal& j) : valve_(v), journal_(j) {}
    troupe::task<> on(item const& i) {
        co_await valve_.ask<key>();
        journal_.add(i.producer, i.number);
    }

private:
    troupe::ref<valve> valve_;
    journal&           journal_;
};

struct go {
    unsigned             count;
    std::shared_ptr<int> alive = nullptr;
};
using items = troupe::protocol<void(item)>;

template <class To>
class pushes {
public:
    using protocol = troupe::protocol<void(go)>;
    pushes(unsigned me, To to, journal& j) : me_(me), to_(to), journal_(j) {}
    troupe::task<> on(go const& g) {
        for (unsigned i = 0; i < g.count; ++i) {
            // Not number_++ in the call: clang 16 takes the operand of co_await for two.
            auto const        number = number_++;
            send_status const s = co_await to_.template async_send<item>(me_, number, g.alive);
            journal_.add(me_, s);
        }
    }

private:
    unsigned me_;
    unsigned number_ = 0;
    To       to_;
    journal& journal_;
};
using pusher = pushes<troupe::ref<items>>;

template <class Ref>
std::uint32_t depth_of(Ref const& r) {
    troupe::detail::cell& c = *troupe::detail::ref_access::cell_of(r);
    return c.ops.load(troupe::detail::memory_order_acquire)->depth(c.box);
}

/// A target that handles item 0 of producer 0, and behind it a full mailbox.
template <class Setup, std::size_t Capacity>
struct full_stage {
    journal                      j;
    fixture<Setup>               f;
    troupe::ref<valve>           v = f.system.template spawn<valve>();
    troupe::ref<gated<Capacity>> target = f.system.template spawn<gated<Capacity>>(v, j);

    full_stage() {
        target.send(item{0, 0});
        f.settle();
        for (unsigned i = 1; i <= Capacity; ++i) {
            CHECK(target.try_send(item{0, i}) == send_status::accepted);
        }
        CHECK(target.try_send(item{0, 99}) == send_status::full);
        f.settle();
    }
    troupe::ref<pusher> sender(unsigned me) {
        return f.system.template spawn<pusher>(me, target, j);
    }
    void open_once() {
        v.send(open{});
        f.settle();
    }
    void open_all() {
        for (std::size_t before = 0;; before = j.handled().size()) {
            open_once();
            if (j.handled().size() == before) return;
        }
    }
};

// ---- the bound

template <class Setup, std::size_t Capacity>
void strict_bound() {
    journal                                j;
    fixture<Setup>                         f;
    auto const                             v = f.system.template spawn<valve>();
    auto const                             target = f.system.template spawn<gated<Capacity>>(v, j);
    std::vector<troupe::ref<pusher>> const senders{f.system.template spawn<pusher>(1u, target, j),
                                                   f.system.template spawn<pusher>(2u, target, j),
                                                   f.system.template spawn<pusher>(3u, target, j)};
    for (auto const& s : senders) s.send(go{20});
    std::uint32_t deepest = 0;
    for (int i = 0; i < 60; ++i) {
        while (f.system.poll_one()) deepest = std::max(deepest, depth_of(target));
        v.send(open{});
    }
    auto const books = f.settle();
    CHECK(deepest == Capacity);
    CHECK(books.overcommitted == 0);
    CHECK(books.cycles == 0);
    CHECK(books.queued == 0);
    CHECK(j.told(send_status::accepted) == 60);
    CHECK(j.handled().size() == 60);
    unsigned next[4] = {};
    for (auto const& [who, number] : j.handled()) CHECK(number == next[who]++);
}

TEMPLATE_TEST_CASE("a mailbox that is sent to by async_send never goes over its bound", "",
                   TROUPE_TEST_DRIVEN) {
    SECTION("capacity 1") { strict_bound<TestType, 1>(); }
    SECTION("capacity 2") { strict_bound<TestType, 2>(); }
    SECTION("capacity 7") { strict_bound<TestType, 7>(); }
}

template <class Mailbox>
class counts {
public:
    using protocol = troupe::protocol<void(item)>;
    using mailbox_type = Mailbox;
    explicit counts(journal& j) : journal_(j) {}
    void on(item i) { journal_.add(i.producer, i.number); }

private:
    journal& journal_;
};

TEMPLATE_TEST_CASE("sixteen actors that wait for room lose nothing and keep their order", "",
                   TROUPE_TEST_SCHEDULERS) {
    journal           j;
    fixture<TestType> f;
    auto const        target =
        f.system.template spawn<counts<troupe::bounded_mailbox<2, overflow::block>>>(j);
    unsigned const each = 200;
    for (unsigned i = 0; i < 16; ++i) {
        f.system.template spawn<pusher>(i, target, j).send(go{each});
    }
    auto const books = f.settle();
    CHECK(books.overcommitted == 0);
    CHECK(books.dropped_total() == 0);
    CHECK(j.told(send_status::accepted) == 16 * each);
    std::vector<unsigned> next(16);
    std::size_t           wrong = 0;
    for (auto const& [who, number] : j.handled()) wrong += number != next[who]++ ? 1u : 0u;
    CHECK(wrong == 0);
    CHECK(j.handled().size() == 16 * each);
}

// ---- the order

TEMPLATE_TEST_CASE("who waits for room is let in in the order in which it came", "",
                   TROUPE_TEST_SCHEDULERS) {
    full_stage<TestType, 1> s;
    for (unsigned i = 1; i <= 5; ++i) {
        s.sender(i).send(go{1});
        s.f.settle();
    }
    CHECK(s.j.told() == 0);
    s.open_all();
    CHECK(s.j.handled() == journal::items{{0, 0}, {0, 1}, {1, 0}, {2, 0}, {3, 0}, {4, 0}, {5, 0}});
    CHECK(s.j.told(send_status::accepted) == 5);
}

TEMPLATE_TEST_CASE("who has been let in stands behind the others with its next message", "",
                   TROUPE_TEST_SCHEDULERS) {
    full_stage<TestType, 1> s;
    for (unsigned i = 1; i <= 3; ++i) {
        s.sender(i).send(go{2});
        s.f.settle();
    }
    s.open_all();
    CHECK(s.j.handled() ==
          journal::items{{0, 0}, {0, 1}, {1, 0}, {2, 0}, {3, 0}, {1, 1}, {2, 1}, {3, 1}});
}

// Room is given at the low-water mark. Who comes when there is a free place, but others wait for
// it, waits behind them.
TEMPLATE_TEST_CASE("a free place belongs to who waits, not to who comes", "",
                   TROUPE_TEST_SCHEDULERS) {
    full_stage<TestType, 4> s;
    s.sender(1).send(go{1});
    s.f.settle();
    s.open_once();
    CHECK(depth_of(s.target) == 3);
    CHECK(s.j.told() == 0);
    s.sender(2).send(go{1});
    s.f.settle();
    CHECK(depth_of(s.target) == 3);
    CHECK(s.j.told() == 0);
    s.open_once();
    CHECK(s.j.told(send_status::accepted) == 2);
    CHECK(depth_of(s.target) == 4);
    s.open_all();
    CHECK(s.j.handled() == journal::items{{0, 0}, {0, 1}, {0, 2}, {0, 3}, {0, 4}, {1, 0}, {2, 0}});
}

// ---- the books

TEMPLATE_TEST_CASE("a message that waits for room is in the books", "", TROUPE_TEST_SCHEDULERS) {
    full_stage<TestType, 1> s;
    s.sender(1).send(go{1});
    s.sender(2).send(go{1});
    auto const books = s.f.settle();  // looks whether they are balanced
    // Handled by the target, waiting in its mailbox, two handlers, and what these hold.
    CHECK(books.queued == 1 + 1 + 2 + 2);
    s.open_all();
    CHECK(s.f.settle().queued == 0);
}

// ---- ends

TEMPLATE_TEST_CASE("the end of the target ends the wait: no target, and a dead letter each", "",
                   TROUPE_TEST_SCHEDULERS) {
    full_stage<TestType, 1> s;
    auto const              alive = std::make_shared<int>(0);
    for (unsigned i = 1; i <= 3; ++i) s.sender(i).send(go{1, alive});
    s.f.settle();
    CHECK(alive.use_count() > 1 + 3);
    auto const before = s.f.system.books().dropped_by(drop_cause::dead);
    s.f.system.stop(s.target);
    auto const books = s.f.settle();
    CHECK(s.j.told(send_status::no_target) == 3);
    CHECK(s.j.told() == 3);
    CHECK(alive.use_count() == 1);
    // Its own two, and those of the senders.
    CHECK(books.dropped_by(drop_cause::dead) - before == 2 + 3);
    CHECK(books.queued == 0);
}

/// Waits before it ends.
class lingering {
public:
    using protocol = troupe::protocol<void(item)>;
    using mailbox_type = troupe::bounded_mailbox<1>;
    explicit lingering(troupe::ref<valve> v) : valve_(v) {}
    void           on(item const&) {}
    troupe::task<> stopping() { co_await valve_.ask<key>(); }

private:
    troupe::ref<valve> valve_;
};

TEMPLATE_TEST_CASE("who sends to one that is about to end does not wait for it", "",
                   TROUPE_TEST_SCHEDULERS) {
    journal           j;
    fixture<TestType> f;
    auto const        v = f.system.template spawn<valve>();
    auto const        target = f.system.template spawn<lingering>(v);
    auto const        sender = f.system.template spawn<pusher>(1u, target, j);
    f.system.stop(target);
    f.settle();
    // As of one that came to wait when it began to stop.
    wake_with(target, troupe::detail::control::waiters);
    sender.send(go{2});
    f.settle();
    CHECK(j.told(send_status::no_target) == 2);
    v.send(open{});
    CHECK(f.settle().actors == 2);
}

TEMPLATE_TEST_CASE("a sender that ends while it waits leaves one dead letter and its place", "",
                   TROUPE_TEST_SCHEDULERS) {
    full_stage<TestType, 1>          s;
    auto const                       alive = std::make_shared<int>(0);
    std::vector<troupe::ref<pusher>> senders;
    for (unsigned i = 1; i <= 4; ++i) {
        senders.push_back(s.sender(i));
        senders.back().send(go{1, i == 2 ? alive : nullptr});
        s.f.settle();
    }
    auto const before = s.f.system.books().dropped_by(drop_cause::dead);
    SECTION("in the middle") {
        s.f.system.stop(senders[1]);
        auto const books = s.f.settle();
        // The message that it handled, and the one that it held.
        CHECK(books.dropped_by(drop_cause::dead) - before == 2);
        CHECK(alive.use_count() == 1);
        s.open_all();
        CHECK(s.j.handled() == journal::items{{0, 0}, {0, 1}, {1, 0}, {3, 0}, {4, 0}});
        CHECK(s.j.told(send_status::accepted) == 3);
    }
    SECTION("first and last") {
        s.f.system.stop(senders[0]);
        s.f.system.stop(senders[3]);
        auto const books = s.f.settle();
        CHECK(books.dropped_by(drop_cause::dead) - before == 4);
        s.open_all();
        CHECK(s.j.handled() == journal::items{{0, 0}, {0, 1}, {2, 0}, {3, 0}});
    }
    SECTION("all of them") {
        for (auto const& a : senders) s.f.system.stop(a);
        s.f.settle();
        CHECK(alive.use_count() == 1);
        s.open_all();
        CHECK(s.j.handled() == journal::items{{0, 0}, {0, 1}});
        // Nobody is waited for any more.
        CHECK(s.target.try_send(item{9, 9}) == send_status::accepted);
    }
    SECTION("with the system") {
        s.f.end();
        CHECK(alive.use_count() == 1);
        CHECK(s.j.told() == 0);
    }
    SECTION("with the target, which ends first") {
        s.f.system.stop(s.target);
        for (auto const& a : senders) s.f.system.stop(a);
        s.f.settle();
        CHECK(alive.use_count() == 1);
        CHECK(s.j.handled().empty());
    }
}

// Let in, but not run yet: the message is the target's, and no dead letter.
TEMPLATE_TEST_CASE("a sender that is stopped when it was let in has sent its message", "",
                   TROUPE_TEST_DRIVEN) {
    full_stage<TestType, 1> s;
    auto const              a = s.sender(1);
    a.send(go{1});
    s.f.settle();
    auto const  before = s.f.system.books().dropped_by(drop_cause::dead);
    auto const& c = *troupe::detail::ref_access::cell_of(a);
    s.v.send(open{});
    while ((c.control.load() & troupe::detail::control::parked) != 0)
        REQUIRE(s.f.system.poll_one());
    s.f.system.stop(a);
    auto const books = s.f.settle();
    CHECK(books.dropped_by(drop_cause::dead) - before == 1);  // the one that it handled
    CHECK(s.j.told() == 0);
    s.open_all();
    CHECK(s.j.handled() == journal::items{{0, 0}, {0, 1}, {1, 0}});
}

TEMPLATE_TEST_CASE("senders and target end in any order while they push", "",
                   TROUPE_TEST_THREADED) {
    for (int round = 0; round < 10; ++round) {
        journal           j;
        fixture<TestType> f;
        auto const        target =
            f.system.template spawn<counts<troupe::bounded_mailbox<1, overflow::block>>>(j);
        std::vector<troupe::ref<pusher>> senders;
        for (unsigned i = 0; i < 6; ++i) {
            senders.push_back(f.system.template spawn<pusher>(i, target, j));
            senders.back().send(go{300});
        }
        f.on_threads(2, [&](unsigned i) {
            await([&] { return j.told() > 100; });
            if (i == 0) {
                for (auto const& a : senders) f.system.stop(a);
            } else {
                f.system.stop(target);
            }
        });
        CHECK(f.settle().actors == 0);
        CHECK(j.handled().size() <= 6 * 300);
    }
}

// ---- cycles

struct kick {
    unsigned count;
};
struct hit {};
struct meet {
    troupe::ref<troupe::protocol<void(hit)>> who;
};
struct total {};

class boxer {
public:
    using protocol = troupe::protocol<void(kick), void(hit), void(meet), unsigned(total)>;
    using mailbox_type = troupe::bounded_mailbox<1, overflow::block>;
    void           on(meet m) { other_ = m.who; }
    void           on(hit) { ++hits_; }
    unsigned       on(total) const { return hits_; }
    troupe::task<> on(kick k) {
        for (unsigned i = 0; i < k.count; ++i) {
            if (co_await other_.async_send<hit>() == send_status::accepted) ++landed_;
        }
    }

private:
    troupe::ref<troupe::protocol<void(hit)>> other_;
    unsigned                                 hits_ = 0;
    unsigned                                 landed_ = 0;
};

template <class Setup>
void boxers(std::size_t size) {
    fixture<Setup>                  f;
    std::vector<troupe::ref<boxer>> all;
    for (std::size_t i = 0; i < size; ++i) all.push_back(f.system.template spawn<boxer>());
    for (std::size_t i = 0; i < size; ++i) all[i].send(meet{all[(i + 1) % size]});
    f.settle();
    for (auto const& a : all) a.send(kick{50});
    auto const books = f.settle();
    CHECK(books.queued == 0);
    CHECK(books.dropped_total() == 0);
    if (Setup::driven) CHECK(books.cycles > 0);
    for (auto const& a : all) CHECK(a.ask(total{}).get() == 50);
}

TEMPLATE_TEST_CASE("a wait for room that would close a cycle is let through", "",
                   TROUPE_TEST_SCHEDULERS) {
    SECTION("an actor that waits for itself") { boxers<TestType>(1); }
    SECTION("two that wait for each other") { boxers<TestType>(2); }
    SECTION("three in a ring") { boxers<TestType>(3); }
    SECTION("seven in a ring") { boxers<TestType>(7); }
}

// ---- mailboxes that do not block

template <class Setup, class Mailbox>
void never_waits(std::size_t accepted, send_status last) {
    journal        j;
    fixture<Setup> f;
    auto const     v = f.system.template spawn<valve>();
    auto const     target = f.system.template spawn<gated<2>, Mailbox>(v, j);
    static_cast<void>(target.send(item{0, 0}));
    f.settle();
    f.system.template spawn<pushes<std::remove_const_t<decltype(target)>>>(1u, target, j)
        .send(go{5});
    auto const books = f.settle();
    CHECK(j.told() == 5);
    CHECK(j.told(send_status::accepted) == accepted);
    if (accepted != 5) CHECK(j.told(last) == 5 - accepted);
    CHECK(books.queued + books.dropped_total() == 1 + 5);
    CHECK(books.overcommitted == 0);
}

TEMPLATE_TEST_CASE("async_send never waits at a mailbox that refuses, drops or takes all", "",
                   TROUPE_TEST_KINDS) {
    SECTION("fail") {
        never_waits<TestType, troupe::bounded_mailbox<2, overflow::fail>>(2, send_status::full);
    }
    SECTION("drop_newest") {
        never_waits<TestType, troupe::bounded_mailbox<2, overflow::drop_newest>>(
            2, send_status::dropped);
    }
    SECTION("drop_oldest") {
        never_waits<TestType, troupe::bounded_mailbox<2, overflow::drop_oldest>>(
            5, send_status::accepted);
    }
    SECTION("unbounded") {
        never_waits<TestType, troupe::unbounded_mailbox>(5, send_status::accepted);
    }
}

// ---- messages that cannot be built, and memory that is not there

struct moves_badly {
    moves_badly(bool at_birth, bool at_move) : bad(at_move) {
        if (at_birth) throw std::runtime_error{"not to be built"};
    }
    moves_badly(moves_badly&& other) : bad(other.bad) {
        if (bad) throw std::runtime_error{"not to be moved"};
    }
    bool bad;
};
struct try_it {
    bool at_birth;
    bool at_move;
};

class takes_bad_ones {
public:
    using protocol = troupe::protocol<void(moves_badly), unsigned(total)>;
    using mailbox_type = troupe::bounded_mailbox<1, overflow::block>;
    void     on(moves_badly const&) { ++seen_; }
    unsigned on(total) const { return seen_; }

private:
    unsigned seen_ = 0;
};

class tries {
public:
    using protocol = troupe::protocol<std::string(try_it)>;
    explicit tries(troupe::ref<takes_bad_ones> to) : to_(to) {}
    troupe::task<std::string> on(try_it t) {
        std::string what = "sent";
        try {
            static_cast<void>(co_await to_.async_send<moves_badly>(t.at_birth, t.at_move));
        } catch (std::runtime_error const& e) { what = e.what(); }
        co_return what;
    }

private:
    troupe::ref<takes_bad_ones> to_;
};

TEMPLATE_TEST_CASE("what the constructor of the message throws comes out of the co_await", "",
                   TROUPE_TEST_KINDS) {
    fixture<TestType> f;
    auto const        to = f.system.template spawn<takes_bad_ones>();
    auto const        a = f.system.template spawn<tries>(to);
    auto const        before = f.settle();
    CHECK(a.ask(try_it{true, false}).get() == "not to be built");
    CHECK(a.ask(try_it{false, true}).get() == "not to be moved");
    auto const books = f.settle();
    CHECK(books.sent - before.sent == 2);  // the two asks, and nothing else
    CHECK(books.blocks == before.blocks);
    CHECK(books.failed == 0);
    // The handler is not confused, and can send.
    CHECK(a.ask(try_it{false, false}).get() == "sent");
    CHECK(to.ask(total{}).get() == 1);
}

class fills_the_pool {
public:
    using protocol = troupe::protocol<send_status(go)>;
    explicit fills_the_pool(troupe::ref<counts<troupe::unbounded_mailbox>> to) : to_(to) {}
    troupe::task<send_status> on(go) {
        while (to_.try_send(item{0, 0}) == send_status::accepted) {}
        co_return co_await to_.async_send<item>(1u, 0u);
    }

private:
    troupe::ref<counts<troupe::unbounded_mailbox>> to_;
};

TEST_CASE("async_send at an empty pool says so and does not wait") {
    using tiny = setup<composed<troupe::run_loop_scheduler, troupe::fixed_pool<128 * 1024>>, 1>;
    journal       j;
    fixture<tiny> f;
    auto const    to = f.system.spawn<counts<troupe::unbounded_mailbox>>(j);
    CHECK(f.system.spawn<fills_the_pool>(to).ask(go{1}).get() == send_status::pool_exhausted);
    auto const books = f.settle();
    CHECK(books.dropped_by(drop_cause::pool) == 2);  // the last try_send, and this one
    for (auto const& [who, number] : j.handled()) CHECK(who == 0);
}

// ---- the request itself

class makes_and_drops {
public:
    using protocol = troupe::protocol<void(go)>;
    makes_and_drops(troupe::ref<items> to, journal& j) : to_(to), journal_(j) {}
    troupe::task<> on(go const& g) {
        { auto const dropped = to_.async_send<item>(1u, 0u, g.alive); }
        auto later = to_.async_send<item>(1u, 2u, g.alive);
        journal_.add(1, co_await to_.async_send<item>(1u, 1u, g.alive));
        journal_.add(1, co_await later);
        journal_.add(1, co_await deeper(g));
    }
    // The wait is that of the handler, however deep it begins.
    troupe::task<send_status> deeper(go const& g) {
        co_return co_await to_.async_send<item>(1u, 3u, g.alive);
    }

private:
    troupe::ref<items> to_;
    journal&           journal_;
};

TEMPLATE_TEST_CASE("the message leaves when it is awaited, not when it is made", "",
                   TROUPE_TEST_SCHEDULERS) {
    full_stage<TestType, 1> s;
    auto const              alive = std::make_shared<int>(0);
    s.f.system.template spawn<makes_and_drops>(s.target, s.j).send(go{1, alive});
    s.f.settle();
    CHECK(s.j.told() == 0);
    s.open_all();
    CHECK(s.j.told(send_status::accepted) == 3);
    CHECK(s.j.handled() == journal::items{{0, 0}, {0, 1}, {1, 1}, {1, 2}, {1, 3}});
    CHECK(alive.use_count() == 1);
}

// ---- targets that are elsewhere, or nowhere

TEST_CASE("async_send to an actor of another system does not wait, and arrives") {
    journal              j;
    fixture<two_workers> here;
    {
        fixture<two_workers> there;
        auto const           v = there.system.spawn<valve>();
        auto const           far = there.system.spawn<gated<1>>(v, j);
        auto const           a = here.system.spawn<pusher>(1u, far, j);
        a.send(go{1});
        here.settle();
        there.settle();
        CHECK(j.told(send_status::accepted) == 1);
        CHECK(here.settle().sent == 1);
        CHECK(there.settle().sent >= 1);
        v.send(open{});
        there.settle();
        CHECK(j.handled() == journal::items{{1, 0}});
        there.system.stop(far);
        there.settle();
        a.send(go{1});
        here.settle();
        CHECK(j.told(send_status::no_target) == 1);
        there.end();
        a.send(go{1});
        CHECK(here.settle().dropped_by(drop_cause::dead) == 1);
        CHECK(j.told(send_status::system_ended) == 1);
    }
}

TEMPLATE_TEST_CASE("async_send to nobody says so", "", TROUPE_TEST_KINDS) {
    journal           j;
    fixture<TestType> f;
    f.system.template spawn<pusher>(1u, troupe::ref<items>{}, j).send(go{2});
    CHECK(f.settle().dropped_by(drop_cause::dead) == 2);
    CHECK(j.told(send_status::no_target) == 2);
}

}  // namespace test_async_send
