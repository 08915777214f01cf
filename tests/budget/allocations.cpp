// SPDX-License-Identifier: BSL-1.0
// Design decision 6: after warm-up nothing allocates, whichever the pool and the scheduler.
// Counted, not believed: every call of the heap, on any thread, between two quiet points.

#include "support/heap_count.hpp"
#include "support/systems.hpp"

#include <chrono>
#include <cstdio>
#include <exception>
#include <latch>
#include <stdexcept>
#include <string>
#include <vector>

namespace test_allocations {

using namespace troupe_test;
using namespace std::chrono_literals;

struct note {
    int n;
};
struct question {
    int n;
};
struct chat {
    int left;
};
struct wait_for {
    int n;
};
struct ring {
    int left;
};
struct nothing {};
struct hold_on {
    std::latch* inside;
    std::latch* open;
};

class friendly {
public:
    using protocol =
        troupe::protocol<void(note), int(question), void(chat), void(nothing), void(hold_on)>;
    void on(hold_on h) {
        h.inside->count_down();
        h.open->wait();
    }
    void on(note m) { last_ = m.n; }
    int  on(question q) { return q.n + 1; }
    void on(chat c) {
        if (c.left > 0) other.send(chat{c.left - 1});
    }
    void on(nothing) {}

    troupe::ref<troupe::protocol<void(chat)>> other;

private:
    int last_ = 0;
};

struct befriend {
    troupe::ref<friendly> a;
    troupe::ref<friendly> b;
};

class talker {
public:
    using protocol = troupe::protocol<void(chat), void(ring), int(wait_for), int(question)>;
    explicit talker(troupe::ref<friendly> to) : to_(to) {}
    void on(chat c, troupe::context<talker>& self) {
        to_.send(note{c.left});
        if (c.left > 0) self.ref().send(chat{c.left - 1});
    }
    void on(ring r, troupe::context<talker>& self) {
        auto const cancelled = self.after(1h, ring{0});
        if (r.left > 0) self.after(0ns, ring{r.left - 1});
        self.cancel(cancelled);
    }
    troupe::task<int> inner(int n) { co_return co_await to_.ask<question>(n); }
    // Frames, asks, and a wait each.
    troupe::task<int> on(wait_for w) {
        int sum = 0;
        for (int i = 0; i < w.n; ++i) {
            sum += co_await inner(i);
            co_await to_.ask<nothing>();
        }
        co_return sum;
    }
    int on(question q) { return q.n; }

private:
    troupe::ref<friendly> to_;
};

template <class Setup, class Act>
std::uint64_t heap_calls_of(fixture<Setup>& f, Act act) {
    // Blocks wander between the workers and those outside until each has its share.
    for (int i = 0; i < 20; ++i) {
        act();
        f.system.wait_idle();
    }
    std::uint64_t const before = heap_calls.load();
    act();
    f.system.wait_idle();
    return heap_calls.load() - before;
}

TEST_CASE("the counter counts") {
    std::uint64_t const before = heap_calls.load();
    auto* volatile p = new int{1};
    delete p;
    CHECK(heap_calls.load() >= before + 2);
}

TEMPLATE_TEST_CASE("nothing allocates after warm-up", "", TROUPE_TEST_POOLS) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<friendly>();
    auto const        t = f.system.template spawn<talker>(a);
    f.system.wait_idle();
    // The deepest queue that can be, once, so that no later one is deeper.
    {
        std::latch inside{1};
        std::latch open{1};
        if constexpr (!TestType::driven) {
            a.send(hold_on{&inside, &open});
            inside.wait();
        }
        while (a.try_send(note{0}) == troupe::send_status::accepted) {}
        open.count_down();
        f.system.wait_idle();
    }

    std::uint64_t const send_outside = heap_calls_of(f, [&] {
        for (int i = 0; i < 500; ++i) a.send(note{i});
    });
    std::uint64_t const try_send = heap_calls_of(f, [&] {
        for (int i = 0; i < 500; ++i) static_cast<void>(a.try_send(note{i}));
    });
    std::uint64_t const send_inside = heap_calls_of(f, [&] { t.send(chat{1000}); });
    std::uint64_t const ask_outside = heap_calls_of(f, [&] {
        for (int i = 0; i < 500; ++i) {
            if (a.ask(question{i}).get() != i + 1) std::abort();
        }
    });
    std::uint64_t const ask_within = heap_calls_of(f, [&] {
        for (int i = 0; i < 100; ++i) {
            if (a.ask(question{i}).within(1h).get() != i + 1) std::abort();
        }
    });
    std::uint64_t const coroutine = heap_calls_of(f, [&] { t.send(wait_for{500}); });
    std::uint64_t const timer = heap_calls_of(f, [&] { t.ask(ring{200}).get(); });
    std::uint64_t const drained = heap_calls_of(f, [&] {
        // More than a mailbox holds: the sender outside waits for room.
        for (int i = 0; i < 5000; ++i) a.send(note{i});
    });

    std::printf(
        "heap calls after warm-up: send %llu, try_send %llu, send in handler %llu, ask %llu, "
        "ask within %llu, coroutine %llu, timer %llu, full mailbox %llu\n",
        static_cast<unsigned long long>(send_outside), static_cast<unsigned long long>(try_send),
        static_cast<unsigned long long>(send_inside), static_cast<unsigned long long>(ask_outside),
        static_cast<unsigned long long>(ask_within), static_cast<unsigned long long>(coroutine),
        static_cast<unsigned long long>(timer), static_cast<unsigned long long>(drained));
    CHECK(send_outside == 0);
    CHECK(try_send == 0);
    CHECK(send_inside == 0);
    CHECK(ask_outside == 0);
    CHECK(ask_within == 0);
    CHECK(coroutine == 0);
    CHECK(timer == 0);
    CHECK(drained == 0);
}

struct fails {};
/// Makes its failures where the library does, while the error is handled; what `throw` takes of the
/// heap is not counted.
class failing {
public:
    using protocol = troupe::protocol<std::uint64_t(fails)>;
    std::uint64_t on(fails, troupe::context<failing>& self) {
        using namespace troupe::detail;
        last_ = troupe::failure{};  // and with it what was thrown the last time
        try {
            throw std::runtime_error{"no account"};
        } catch (...) {
            std::uint64_t const before = heap_calls.load();
            for (int i = 0; i < 100; ++i) {
                last_ = make_failure(this_thread.on->owner, this_thread.on,
                                     {.who = *ref_access::cell_of(self.ref()),
                                      .where = troupe::failed_in::handler,
                                      .error = std::current_exception(),
                                      .cause = last_});
                troupe::failure const copy = last_;
                if (!copy.is<std::runtime_error>() || copy.what() != "no account") std::abort();
            }
            return heap_calls.load() - before;
        }
    }

private:
    troupe::failure last_;
};

TEMPLATE_TEST_CASE("failures are made, copied and dropped without the heap", "",
                   troupe_test::one_worker, troupe_test::run_loop) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<failing>();
    static_cast<void>(a.ask(fails{}).get());
    CHECK(a.ask(fails{}).get() == 0);
}

// fixed_pool: "never touches the heap after start", warm-up or not. Spawned actors and all.
struct trip {};
struct get {};
/// Fails at each message; a child of its own, and a timer, go and come with it.
class fragile {
public:
    using protocol = troupe::protocol<void(trip), void(nothing)>;
    explicit fragile(int n) : n_(n) {}
    void started(troupe::context<fragile>& self) {
        static_cast<void>(self.spawn([](nothing) {}));
        static_cast<void>(self.every(1h, nothing{}));
    }
    void on(trip, troupe::context<fragile>& self) { self.fail("tripped"); }
    void on(nothing) {}

private:
    int n_;
};
class guard {
public:
    using protocol = troupe::protocol<troupe::ref<fragile>(get)>;
    static constexpr auto supervision = troupe::one_for_one{.max_restarts = troupe::unlimited};
    void                  started(troupe::context<guard>& self) { child_ = self.spawn<fragile>(7); }
    troupe::ref<fragile>  on(get) { return child_; }

private:
    troupe::ref<fragile> child_;
};

TEMPLATE_TEST_CASE("restarts do without the heap", "", TROUPE_TEST_POOLS) {
    fixture<TestType> f;
    auto const        child = f.system.template spawn<guard>().ask(get{}).get();
    auto const        storm = [&] {
        for (int i = 0; i < 1000; ++i) child.send(trip{});
        f.system.wait_idle();
    };
    storm();
    CHECK(heap_calls_of(f, storm) == 0);
    CHECK(f.system.books().failed == 22'000);
}

TEMPLATE_TEST_CASE("a fixed pool never touches the heap after the start", "",
                   troupe_test::one_worker_fixed, troupe_test::run_loop_fixed) {
    fixture<TestType> f;
    f.system.wait_idle();
    std::uint64_t const before = heap_calls.load();
    auto const          a = f.system.template spawn<friendly>();
    auto const          t = f.system.template spawn<talker>(a);
    for (int i = 0; i < 500; ++i) a.send(note{i});
    t.send(wait_for{100});
    t.ask(ring{100}).get();
    for (int i = 0; i < 100; ++i) {
        auto const child = f.system.template spawn<friendly>();
        child.send(note{i});
        f.system.stop(child);
    }
    f.system.wait_idle();
    std::uint64_t const during = heap_calls.load() - before;
    std::printf("heap calls of a fixed pool: %llu\n", static_cast<unsigned long long>(during));
    CHECK(during == 0);
}

}  // namespace test_allocations
