// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/waiting.hpp"

#include "support/systems.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace test_waiting {

using namespace troupe_test;
using troupe::drop_cause;
namespace overflow = troupe::overflow;

struct item {
    unsigned      producer;
    std::uint64_t number;
};
struct seen {};

struct tally {
    std::uint64_t count = 0;
    bool          in_order = true;  // per producer
};

template <class Mailbox>
class counts {
public:
    using protocol = troupe::protocol<void(item), tally(seen)>;
    using mailbox_type = Mailbox;
    void on(item i) {
        if (i.producer >= next_.size()) next_.resize(i.producer + 1);
        tally_.in_order = tally_.in_order && i.number >= next_[i.producer];
        next_[i.producer] = i.number + 1;
        ++tally_.count;
    }
    tally on(seen) const { return tally_; }

private:
    std::vector<std::uint64_t> next_;
    tally                      tally_;
};

template <class Setup, class Mailbox>
void sixteen_producers() {
    fixture<Setup>      f;
    auto const          a = f.system.template spawn<counts<Mailbox>>();
    std::uint64_t const each = scaled(500);
    f.on_threads(16, [&](unsigned i) {
        for (std::uint64_t n = 0; n < each; ++n) static_cast<void>(a.template send<item>(i, n));
    });
    auto const  books = f.settle();
    tally const result = a.ask(seen{}).get();
    CHECK(result.in_order);
    CHECK(books.sent == 16 * each);
    CHECK(result.count == books.handled);
    CHECK(books.handled + books.dropped_total() == 16 * each);
    if (std::is_same_v<typename Mailbox::overflow_type, overflow::block>) {
        CHECK(result.count == 16 * each);
        CHECK(books.overcommitted == 0);
    }
}

// Void when the mailbox cannot refuse, a status when it can: the cast above takes both.
TEMPLATE_TEST_CASE("sixteen threads outside send: count in is handled plus dropped, in order", "",
                   TROUPE_TEST_SCHEDULERS) {
    SECTION("unbounded") { sixteen_producers<TestType, troupe::unbounded_mailbox>(); }
    SECTION("block") {
        sixteen_producers<TestType, troupe::bounded_mailbox<16, overflow::block>>();
    }
    SECTION("fail") { sixteen_producers<TestType, troupe::bounded_mailbox<16, overflow::fail>>(); }
    SECTION("drop_newest") {
        sixteen_producers<TestType, troupe::bounded_mailbox<16, overflow::drop_newest>>();
    }
    SECTION("drop_oldest") {
        sixteen_producers<TestType, troupe::bounded_mailbox<16, overflow::drop_oldest>>();
    }
    SECTION("block, capacity 1") {
        sixteen_producers<TestType, troupe::bounded_mailbox<1, overflow::block>>();
    }
    SECTION("fail, capacity 1") {
        sixteen_producers<TestType, troupe::bounded_mailbox<1, overflow::fail>>();
    }
    SECTION("drop_newest, capacity 1") {
        sixteen_producers<TestType, troupe::bounded_mailbox<1, overflow::drop_newest>>();
    }
    SECTION("drop_oldest, capacity 1") {
        sixteen_producers<TestType, troupe::bounded_mailbox<1, overflow::drop_oldest>>();
    }
}

struct go {
    unsigned      producer;
    std::uint64_t left;
};

template <class Mailbox>
class produces {
public:
    using protocol = troupe::protocol<void(go)>;
    explicit produces(troupe::ref<counts<Mailbox>> to) : to_(to) {}
    void on(go g, troupe::context<produces>& self) {
        static_cast<void>(to_.template send<item>(g.producer, number_++));
        if (g.left > 1) self.ref().send(go{g.producer, g.left - 1});
    }

private:
    troupe::ref<counts<Mailbox>> to_;
    std::uint64_t                number_ = 0;
};

template <class Setup, class Mailbox>
void sixteen_actors() {
    fixture<Setup>      f;
    auto const          a = f.system.template spawn<counts<Mailbox>>();
    std::uint64_t const each = scaled(200);
    for (unsigned i = 0; i < 16; ++i) {
        f.system.template spawn<produces<Mailbox>>(a).send(go{i, each});
    }
    auto const  books = f.settle();
    tally const result = a.ask(seen{}).get();
    CHECK(result.in_order);
    CHECK(books.sent == 32 * each);
    CHECK(result.count + 16 * each == books.handled);
    CHECK(books.handled + books.dropped_total() == 32 * each);
    if (std::is_same_v<typename Mailbox::overflow_type, overflow::block>) {
        CHECK(books.dropped_total() == 0);
    }
}

TEMPLATE_TEST_CASE("sixteen actors send: count in is handled plus dropped, in order", "",
                   TROUPE_TEST_SCHEDULERS) {
    SECTION("unbounded") { sixteen_actors<TestType, troupe::unbounded_mailbox>(); }
    SECTION("block") { sixteen_actors<TestType, troupe::bounded_mailbox<16, overflow::block>>(); }
    SECTION("block, capacity 1") {
        sixteen_actors<TestType, troupe::bounded_mailbox<1, overflow::block>>();
    }
    SECTION("fail, capacity 1") {
        sixteen_actors<TestType, troupe::bounded_mailbox<1, overflow::fail>>();
    }
    SECTION("drop_newest, capacity 1") {
        sixteen_actors<TestType, troupe::bounded_mailbox<1, overflow::drop_newest>>();
    }
    SECTION("drop_oldest, capacity 1") {
        sixteen_actors<TestType, troupe::bounded_mailbox<1, overflow::drop_oldest>>();
    }
}

template <class Setup, class Mailbox>
void stopped_under_load() {
    for (int round = 0; round < 5; ++round) {
        fixture<Setup>        f;
        auto const            a = f.system.template spawn<counts<Mailbox>>();
        std::atomic<unsigned> started{0};
        f.on_threads(17, [&](unsigned i) {
            if (i == 16) {
                await([&] { return started.load() >= 8; });
                f.system.stop(a);
                return;
            }
            for (std::uint64_t n = 0; n < 300; ++n) {
                static_cast<void>(a.template send<item>(i, n));
                if (n == 100) started.fetch_add(1);
            }
        });
        auto const books = f.settle();
        CHECK(books.sent == 16 * 300);
        CHECK(books.queued == 0);
        CHECK(a.try_send(item{0, 0}) == troupe::send_status::no_target);
    }
}

TEMPLATE_TEST_CASE("an actor is stopped while sixteen threads send to it", "", TROUPE_TEST_KINDS) {
    SECTION("unbounded") { stopped_under_load<TestType, troupe::unbounded_mailbox>(); }
    SECTION("block") {
        stopped_under_load<TestType, troupe::bounded_mailbox<1, overflow::block>>();
    }
    SECTION("fail") { stopped_under_load<TestType, troupe::bounded_mailbox<1, overflow::fail>>(); }
    SECTION("drop_newest") {
        stopped_under_load<TestType, troupe::bounded_mailbox<1, overflow::drop_newest>>();
    }
    SECTION("drop_oldest") {
        stopped_under_load<TestType, troupe::bounded_mailbox<1, overflow::drop_oldest>>();
    }
}

// P11: the smallest mailbox, filled before the start has finished.
template <class Mailbox>
class eager {
public:
    using protocol = troupe::protocol<void(item), tally(seen)>;
    using mailbox_type = Mailbox;
    eager(int to_self, troupe::ref<counts<Mailbox>> other) : to_self_(to_self), other_(other) {}
    void started(troupe::context<eager>& self) {
        for (int i = 0; i < to_self_; ++i) {
            static_cast<void>(self.ref().template send<item>(0u, 0u));
            static_cast<void>(other_.template send<item>(0u, static_cast<std::uint64_t>(i)));
        }
    }
    void  on(item) { ++tally_.count; }
    tally on(seen) const { return tally_; }

private:
    int                          to_self_;
    troupe::ref<counts<Mailbox>> other_;
    tally                        tally_;
};

template <class Setup, class Mailbox>
void eager_start(bool all_arrive) {
    fixture<Setup> f;
    auto const     other = f.system.template spawn<counts<Mailbox>>();
    auto const     a = f.system.template spawn<eager<Mailbox>>(10, other);
    auto const     books = f.settle();
    CHECK(books.sent == 20);
    CHECK(books.handled + books.dropped_total() == 20);
    auto const own = a.ask(seen{}).get().count;
    if (all_arrive) {
        CHECK(own == 10);
        CHECK(other.ask(seen{}).get().count == 10);
    } else {
        CHECK(own == 1);  // the mailbox was held: one place, nine refused or replaced
    }
    f.system.stop(a);  // control passes
    f.settle();
    CHECK(a.try_send(item{0, 0}) == troupe::send_status::no_target);
}

TEMPLATE_TEST_CASE("a mailbox of one is filled while its actor starts", "",
                   TROUPE_TEST_SCHEDULERS) {
    SECTION("unbounded") { eager_start<TestType, troupe::unbounded_mailbox>(true); }
    SECTION("block") { eager_start<TestType, troupe::bounded_mailbox<1, overflow::block>>(true); }
    SECTION("fail") { eager_start<TestType, troupe::bounded_mailbox<1, overflow::fail>>(false); }
    SECTION("drop_newest") {
        eager_start<TestType, troupe::bounded_mailbox<1, overflow::drop_newest>>(false);
    }
    SECTION("drop_oldest") {
        eager_start<TestType, troupe::bounded_mailbox<1, overflow::drop_oldest>>(false);
    }
}

// Regression 6.
struct again {
    int left;
};
template <class Mailbox>
class talks_to_itself {
public:
    using protocol = troupe::protocol<void(again), int(seen)>;
    using mailbox_type = Mailbox;
    void on(again a, troupe::context<talks_to_itself>& self) {
        ++handled_;
        if (a.left == 0) return;
        self.ref().send(again{a.left - 1});
        self.ref().send(again{0});
    }
    int on(seen) const { return handled_; }

private:
    int handled_ = 0;
};

TEMPLATE_TEST_CASE("an actor that sends to itself at a full mailbox goes on", "",
                   TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        a =
        f.system.template spawn<talks_to_itself<troupe::bounded_mailbox<1, overflow::block>>>();
    a.send(again{100});
    auto const books = f.settle();
    CHECK(books.handled == 201);
    CHECK(books.cycles > 0);
    CHECK(a.ask(seen{}).get() == 201);
}

TEMPLATE_TEST_CASE("a self-send is refused by the policies that refuse", "", TROUPE_TEST_KINDS) {
    fixture<TestType> f;
    auto const        a =
        f.system
            .template spawn<talks_to_itself<troupe::bounded_mailbox<1, overflow::drop_newest>>>();
    a.send(again{100});
    auto const books = f.settle();
    CHECK(books.handled + books.dropped_by(drop_cause::overflow) == books.sent);
    CHECK(books.dropped_by(drop_cause::overflow) > 0);
}

// Regressions 7 and 9: no bound, and the depth stays right up to what its word can count.
TEMPLATE_TEST_CASE("an unbounded mailbox takes far more than fits any first block", "",
                   TROUPE_TEST_KINDS) {
    fixture<TestType>   f;
    auto const          a = f.system.template spawn<counts<troupe::unbounded_mailbox>>();
    std::uint64_t const many = 20'100;
    for (std::uint64_t n = 0; n < many; ++n) a.send(item{0, n});
    f.settle();
    auto const result = a.ask(seen{}).get();
    CHECK(result.count == many);
    CHECK(result.in_order);
}

TEST_CASE("the depth in the books is the length of the queue, after drops as well") {
    fixture<run_loop> f;
    auto const        a = f.system.spawn<counts<troupe::unbounded_mailbox>>();
    auto const b = f.system.spawn<counts<troupe::bounded_mailbox<10, overflow::drop_oldest>>>();
    auto const c = f.system.spawn<counts<troupe::bounded_mailbox<10, overflow::drop_newest>>>();
    for (std::uint64_t n = 0; n < 25; ++n) {
        a.send(item{0, n});
        b.send(item{0, n});
        c.send(item{0, n});
        auto const books = f.system.books();
        CHECK(books.balanced());
        CHECK(books.queued == (n + 1) + 2 * std::min<std::uint64_t>(n + 1, 10));
    }
    f.system.stop(b);
    CHECK(f.settle().queued == 0);
}

// The depth has 18 bits: beyond that it means "or more", and must come back from there.
TEST_CASE("more messages than the depth can count are all handled, in order") {
    fixture<run_loop>   f;
    auto const          a = f.system.spawn<counts<troupe::unbounded_mailbox>>();
    std::uint64_t const many = 300'000;
    for (int round = 0; round < 2; ++round) {
        for (std::uint64_t n = 0; n < many; ++n) a.send(item{static_cast<unsigned>(round), n});
        f.settle();
        CHECK(a.ask(seen{}).get().in_order);
    }
    CHECK(a.ask(seen{}).get().count == 2 * many);
    for (std::uint64_t n = 0; n < 5; ++n) a.send(item{2, n});
    CHECK(f.system.books().queued == 5);  // exact again after the queue was empty
}

struct wake_up {};
class sleeper {
public:
    using protocol = troupe::protocol<void(wake_up), void(item)>;
    using mailbox_type = troupe::unbounded_mailbox;
    explicit sleeper(troupe::ref<troupe::protocol<void(seen)>> never) : never_(never) {}
    troupe::task<> on(wake_up) { co_await never_.ask<seen>(); }
    void           on(item) {}

private:
    troupe::ref<troupe::protocol<void(seen)>> never_;
};
struct answer_all {};
class mute {
public:
    using protocol = troupe::protocol<void(seen), void(answer_all)>;
    void on(seen, troupe::reply<void> r) { kept_.push_back(std::move(r)); }
    void on(answer_all) {
        for (auto& r : kept_) r();
        kept_.clear();
    }

private:
    std::vector<troupe::reply<void>> kept_;
};

TEST_CASE("the law holds while more messages wait than the mailbox word can count") {
    fixture<run_loop> f;
    auto const        never = f.system.spawn<mute>();
    auto const        a = f.system.spawn<sleeper>(never);
    a.send(wake_up{});
    f.settle();
    for (std::uint64_t n = 0; n < 300'000; ++n) a.send(item{0, n});
    auto const books = f.settle();  // quiet: the actor is suspended
    CHECK(books.queued == 300'001);
}

TEST_CASE("the depth is right while a queue longer than the word can count is worked off") {
    fixture<run_loop> f;
    auto const        a = f.system.spawn<counts<troupe::unbounded_mailbox>>();
    for (std::uint64_t round = 0; round < 3; ++round) {
        for (std::uint64_t n = 0; n < 300'000; ++n) a.send(item{0, n});
        CHECK(f.system.books().queued == 300'000);
        // A turn folds what it has taken back into the depth when it ends.
        while (f.system.poll_one()) {
            auto const books = f.system.books();
            if (books.queued != books.sent - books.handled) {
                FAIL("queued " << books.queued << " of " << books.sent - books.handled);
            }
        }
        CHECK(f.settle().queued == 0);
    }
}

// ---- back-pressure between actors

struct flood {
    int messages;
};
struct drop_in {
    int n;
};
struct meet {
    troupe::ref<troupe::protocol<void(drop_in)>> who;
};

template <std::size_t Capacity>
class member {
public:
    using protocol = troupe::protocol<void(flood), void(drop_in), void(meet), int(seen)>;
    using mailbox_type = troupe::bounded_mailbox<Capacity, overflow::block>;
    void on(meet m) { next_.push_back(m.who); }
    void on(flood f) {
        for (int i = 0; i < f.messages; ++i) {
            for (auto const& n : next_) n.send(drop_in{5});
        }
    }
    void on(drop_in d) {
        ++handled_;
        if (d.n == 0) return;
        for (auto const& n : next_) n.send(drop_in{d.n - 1});
    }
    int on(seen) const { return handled_; }

private:
    std::vector<troupe::ref<troupe::protocol<void(drop_in)>>> next_;
    int                                                       handled_ = 0;
};

template <class Setup, std::size_t Capacity>
void ring(std::size_t size) {
    fixture<Setup>                             f;
    std::vector<troupe::ref<member<Capacity>>> all;
    for (std::size_t i = 0; i < size; ++i) {
        all.push_back(f.system.template spawn<member<Capacity>>());
    }
    for (std::size_t i = 0; i < size; ++i) all[i].send(meet{all[(i + 1) % size]});
    f.settle();
    for (auto const& m : all) m.send(flood{50});
    auto const books = f.settle();
    CHECK(books.queued == 0);
    CHECK(books.dropped_total() == 0);
    int handled = 0;
    for (auto const& m : all) handled += m.ask(seen{}).get();
    CHECK(handled == static_cast<int>(size) * 50 * 6);
}

TEMPLATE_TEST_CASE("actors that flood each other in a cycle come to an end", "",
                   TROUPE_TEST_SCHEDULERS) {
    SECTION("one, capacity 1") { ring<TestType, 1>(1); }
    SECTION("two, capacity 1") { ring<TestType, 1>(2); }
    SECTION("two, capacity 2") { ring<TestType, 2>(2); }
    SECTION("three, capacity 1") { ring<TestType, 1>(3); }
    SECTION("three, capacity 2") { ring<TestType, 2>(3); }
    SECTION("seven, capacity 1") { ring<TestType, 1>(7); }
}

template <class Setup, std::size_t Capacity>
void everyone(std::size_t size) {
    fixture<Setup>                             f;
    std::vector<troupe::ref<member<Capacity>>> all;
    for (std::size_t i = 0; i < size; ++i) {
        all.push_back(f.system.template spawn<member<Capacity>>());
    }
    for (auto const& m : all) {
        for (auto const& other : all) m.send(meet{other});
    }
    f.settle();
    for (auto const& m : all) m.send(flood{3});
    auto const books = f.settle();
    CHECK(books.queued == 0);
    CHECK(books.dropped_total() == 0);
}

TEMPLATE_TEST_CASE("actors that all flood all, themselves too, come to an end", "",
                   TROUPE_TEST_SCHEDULERS) {
    SECTION("two, capacity 1") { everyone<TestType, 1>(2); }
    SECTION("three, capacity 1") { everyone<TestType, 1>(3); }
    SECTION("three, capacity 2") { everyone<TestType, 2>(3); }
}

// The bound is the capacity plus what a sender emits in one run of its handler.
struct burst {
    int runs;
};
class bursts {
public:
    using protocol = troupe::protocol<void(burst)>;
    using target = counts<troupe::bounded_mailbox<4, overflow::block>>;
    explicit bursts(troupe::ref<target> to) : to_(to) {}
    void on(burst b, troupe::context<bursts>& self) {
        for (int i = 0; i < 10; ++i) to_.send(item{0, n_++});
        if (b.runs > 1) self.ref().send(burst{b.runs - 1});
    }

private:
    troupe::ref<target> to_;
    std::uint64_t       n_ = 0;
};

TEST_CASE("a muted sender keeps the queue at the capacity and one run of its handler") {
    fixture<simulated> f;
    auto const         a = f.system.spawn<bursts::target>();
    auto const         b = f.system.spawn<bursts>(a);
    b.send(burst{20});
    std::uint64_t longest = 0;
    while (f.system.poll_one()) longest = std::max(longest, f.system.books().queued);
    CHECK(longest <= 4 + 10 + 1);
    auto const books = f.settle();
    CHECK(books.handled == 220);
    CHECK(books.overcommitted > 0);
    CHECK(a.ask(seen{}).get().in_order);
}

// ---- back-pressure between systems

void run_both(fixture<simulated>& one, fixture<simulated>& two) {
    while (one.system.run_until_idle() + two.system.run_until_idle() != 0) {}
}

TEST_CASE("a sender in another system is muted as well") {
    fixture<simulated> near;
    fixture<simulated> far;
    auto const         a = far.system.spawn<bursts::target>();
    auto const         b = near.system.spawn<bursts>(a);
    b.send(burst{20});
    near.system.run_until_idle();
    CHECK(far.system.books().queued <= 4 + 10);
    CHECK(far.system.books().overcommitted > 0);
    run_both(near, far);
    CHECK(a.ask(seen{}).get().count == 200);
}

TEST_CASE("a sender that is muted in another system can be stopped, and its system can end") {
    fixture<simulated>                near;
    std::optional<fixture<simulated>> far;
    far.emplace();
    auto const a = near.system.spawn<bursts::target>();
    auto const b = far->system.spawn<bursts>(a);
    auto const c = far->system.spawn<bursts>(a);
    b.send(burst{20});
    c.send(burst{20});
    far->system.run_until_idle();
    SECTION("the sender is stopped") {
        far->system.stop(b);
        run_both(near, *far);
        CHECK(b.try_send(burst{1}) == troupe::send_status::no_target);
    }
    SECTION("its whole system ends") {
        troupe::stop_report const report = far->system.stop(watchdog);
        CHECK(report.complete);
        CHECK(report.books.balanced());
        near.settle();
    }
}

TEST_CASE("the end of a system lets go whom it has muted in another one") {
    fixture<simulated>                near;
    std::optional<fixture<simulated>> far;
    far.emplace();
    auto const a = far->system.spawn<bursts::target>();
    auto const b = near.system.spawn<bursts>(a);
    b.send(burst{20});
    near.system.run_until_idle();
    CHECK(near.system.books().queued == 1);  // muted, with the rest of its bursts still to come
    SECTION("before it runs again") { far.reset(); }
    SECTION("the actor alone") {
        far->system.stop(a);
        run_both(near, *far);
    }
    // It has run again: the rest of its bursts found nobody.
    CHECK(near.settle().handled == 20);
}

TEST_CASE("floods in a ring through two systems come to an end") {
    fixture<simulated> near;
    fixture<simulated> far;
    using pair = member<1>;
    std::vector<troupe::ref<pair>> all;
    for (int i = 0; i < 3; ++i) {
        all.push_back(near.system.spawn<pair>());
        all.push_back(far.system.spawn<pair>());
    }
    for (std::size_t i = 0; i < all.size(); ++i) all[i].send(meet{all[(i + 1) % all.size()]});
    run_both(near, far);
    for (auto const& m : all) static_cast<void>(m.try_send(flood{50}));
    run_both(near, far);
    int handled = 0;
    for (auto const& m : all) handled += m.ask(seen{}).get();
    CHECK(handled == 6 * 50 * 6);
    CHECK(near.settle().queued + far.settle().queued == 0);
    CHECK(near.system.books().cycles + far.system.books().cycles > 0);
}

TEST_CASE("workers of two systems flood each other, and all arrives") {
    fixture<two_workers> near;
    fixture<two_workers> far;
    using pair = member<4>;
    std::vector<troupe::ref<pair>> all;
    for (int i = 0; i < 4; ++i) {
        all.push_back(near.system.spawn<pair>());
        all.push_back(far.system.spawn<pair>());
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i].send(meet{all[(i + 1) % all.size()]});
        all[i].send(meet{all[(i + 3) % all.size()]});
    }
    near.settle();
    far.settle();
    for (auto const& m : all) m.send(flood{20});
    // Each of 20 drops becomes two, five times over: 20 * (2 + 4 + 8 + 16 + 32 + 64) of each.
    auto const expected = static_cast<std::uint64_t>(all.size()) * 20 * 126;
    troupe_test::await([&] {
        near.system.wait_idle();
        far.system.wait_idle();
        return near.system.books().handled + far.system.books().handled >=
               expected + 3 * all.size();
    });
    std::uint64_t handled = 0;
    for (auto const& m : all) handled += static_cast<std::uint64_t>(m.ask(seen{}).get());
    CHECK(handled == expected);
}

// A target that does not run: its handler is suspended.
class stuck {
public:
    using protocol = troupe::protocol<void(wake_up), void(item)>;
    using mailbox_type = troupe::bounded_mailbox<1, overflow::block>;
    explicit stuck(troupe::ref<mute> m) : m_(m) {}
    troupe::task<> on(wake_up) { co_await m_.ask<seen>(); }
    void           on(item) {}

private:
    troupe::ref<mute> m_;
};

class sends_three {
public:
    using protocol = troupe::protocol<void(go)>;
    explicit sends_three(troupe::ref<stuck> to) : to_(to) {}
    void on(go) {
        for (std::uint64_t i = 0; i < 3; ++i) to_.send(item{0, i});
    }

private:
    troupe::ref<stuck> to_;
};

TEMPLATE_TEST_CASE("a muted actor can be stopped, and the death of its target lets it go", "",
                   TROUPE_TEST_DRIVEN) {
    fixture<TestType> f;
    auto const        never = f.system.template spawn<mute>();
    auto const        target = f.system.template spawn<stuck>(never);
    target.send(wake_up{});
    f.settle();
    auto const first = f.system.template spawn<sends_three>(target);
    auto const second = f.system.template spawn<sends_three>(target);
    first.send(go{});
    second.send(go{});
    f.settle();
    first.send(go{});  // waits: it is muted
    second.send(go{});
    CHECK(f.settle().queued == 1 + 6 + 2);
    SECTION("stopped while muted") {
        f.system.stop(first);
        auto const books = f.settle();
        CHECK(first.try_send(go{}) == troupe::send_status::no_target);
        CHECK(books.queued == 1 + 6 + 1);
    }
    SECTION("the target dies") {
        f.system.stop(target);
        auto const books = f.settle();
        CHECK(books.queued == 0);
        // Both have run again, and what they sent then found nobody.
        CHECK(books.dropped_by(drop_cause::dead) == 1 + 6 + 6);
    }
    SECTION("all is stopped as it stands") {}
}

// ---- starvation: who waits gets in although the mailbox never drains to the low-water mark

template <class Target>
class comes_late {
public:
    using protocol = troupe::protocol<void(wake_up), void(drop_in)>;
    comes_late(troupe::ref<Target> to, int& runs) : to_(to), runs_(runs) {}
    // Muted when it ends: the next message is handled when it was let go.
    void on(wake_up) {
        ++runs_;
        to_.send(item{1, n_++});
    }
    troupe::task<> on(drop_in) {
        ++runs_;
        auto const n = n_++;
        static_cast<void>(co_await to_.template async_send<item>(1u, n));
    }

private:
    troupe::ref<Target> to_;
    int&                runs_;
    std::uint64_t       n_ = 0;
};

template <class Ref>
troupe::detail::cell& cell_of(Ref const& r) {
    return *troupe::detail::ref_access::cell_of(r);
}
template <class Ref>
bool somebody_waits(Ref const& r) {
    return (cell_of(r).control.load() & troupe::detail::control::waiters) != 0;
}

// How many turns pass until the late one, who stands at a full mailbox of 8, has been let in twice,
// while the mailbox is filled up after each of them.
template <class Message>
std::uint64_t turns_until_let_in_twice(Message message) {
    using target_type = counts<troupe::bounded_mailbox<8, overflow::block>>;
    int                runs = 0;
    std::uint64_t      n = 0;
    std::uint64_t      turns = 0;
    fixture<simulated> f;
    auto const         target = f.system.spawn<target_type>();
    auto const         late = f.system.spawn<comes_late<target_type>>(target, runs);
    auto const         fill = [&] {
        while (target.try_send(item{0, n}) == troupe::send_status::accepted) ++n;
    };
    for (int i = 0; i < 3; ++i) late.send(message);
    while (!somebody_waits(target)) {
        fill();
        REQUIRE(f.system.poll_one());
    }
    REQUIRE(runs == 1);
    std::uint32_t lowest = 8;
    while (runs < 3 && turns < 1000) {
        fill();
        REQUIRE(f.system.poll_one());
        ++turns;
        lowest = std::min(lowest, cell_of(target).ops.load()->depth(cell_of(target).box));
    }
    CHECK(lowest > 4);  // the low-water mark, at which the queue would move by itself
    CHECK(runs == 3);
    return turns;
}

TEST_CASE("a load that keeps a mailbox above its low-water mark lets who waits in all the same") {
    // Each time after 64 full turns; and some in which the late one runs.
    SECTION("an actor that holds its message") {
        auto const turns = turns_until_let_in_twice(drop_in{0});
        CHECK(turns >= 2 * 63);
        CHECK(turns < 2 * 70);
    }
    SECTION("an actor that is muted") {
        auto const turns = turns_until_let_in_twice(wake_up{});
        CHECK(turns >= 2 * 63);
        CHECK(turns < 2 * 70);
    }
}

class fills_itself {
public:
    using protocol = troupe::protocol<void(drop_in), void(again), void(item)>;
    using mailbox_type = troupe::bounded_mailbox<2, overflow::block>;
    explicit fills_itself(int& items) : items_(items) {}
    void on(drop_in d, troupe::context<fills_itself>& self) {
        for (int i = 0; i < d.n; ++i) self.ref().send(again{400});
    }
    void on(again a, troupe::context<fills_itself>& self) {
        if (a.left > 0) self.ref().send(again{a.left - 1});
    }
    void on(item) { ++items_; }

private:
    int& items_;
};

TEST_CASE("an actor that keeps its own mailbox full lets who waits in at each full turn") {
    int                items = 0;
    int                runs = 0;
    fixture<simulated> f;
    auto const         target = f.system.spawn<fills_itself>(items);
    auto const         late = f.system.spawn<comes_late<fills_itself>>(target, runs);
    // Three that go on for ever in a mailbox of two: it is full whenever a handler has ended.
    target.send(drop_in{3});
    f.system.poll_one();
    for (int i = 0; i < 10; ++i) late.send(drop_in{0});
    for (int i = 0; i < 200 && items < 10; ++i) {
        REQUIRE(f.system.poll_one());
        CHECK(cell_of(target).ops.load()->depth(cell_of(target).box) >= 2);
    }
    CHECK(items == 10);
}

// ---- two waits at once: each of these was a wait for ever

struct hold {};
struct request_it {};
struct plain_it {};
struct answer_it {};
struct turn_back {};

/// Waits for an answer that the test gives, and meanwhile lets its mailbox fill.
class held_up {
public:
    using protocol =
        troupe::protocol<void(hold), int(request_it), int(plain_it), void(turn_back), void(item)>;
    using mailbox_type = troupe::bounded_mailbox<4, overflow::block>;
    using other = troupe::ref<troupe::protocol<void(item), int(answer_it)>>;
    explicit held_up(troupe::ref<mute> m) : mute_(m) {}

    troupe::task<> on(hold) {
        co_await mute_.ask<seen>();
        for (std::uint64_t i = 0; i < 3; ++i) back.send(item{0, i});
    }
    void on(request_it, troupe::reply<int> r) {
        for (std::uint64_t i = 0; i < 3; ++i) back.send(item{0, i});
        r(1);
    }
    int            on(plain_it) { return 2; }
    troupe::task<> on(turn_back) {
        try {
            co_await back.ask<answer_it>();
        } catch (troupe::ask_error const& e) { cycle = e.code() == troupe::ask_errc::cycle; }
    }
    void on(item) {}

    static inline other back;
    static inline bool  cycle = false;

private:
    troupe::ref<mute> mute_;
};

/// Begins two waits in one handler.
class doubly_bound {
public:
    using protocol = troupe::protocol<void(go), void(wake_up), void(drop_in), void(item),
                                      int(answer_it), int(seen)>;
    using mailbox_type = troupe::bounded_mailbox<1, overflow::block>;
    using sink = troupe::ref<counts<troupe::bounded_mailbox<1, overflow::block>>>;
    doubly_bound(troupe::ref<held_up> to, sink side) : to_(to), side_(side) {}

    /// A message over the bound of one, then a wait for room at another.
    troupe::task<> on(go) {
        for (std::uint64_t i = 0; i < 4; ++i) side_.send(item{0, i});
        static_cast<void>(co_await to_.async_send<item>(1u, std::uint64_t{0}));
        ++ended_;
    }
    /// An ask and messages over the bound of the same actor, then the wait for the answer.
    troupe::task<> on(wake_up) {
        auto asked = to_.ask<request_it>();
        asked.start();
        for (std::uint64_t i = 0; i < 20; ++i) to_.send(item{1, i});
        ended_ += co_await asked;
    }
    /// An ask that expires, then another one of the same actor.
    troupe::task<> on(drop_in) {
        auto first = to_.ask<request_it>().within(std::chrono::milliseconds{20});
        try {
            static_cast<void>(co_await first);
        } catch (troupe::ask_error const&) { ++ended_; }
        ended_ += co_await to_.ask<plain_it>();
    }
    void on(item) {}
    int  on(answer_it) const { return 1; }
    int  on(seen) const { return ended_; }

private:
    troupe::ref<held_up> to_;
    sink                 side_;
    int                  ended_ = 0;
};

template <class Setup>
struct two_waits {
    fixture<Setup>       f;
    troupe::ref<mute>    never = f.system.template spawn<mute>();
    troupe::ref<held_up> to = f.system.template spawn<held_up>(never);
    doubly_bound::sink   side =
        f.system.template spawn<counts<troupe::bounded_mailbox<1, overflow::block>>>();
    troupe::ref<doubly_bound> a = f.system.template spawn<doubly_bound>(to, side);

    two_waits() {
        held_up::back = a;
        held_up::cycle = false;
        to.send(hold{});
        f.settle();
    }
    ~two_waits() { held_up::back = {}; }
};

TEMPLATE_TEST_CASE("a handler that waits for room shows so again after its actor was muted", "",
                   TROUPE_TEST_DRIVEN) {
    two_waits<TestType> t;
    for (std::uint64_t i = 0; i < 4; ++i) static_cast<void>(t.to.try_send(item{9, i}));
    t.a.send(go{});
    t.f.settle();
    t.never.send(answer_all{});
    auto const books = t.f.settle();
    CHECK(books.queued == 0);
    CHECK(books.cycles > 0);
    CHECK(t.a.ask(seen{}).get() == 1);
}

TEMPLATE_TEST_CASE("a reply taken out of its handler hides no wait for room", "",
                   TROUPE_TEST_DRIVEN) {
    two_waits<TestType> t;
    t.a.send(wake_up{});
    t.f.settle();
    t.never.send(answer_all{});
    auto const books = t.f.settle();
    CHECK(books.queued == 0);
    CHECK(t.a.ask(seen{}).get() == 1);
}

TEMPLATE_TEST_CASE("a reply of an ask that has expired hides no later ask", "",
                   TROUPE_TEST_BY_HAND) {
    two_waits<TestType> t;
    t.a.send(drop_in{0});
    t.f.settle();
    t.to.send(turn_back{});
    t.f.clock.advance(std::chrono::milliseconds{20});
    t.f.settle();
    t.never.send(answer_all{});
    auto const books = t.f.settle();
    CHECK(books.queued == 0);
    CHECK(held_up::cycle);
    CHECK(t.a.ask(seen{}).get() == 3);
}

}  // namespace test_waiting
