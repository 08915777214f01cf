// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/delivery.hpp"

#include "support/systems.hpp"

#include <latch>
#include <memory>
#include <optional>
#include <string>

namespace test_delivery {

using namespace troupe_test;
using troupe::drop_cause;
using troupe::send_status;

struct item {
    int n;
};
struct held {
    std::latch* open;
    std::latch* inside;
};
struct total {};

template <class Mailbox>
class sink {
public:
    using protocol = troupe::protocol<void(item), void(held), int(total)>;
    using mailbox_type = Mailbox;
    void on(item i) { sum_ += i.n; }
    void on(held h) {
        h.inside->count_down();
        h.open->wait();
    }
    int on(total) const { return sum_; }

private:
    int sum_ = 0;
};

using overflow_block = troupe::bounded_mailbox<2, troupe::overflow::block>;
using overflow_fail = troupe::bounded_mailbox<2, troupe::overflow::fail>;
using overflow_newest = troupe::bounded_mailbox<2, troupe::overflow::drop_newest>;
using overflow_oldest = troupe::bounded_mailbox<2, troupe::overflow::drop_oldest>;

std::uint64_t to_null() { return troupe::detail::all_gates.sent_to_null.load(); }
std::uint64_t after_end() { return troupe::detail::all_gates.sent_after_end.load(); }

TEST_CASE("what is sent through a null reference from outside is counted for the process") {
    troupe::ref<sink<overflow_block>> const none;
    auto const                              before = to_null();
    none.send(item{1});
    CHECK(none.try_send(item{1}) == send_status::no_target);
    CHECK(none.send_until({}, item{1}) == send_status::no_target);
    CHECK(none.ask(total{}).result().error().code() == troupe::ask_errc::target_gone);
    CHECK(to_null() == before + 4);
}

class sends_to_nobody {
public:
    using protocol = troupe::protocol<send_status(item)>;
    send_status on(item i) {
        troupe::ref<sink<overflow_block>> const none;
        none.send(i);
        return none.try_send(i);
    }
};

TEST_CASE("what an actor sends through a null reference is a dead letter of its system") {
    fixture<simulated> f;
    auto const         before = to_null();
    auto const         a = f.system.spawn<sends_to_nobody>();
    CHECK(a.ask(item{1}).get() == send_status::no_target);
    CHECK(f.settle().dropped_by(drop_cause::dead) == 2);
    CHECK(to_null() == before);
    auto const letters = f.system.dead_letters();
    REQUIRE(letters.size() == 2);
    CHECK(letters[0].cause == drop_cause::dead);
    CHECK(letters[0].target == 0);
    CHECK(std::string{letters[0].message}.find("item") != std::string::npos);
}

TEMPLATE_TEST_CASE("what is sent to a dead actor is a dead letter with its cause and target", "",
                   TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<sink<overflow_block>>();
    f.system.stop(a);
    f.settle();
    a.send(item{1});
    CHECK(a.try_send(item{1}) == send_status::no_target);
    CHECK(a.send_until({}, item{1}) == send_status::no_target);
    CHECK(f.settle().dropped_by(drop_cause::dead) == 3);
    auto const letters = f.system.dead_letters();
    REQUIRE(letters.size() == 3);
    CHECK(letters[1].cause == drop_cause::dead);
    CHECK(letters[1].target == a.identity());
}

struct carries {
    std::shared_ptr<int> alive;
};

class keeper {
public:
    using protocol = troupe::protocol<void(carries)>;
    void on(carries const&, troupe::context<keeper>& self) { self.stop(); }
};

TEST_CASE("what waited when its actor stopped is a dead letter, and was destroyed") {
    fixture<run_loop> f;
    auto const        alive = std::make_shared<int>(1);
    auto const        a = f.system.spawn<keeper>();
    for (int i = 0; i < 5; ++i) a.send(carries{alive});
    auto const books = f.settle();
    CHECK(books.handled == 1);
    CHECK(books.dropped_by(drop_cause::dead) == 4);
    CHECK(alive.use_count() == 1);
}

TEMPLATE_TEST_CASE("a reference outlives its system, and says so", "", TROUPE_TEST_SCHEDULERS) {
    troupe::ref<sink<overflow_block>> a;
    {
        fixture<TestType> f;
        a = f.system.template spawn<sink<overflow_block>>();
    }
    auto const before = after_end();
    a.send(item{1});
    CHECK(a.try_send(item{1}) == send_status::system_ended);
    CHECK(a.send_until({}, item{1}) == send_status::system_ended);
    CHECK(a.ask(total{}).result().error().code() == troupe::ask_errc::target_gone);
    CHECK(after_end() == before + 4);
    // Also when another system stands in the same memory.
    fixture<TestType> other;
    auto const        b = other.system.template spawn<sink<overflow_block>>();
    CHECK(a.try_send(item{1}) == send_status::system_ended);
    CHECK(b.ask(total{}).get() == 0);
    other.system.stop(a);
    CHECK(b.ask(total{}).get() == 0);
}

class relay {
public:
    using protocol = troupe::protocol<send_status(item)>;
    explicit relay(troupe::ref<sink<overflow_block>> to) : to_(to) {}
    send_status on(item i) {
        to_.send(i);
        return to_.try_send(i);
    }

private:
    troupe::ref<sink<overflow_block>> to_;
};

// More actors than an ended system's warm pages hold: some of the references lead to cells that
// were given back to the operating system and that no actor of the next system has had yet.
TEST_CASE("an actor sends to references of an earlier system in the same memory") {
    class sends_to_all {
    public:
        using protocol = troupe::protocol<void(item)>;
        explicit sends_to_all(std::vector<troupe::ref<sink<overflow_block>>> const& to) : to_(to) {}
        void on(item) {
            for (auto const& r : to_) r.send(item{1});
        }

    private:
        std::vector<troupe::ref<sink<overflow_block>>> const& to_;
    };
    std::vector<troupe::ref<sink<overflow_block>>> old;
    {
        fixture<run_loop> f;
        for (int i = 0; i < 10'000; ++i) old.push_back(f.system.spawn<sink<overflow_block>>());
    }
    fixture<run_loop> f;
    f.system.spawn<sends_to_all>(old).send(item{0});
    auto const books = f.settle();
    CHECK(books.dropped_by(drop_cause::dead) == 10'000);
}

TEST_CASE("an actor of another system that sends to an ended one has a dead letter of its own") {
    fixture<two_workers>                mine;
    std::optional<fixture<two_workers>> theirs;
    theirs.emplace();
    auto const far = theirs->system.spawn<sink<overflow_block>>();
    auto const a = mine.system.spawn<relay>(far);
    CHECK(a.ask(item{1}).get() == send_status::accepted);
    CHECK(far.ask(total{}).get() == 2);
    CHECK(mine.settle().dropped_total() == 0);
    theirs.reset();
    CHECK(a.ask(item{1}).get() == send_status::system_ended);
    CHECK(mine.settle().dropped_by(drop_cause::dead) == 2);
}

class visitor {
public:
    using protocol = troupe::protocol<send_status(item)>;
    explicit visitor(troupe::ref<sink<troupe::unbounded_mailbox>> to) : to_(to) {}
    send_status on(item i) { return to_.try_send(i); }

private:
    troupe::ref<sink<troupe::unbounded_mailbox>> to_;
};

TEST_CASE("a system that drains takes nothing from outside and what its own actors send") {
    // Before the fixture: its end waits for the handlers that use them.
    std::latch open{1};
    std::latch inside{1};
    using target = sink<troupe::unbounded_mailbox>;
    fixture<two_workers> f;
    fixture<two_workers> other;
    auto const           a = f.system.spawn<target>();
    a.send(held{&open, &inside});
    inside.wait();
    std::thread stopper{[&] { static_cast<void>(f.system.stop(watchdog)); }};
    // The one status that a live actor can give only while its system drains.
    await([&] { return a.try_send(item{1}) == send_status::stopping; });
    CHECK(a.send_until({}, item{100}) == send_status::stopping);
    a.send(item{100});
    CHECK(a.ask(total{}).result().error().code() == troupe::ask_errc::target_gone);
    CHECK(f.system.try_spawn<target>().error().code() == troupe::spawn_errc::stopped);
    // An actor of another system is outside as well.
    auto const v = other.system.spawn<visitor>(a);
    CHECK(v.ask(item{100}).get() == send_status::stopping);
    open.count_down();
    stopper.join();
    CHECK(f.system.books().dropped_by(drop_cause::dead) >= 4);
}

TEST_CASE("try_send says what became of the message, for every policy") {
    fixture<run_loop> f;
    auto const        block = f.system.spawn<sink<overflow_block>>();
    auto const        fail = f.system.spawn<sink<overflow_fail>>();
    auto const        newest = f.system.spawn<sink<overflow_newest>>();
    auto const        oldest = f.system.spawn<sink<overflow_oldest>>();
    auto const        endless = f.system.spawn<sink<troupe::unbounded_mailbox>>();
    for (int i = 0; i < 2; ++i) {
        CHECK(block.try_send(item{1}) == send_status::accepted);
        CHECK(fail.try_send(item{1}) == send_status::accepted);
        CHECK(newest.try_send(item{1}) == send_status::accepted);
        CHECK(oldest.try_send(item{1}) == send_status::accepted);
        CHECK(endless.try_send(item{1}) == send_status::accepted);
    }
    CHECK(block.try_send(item{10}) == send_status::full);
    CHECK(fail.try_send(item{10}) == send_status::full);
    CHECK(fail.send(item{10}) == send_status::full);
    CHECK(oldest.try_send(item{10}) == send_status::accepted);  // in place of the oldest
    CHECK(endless.try_send(item{10}) == send_status::accepted);
    auto const books = f.system.books();
    CHECK(books.dropped_by(drop_cause::refused) == 3);
    CHECK(books.dropped_by(drop_cause::overflow) == 1);
    CHECK(books.overcommitted == 0);
    f.settle();
    CHECK(block.ask(total{}).get() == 2);
    CHECK(fail.ask(total{}).get() == 2);
    CHECK(oldest.ask(total{}).get() == 11);
    CHECK(endless.ask(total{}).get() == 12);
}

TEST_CASE("drop_newest drops the newest; try_send refuses it instead") {
    fixture<run_loop> f;
    auto const        newest = f.system.spawn<sink<overflow_newest>>();
    newest.send(item{1});
    newest.send(item{1});
    CHECK(newest.try_send(item{10}) == send_status::full);
    newest.send(item{10});
    CHECK(newest.send_until({}, item{10}) == send_status::dropped);
    CHECK(f.system.books().dropped_by(drop_cause::refused) == 1);
    CHECK(f.system.books().dropped_by(drop_cause::overflow) == 2);
    CHECK(newest.ask(total{}).result().error().code() == troupe::ask_errc::refused);
    f.settle();
    CHECK(newest.ask(total{}).get() == 2);
}

TEST_CASE("send_until waits for room until its time on the system's clock") {
    // Before the fixture: its end waits for the handlers that use them.
    std::latch                   open{1};
    std::latch                   inside{1};
    fixture<two_workers_by_hand> f;
    auto const                   a = f.system.spawn<sink<overflow_block>>();
    a.send(held{&open, &inside});
    inside.wait();
    while (a.try_send(item{1}) == send_status::accepted) {}
    auto const         refused = f.system.books().dropped_by(drop_cause::refused);
    troupe::time_point deadline = f.system.now() + std::chrono::seconds{10};
    std::atomic<int>   status{-1};
    std::thread waiter{[&] { status.store(static_cast<int>(a.send_until(deadline, item{100}))); }};
    // The wait has begun when its timer is armed.
    await([&] { return f.system.books().timers == 1; });
    f.clock.advance(std::chrono::seconds{10} - std::chrono::nanoseconds{1});
    CHECK(f.system.books().timers == 1);
    CHECK(status.load() == -1);
    f.clock.advance(std::chrono::nanoseconds{1});
    waiter.join();
    CHECK(status.load() == static_cast<int>(send_status::timed_out));
    CHECK(f.system.books().dropped_by(drop_cause::refused) == refused + 1);
    CHECK(f.system.books().timers == 0);
    // With room before the time it is accepted.
    status.store(-1);
    deadline = f.system.now() + std::chrono::seconds{10};
    std::thread second{[&] { status.store(static_cast<int>(a.send_until(deadline, item{100}))); }};
    await([&] { return f.system.books().timers == 1; });
    open.count_down();
    second.join();
    CHECK(status.load() == static_cast<int>(send_status::accepted));
    CHECK(a.ask(total{}).get() == 102);
}

class outer {
public:
    using protocol = troupe::protocol<send_status(item)>;
    explicit outer(troupe::ref<sink<overflow_block>> to) : to_(to) {}
    send_status on(item i) { return to_.send_until({INT64_MAX - 1}, i); }

private:
    troupe::ref<sink<overflow_block>> to_;
};

TEST_CASE("send_until in a handler does not wait") {
    // Before the fixture: its end waits for the handlers that use them.
    std::latch         open{1};
    std::latch         inside{1};
    fixture<simulated> f;
    auto const         a = f.system.spawn<sink<overflow_block>>();
    auto const         o = f.system.spawn<outer>(a);
    CHECK(o.ask(item{1}).get() == send_status::accepted);
    CHECK(a.ask(total{}).get() == 1);
    // Full, and it cannot run: it is held by another handler's thread.
    fixture<two_workers> g;
    auto const           b = g.system.spawn<sink<overflow_block>>();
    auto const           p = g.system.spawn<outer>(b);
    b.send(held{&open, &inside});
    inside.wait();
    while (b.try_send(item{0}) == send_status::accepted) {}
    CHECK(p.ask(item{1}).get() == send_status::would_block);
    open.count_down();
}

// A driving thread that waits for room runs the system meanwhile; what it waits for may be a time.
class never_answers {
public:
    using protocol = troupe::protocol<int(total)>;
    void on(total, troupe::reply<int> r) { kept_.emplace(std::move(r)); }

private:
    std::optional<troupe::reply<int>> kept_;
};

class asks_for_ever {
public:
    using protocol = troupe::protocol<void(item)>;
    using mailbox_type = overflow_block;
    explicit asks_for_ever(troupe::ref<never_answers> whom) : whom_(whom) {}
    troupe::task<> on(item) { static_cast<void>(co_await whom_.ask<total>()); }

private:
    troupe::ref<never_answers> whom_;
};

TEST_CASE("send_until on the thread that drives ends at its time although nothing happens") {
    fixture<run_loop> f;
    auto const        mute = f.system.spawn<never_answers>();
    auto const        a = f.system.spawn<asks_for_ever>(mute);
    for (int i = 0; i < 3; ++i) {
        a.send(item{1});
        f.settle();
    }
    CHECK(a.send_until(f.system.now() + std::chrono::milliseconds{1}, item{1}) ==
          send_status::timed_out);
    f.settle();
}

TEST_CASE("a foreign thread that waits at a full mailbox is woken by room") {
    // Before the fixture: its end waits for the handlers that use them.
    std::latch           open{1};
    std::latch           inside{1};
    fixture<two_workers> f;
    auto const           a = f.system.spawn<sink<overflow_block>>();
    a.send(held{&open, &inside});
    inside.wait();
    while (a.try_send(item{1}) == send_status::accepted) {}
    std::thread waiters[8];
    for (std::thread& t : waiters) t = std::thread{[&] { a.send(item{10}); }};
    open.count_down();
    for (std::thread& t : waiters) t.join();
    CHECK(a.ask(total{}).get() == 82);
}

TEST_CASE("a foreign thread that waits at a full mailbox is woken by the death of the target") {
    // Before the fixture: its end waits for the handlers that use them.
    std::latch           open{1};
    std::latch           inside{1};
    fixture<two_workers> f;
    auto const           a = f.system.spawn<sink<overflow_block>>();
    a.send(held{&open, &inside});
    inside.wait();
    while (a.try_send(item{1}) == send_status::accepted) {}
    std::atomic<int> gone{0};
    std::thread      waiters[8];
    for (std::thread& t : waiters) {
        t = std::thread{[&] {
            auto const s = a.send_until({INT64_MAX}, item{10});
            if (s == send_status::no_target) gone.fetch_add(1);
        }};
    }
    f.system.stop(a);
    open.count_down();
    for (std::thread& t : waiters) t.join();
    CHECK(gone.load() == 8);
}

TEST_CASE("a foreign thread that waits at a full mailbox is woken by the end of the system") {
    // Before the fixture: its end waits for the handlers that use them.
    std::latch           open{1};
    std::latch           inside{1};
    fixture<two_workers> f;
    auto const           a = f.system.spawn<sink<overflow_block>>();
    a.send(held{&open, &inside});
    inside.wait();
    while (a.try_send(item{1}) == send_status::accepted) {}
    std::thread waiters[4];
    for (std::thread& t : waiters) t = std::thread{[&] { a.send(item{10}); }};
    std::thread stopper{[&] { static_cast<void>(f.system.stop(watchdog)); }};
    await([&] { return a.try_send(item{1}) == send_status::stopping; });
    open.count_down();
    stopper.join();
    for (std::thread& t : waiters) t.join();
}

TEST_CASE("a thread that drives and waits for room runs the actors meanwhile") {
    fixture<run_loop> f;
    auto const        a = f.system.spawn<sink<overflow_block>>();
    for (int i = 0; i < 1000; ++i) a.send(item{1});
    CHECK(a.ask(total{}).get() == 1000);
    CHECK(f.settle().dropped_total() == 0);
}

TEST_CASE("an empty pool refuses with its cause and recovers completely") {
    using tiny = setup<composed<troupe::run_loop_scheduler, troupe::fixed_pool<128 * 1024>>, 1>;
    fixture<tiny> f;
    auto const    a = f.system.spawn<sink<troupe::unbounded_mailbox>>();
    auto const    before = f.settle();
    std::uint64_t first = 0;
    for (int round = 0; round < 3; ++round) {
        std::uint64_t accepted = 0;
        while (a.try_send(item{1}) == send_status::accepted) ++accepted;
        CHECK(a.try_send(item{1}) == send_status::pool_exhausted);
        CHECK(a.ask(total{}).result().error().code() == troupe::ask_errc::pool_exhausted);
        CHECK(accepted > 500);
        if (round == 0) first = accepted;
        CHECK(accepted + 64 >= first);  // a worker keeps some in its magazine
        CHECK(f.settle().blocks == before.blocks);
    }
    CHECK(f.system.books().dropped_by(drop_cause::pool) == 9);
}

}  // namespace test_delivery
