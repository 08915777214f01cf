// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/timing.hpp"

#include "support/systems.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>
#include <vector>

namespace test_timing {

using namespace troupe_test;
using namespace std::chrono_literals;

struct set {
    int              id;
    troupe::duration after;
};
struct rings {
    int                id;
    troupe::time_point due;
};
struct cancel {
    int id;
};
struct heard {};
struct rang {
    int                id;
    troupe::time_point due;
    troupe::time_point at;
};

class clockwork {
public:
    using protocol =
        troupe::protocol<void(set), void(rings), bool(cancel), std::vector<rang>(heard)>;
    using mailbox_type = troupe::unbounded_mailbox;
    void on(set s, troupe::context<clockwork>& self) {
        auto const id = static_cast<std::size_t>(s.id);
        if (timers_.size() <= id) timers_.resize(id + 1);
        timers_[id] = self.after(s.after, rings{s.id, self.now() + s.after});
    }
    void on(rings r, troupe::context<clockwork>& self) {
        heard_.push_back({r.id, r.due, self.now()});
    }
    bool on(cancel c, troupe::context<clockwork>& self) {
        return self.cancel(timers_[static_cast<std::size_t>(c.id)]);
    }
    std::vector<rang> on(heard) const { return heard_; }

private:
    std::vector<troupe::timer> timers_;
    std::vector<rang>          heard_;
};

TEMPLATE_TEST_CASE("a timer fires at its nanosecond and not before", "", TROUPE_TEST_BY_HAND) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<clockwork>();
    a.send(set{0, 1s});
    CHECK(f.settle().timers == 1);
    f.clock.advance(1s - 1ns);
    CHECK(f.settle().timers == 1);
    CHECK(a.ask(heard{}).get().empty());
    f.clock.advance(1ns);
    auto const books = f.settle();
    CHECK(books.timers == 0);
    auto const all = a.ask(heard{}).get();
    REQUIRE(all.size() == 1);
    CHECK(all[0].at == all[0].due);
}

TEMPLATE_TEST_CASE("timers fire in the order of their times, whatever the jump", "",
                   TROUPE_TEST_BY_HAND) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<clockwork>();
    for (int const i : {5, 1, 4, 2, 3}) a.send(set{i, i * 10ms});
    f.settle();
    f.clock.advance(1h);
    f.settle();
    auto const all = a.ask(heard{}).get();
    REQUIRE(all.size() == 5);
    for (int i = 0; i < 5; ++i) CHECK(all[static_cast<std::size_t>(i)].id == i + 1);
}

TEMPLATE_TEST_CASE("a cancelled timer never fires, and its message goes at once", "",
                   TROUPE_TEST_BY_HAND) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<clockwork>();
    auto const        before = f.settle();
    a.send(set{0, 1s});
    a.send(set{1, 2s});
    f.settle();
    CHECK(a.ask(cancel{0}).get());
    CHECK_FALSE(a.ask(cancel{0}).get());
    CHECK(f.settle().timers == 1);
    f.clock.advance(1h);
    f.settle();
    CHECK_FALSE(a.ask(cancel{1}).get());  // it has fired
    auto const all = a.ask(heard{}).get();
    REQUIRE(all.size() == 1);
    CHECK(all[0].id == 1);
    // A handle of a timer that has gone does not reach the next one in the same memory.
    a.send(set{2, 1s});
    f.settle();
    CHECK_FALSE(a.ask(cancel{0}).get());
    CHECK_FALSE(a.ask(cancel{1}).get());
    CHECK(a.ask(cancel{2}).get());
    CHECK(f.settle().blocks == before.blocks);
}

TEMPLATE_TEST_CASE("the timers of an actor go with it", "", TROUPE_TEST_BY_HAND) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<clockwork>();
    auto const        b = f.system.template spawn<clockwork>();
    for (int i = 0; i < 10; ++i) {
        a.send(set{i, 1s});
        b.send(set{i, 1s});
    }
    CHECK(f.settle().timers == 20);
    f.system.stop(a);
    CHECK(f.settle().timers == 10);
    f.clock.advance(1s);
    auto const books = f.settle();
    CHECK(books.timers == 0);
    CHECK(books.dropped_total() == 0);
    CHECK(b.ask(heard{}).get().size() == 10);
}

TEMPLATE_TEST_CASE("the end of a system does not wait for timers", "", TROUPE_TEST_BY_HAND) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<clockwork>();
    for (int i = 0; i < 10; ++i) a.send(set{i, 1h});
    CHECK(f.settle().timers == 10);
    // the fixture ends it: nothing is armed, nothing is lost in the books
}

TEMPLATE_TEST_CASE("a timer of no time, or less, fires as soon as it may", "",
                   TROUPE_TEST_BY_HAND) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<clockwork>();
    a.send(set{0, 0s});
    a.send(set{1, -1h});
    f.settle();
    CHECK(a.ask(heard{}).get().size() == 2);
}

// P18.
TEMPLATE_TEST_CASE("ten thousand timers and a clock that jumps", "", TROUPE_TEST_BY_HAND) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<clockwork>();
    std::mt19937      random{7};
    int const         many = 10'000;
    for (int i = 0; i < many; ++i) {
        a.send(set{i, troupe::duration{static_cast<std::int64_t>(random() % 1'000'000'000u) * 10}});
    }
    f.settle();
    int cancelled = 0;
    for (int i = 0; i < many; i += 10) cancelled += a.ask(cancel{i}).get() ? 1 : 0;
    CHECK(cancelled == many / 10);
    CHECK(f.settle().timers == static_cast<std::uint64_t>(many - cancelled));
    // 10 s in uneven steps, the last an hour.
    for (int step = 0; step < 100; ++step) {
        f.clock.advance(troupe::duration{static_cast<std::int64_t>(random() % 180'000'000u)});
        f.settle();
    }
    f.clock.advance(1h);
    CHECK(f.settle().timers == 0);
    auto const all = a.ask(heard{}).get();
    CHECK(all.size() == static_cast<std::size_t>(many - cancelled));
    CHECK(std::none_of(all.begin(), all.end(), [](rang const& r) { return r.at < r.due; }));
    CHECK(std::none_of(all.begin(), all.end(), [](rang const& r) { return r.id % 10 == 0; }));
    CHECK(std::is_sorted(all.begin(), all.end(), [](rang const& x, rang const& y) {
        return x.at != y.at ? x.at < y.at : x.due < y.due;
    }));
}

struct start_chain {
    int left;
};
class chain {
public:
    using protocol = troupe::protocol<void(start_chain), int(heard)>;
    void on(start_chain s, troupe::context<chain>& self) {
        ++steps_;
        if (s.left > 0) self.after(1ms, start_chain{s.left - 1});
    }
    int on(heard) const { return steps_; }

private:
    int steps_ = 0;
};

// On the real clock: only that it comes, never when.
TEMPLATE_TEST_CASE("timers come on the real clock as well", "", TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<chain>();
    a.send(start_chain{5});
    if constexpr (TestType::driven) {
        while (a.ask(heard{}).get() < 6) f.system.run_for(1ms);
    } else {
        await([&] { return a.ask(heard{}).get() == 6; });
    }
    CHECK(f.settle().timers == 0);
}

}  // namespace test_timing
