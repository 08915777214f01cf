// SPDX-License-Identifier: BSL-1.0
#include "troupe/schedule/timer_wheel.hpp"

#include "support/catch.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <random>
#include <set>
#include <utility>
#include <vector>

namespace test_timer_wheel {

using troupe::time_point;
using troupe::detail::never;
using troupe::detail::wheel_entry;
using troupe::detail::timer_wheel;

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t hour = 3600 * second;

template <std::size_t Count>
using entries = std::array<wheel_entry, Count>;

// Where the entries of a chain stand in the array.
template <std::size_t Count>
std::vector<std::size_t> indices(wheel_entry const* chain, entries<Count> const& all) {
    std::vector<std::size_t> result;
    for (; chain != nullptr; chain = chain->next) {
        result.push_back(static_cast<std::size_t>(chain - all.data()));
    }
    return result;
}

using order = std::vector<std::size_t>;

TEST_CASE("an empty wheel has nothing to give and no deadline") {
    timer_wheel wheel;
    CHECK(wheel.size() == 0);
    CHECK(wheel.next_deadline() == never);
    CHECK(wheel.collect({0}) == nullptr);
    CHECK(wheel.collect({hour}) == nullptr);
    CHECK(wheel.collect(never) == nullptr);
    CHECK(wheel.next_deadline() == never);
}

TEST_CASE("a timer is due at its nanosecond and not before") {
    for (std::int64_t const distance :
         {std::int64_t{1}, std::int64_t{63}, std::int64_t{64}, std::int64_t{65}, std::int64_t{4096},
          second - 1, second, hour + 1, 24 * 365 * hour}) {
        for (std::int64_t const start :
             {std::int64_t{0}, std::int64_t{-1}, std::int64_t{63}, -hour, 50 * 24 * 365 * hour}) {
            timer_wheel wheel;
            wheel_entry timer;
            wheel.arm(timer, {start + distance}, {start});
            CHECK(wheel.size() == 1);
            CHECK(wheel.next_deadline() == time_point{start + distance});
            CHECK(wheel.collect({start}) == nullptr);
            CHECK(wheel.collect({start + distance - 1}) == nullptr);
            CHECK(timer.armed());
            CHECK(wheel.next_deadline() == time_point{start + distance});
            CHECK(wheel.collect({start + distance}) == &timer);
            CHECK_FALSE(timer.armed());
            CHECK(timer.next == nullptr);
            CHECK(timer.deadline == time_point{start + distance});
            CHECK(wheel.size() == 0);
            CHECK(wheel.next_deadline() == never);
            CHECK(wheel.collect({start + distance}) == nullptr);
        }
    }
}

TEST_CASE("a deadline in the past is due at the next collect, even while the clock stands still") {
    timer_wheel wheel;
    entries<4>  all;
    CHECK(wheel.collect({hour}) == nullptr);
    wheel.arm(all[0], {hour}, {hour});
    wheel.arm(all[1], {hour - 5}, {hour});
    wheel.arm(all[2], {-hour}, {hour});
    wheel.arm(all[3], {hour + 1}, {hour});
    CHECK(wheel.next_deadline() <= time_point{-hour});
    CHECK(indices(wheel.collect({hour}), all) == order{2, 1, 0});
    CHECK(wheel.next_deadline() == time_point{hour + 1});
    CHECK(indices(wheel.collect({hour + 1}), all) == order{3});
}

TEST_CASE("a cancelled timer never fires, and can be cancelled once") {
    timer_wheel wheel;
    entries<3>  all;
    for (auto& timer : all) wheel.arm(timer, {second}, {0});
    CHECK(wheel.cancel(all[1]));
    CHECK_FALSE(wheel.cancel(all[1]));
    CHECK(wheel.size() == 2);
    wheel_entry stranger;
    CHECK_FALSE(wheel.cancel(stranger));
    CHECK(indices(wheel.collect({second}), all) == order{0, 2});
    CHECK_FALSE(wheel.cancel(all[0]));
    CHECK_FALSE(wheel.cancel(all[2]));
    CHECK(wheel.size() == 0);
}

TEST_CASE("a timer is cancelled wherever it stands in its slot") {
    for (unsigned cancelled = 0; cancelled < 16; ++cancelled) {
        for (std::int64_t const deadline : {second, std::int64_t{-1}}) {  // in a slot, and overdue
            timer_wheel wheel;
            entries<4>  all;
            for (auto& timer : all) wheel.arm(timer, {deadline}, {0});
            order left;
            for (std::size_t i = 0; i < 4; ++i) {
                if ((cancelled >> i & 1u) != 0) CHECK(wheel.cancel(all[i]));
                else left.push_back(i);
            }
            CHECK(wheel.size() == left.size());
            CHECK((wheel.next_deadline() == never) == left.empty());
            wheel_entry late;
            wheel.arm(late, {deadline}, {0});
            CHECK(wheel.cancel(late));
            CHECK(indices(wheel.collect({second}), all) == left);
        }
    }
}

TEST_CASE("timers come in the order of their deadlines, equal ones in the order of arming") {
    timer_wheel wheel;
    entries<6>  all;
    wheel.arm(all[0], {3 * second}, {0});
    wheel.arm(all[1], {1 * second}, {0});
    wheel.arm(all[2], {3 * second}, {0});
    wheel.arm(all[3], {2 * second}, {0});
    wheel.arm(all[4], {1 * second}, {0});
    wheel.arm(all[5], {3 * second - 1}, {0});
    CHECK(indices(wheel.collect({4 * second}), all) == order{1, 4, 3, 5, 0, 2});
}

TEST_CASE("the order of arming holds between timers armed from far and from near") {
    timer_wheel wheel;
    entries<4>  all;
    wheel.arm(all[3], {hour}, {0});
    std::int64_t const near[] = {hour - 40 * second, hour - 5'000, hour - 3};
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(wheel.collect({near[i]}) == nullptr);
        wheel.arm(all[i], {hour}, {near[i]});
    }
    CHECK(indices(wheel.collect({hour}), all) == order{3, 0, 1, 2});
}

TEST_CASE("one jump over centuries gives all timers in order") {
    timer_wheel      wheel;
    entries<5>       all;
    time_point const start{INT64_MIN};
    wheel.arm(all[0], {INT64_MAX - 1}, start);
    wheel.arm(all[1], {0}, start);
    wheel.arm(all[2], {INT64_MIN + 1}, start);
    wheel.arm(all[3], {-1}, start);
    wheel.arm(all[4], {INT64_MIN}, start);
    CHECK(wheel.next_deadline() == start);
    CHECK(indices(wheel.collect(start), all) == order{4});
    CHECK(wheel.next_deadline() == time_point{INT64_MIN + 1});
    CHECK(indices(wheel.collect({INT64_MAX - 2}), all) == order{2, 3, 1});
    CHECK(wheel.next_deadline() == time_point{INT64_MAX - 1});
    CHECK(indices(wheel.collect({INT64_MAX - 1}), all) == order{0});
}

TEST_CASE("a timer armed for never waits until it is cancelled") {
    timer_wheel wheel;
    wheel_entry timer;
    wheel.arm(timer, never, {0});
    CHECK(wheel.size() == 1);
    CHECK(wheel.next_deadline() == never);
    CHECK(wheel.collect({INT64_MAX - 1}) == nullptr);
    CHECK(wheel.cancel(timer));
    CHECK(wheel.size() == 0);
}

TEST_CASE("a collected timer can be armed again at once") {
    timer_wheel wheel;
    wheel_entry timer;
    time_point  now{0};
    wheel.arm(timer, {second}, now);
    for (int shot = 1; shot <= 1'000; ++shot) {
        now = wheel.next_deadline();
        REQUIRE(now == time_point{shot * second});
        REQUIRE(wheel.collect(now) == &timer);
        wheel.arm(timer, {now.nanoseconds + second}, now);
    }
    CHECK(wheel.size() == 1);
}

TEST_CASE("a reading of the clock that comes late counts as the latest one") {
    timer_wheel wheel;
    entries<3>  all;
    wheel.arm(all[0], {200}, {0});
    CHECK(wheel.collect({100}) == nullptr);
    wheel.arm(all[1], {90}, {80});  // armed by a thread that read the clock before the other
    wheel.arm(all[2], {101}, {80});
    CHECK(indices(wheel.collect({85}), all) == order{1});
    CHECK(wheel.collect({85}) == nullptr);
    CHECK(indices(wheel.collect({101}), all) == order{2});
    CHECK(indices(wheel.collect({200}), all) == order{0});
}

TEST_CASE("without cancelling the next deadline is the earliest one, exactly") {
    std::mt19937_64 random{7};
    timer_wheel     wheel;
    auto const      all = std::make_unique<entries<500>>();
    time_point      earliest = never;
    for (auto& timer : *all) {
        time_point const deadline{static_cast<std::int64_t>(random() >> (1 + random() % 50))};
        wheel.arm(timer, deadline, {0});
        earliest = deadline < earliest ? deadline : earliest;
        REQUIRE(wheel.next_deadline() == earliest);
    }
    for (std::size_t left = all->size(); left != 0;) {
        time_point const next = wheel.next_deadline();
        auto const       due = indices(wheel.collect(next), *all);
        REQUIRE_FALSE(due.empty());
        REQUIRE((*all)[due[0]].deadline == next);
        left -= due.size();
    }
    CHECK(wheel.size() == 0);
}

TEST_CASE("collecting at the next deadline always gets on, also when timers were cancelled") {
    timer_wheel    wheel;
    constexpr int  count = 200;
    entries<count> all;
    for (std::int64_t i = 0; i < count; ++i) {
        wheel.arm(all[static_cast<std::size_t>(i)], {hour + i * 1'000'003}, {0});
    }
    for (std::size_t i = 0; i + 1 < count; ++i) CHECK(wheel.cancel(all[i]));
    time_point last{0};
    int        steps = 0;
    for (; wheel.size() != 0; ++steps) {
        time_point const next = wheel.next_deadline();
        REQUIRE(next > last);
        REQUIRE(next <= all[count - 1].deadline);
        wheel_entry const* const due = wheel.collect(next);
        if (due != nullptr) {
            CHECK(due == &all[count - 1]);
            CHECK(next == due->deadline);
        }
        last = next;
    }
    CHECK(steps <= 2);  // one for the place the cancelled ones left behind
}

// The wheel and a sorted set do the same things; whatever the wheel gives is compared at once.
class against_reference {
public:
    explicit against_reference(std::uint64_t seed) : random_(seed), timers_(10'000) {
        now_ = static_cast<std::int64_t>(random_() % 3) * 500 * hour - 500 * hour;
    }

    void run(int steps) {
        for (int i = 0; i < steps; ++i) {
            auto const choice = random_() % 16;
            if (choice < 6) arm();
            else if (choice < 8) cancel();
            else if (choice < 13) advance();
            else if (choice < 15) to_next_deadline();
            else late_reading();
            check_next_deadline();
        }
        drain();
    }
    std::size_t fired() const { return fired_; }

private:
    struct timer : wheel_entry {
        std::uint64_t armed_as = 0;
    };
    using place = std::pair<std::int64_t, std::uint64_t>;  // deadline, number of the arming

    std::int64_t distance() {
        // from nanoseconds to days, all sizes alike
        return static_cast<std::int64_t>(random_() % (std::uint64_t{1} << (random_() % 48)));
    }
    void arm() {
        for (std::uint64_t n = random_() % 40; n != 0; --n) {
            timer& t = timers_[random_() % timers_.size()];
            if (t.armed()) continue;
            std::int64_t deadline = now_ + distance();
            if (random_() % 16 == 0) deadline = now_ - distance();  // in the past, up to days
            if (random_() % 8 == 0) deadline = last_deadline_;      // one that was seen before
            last_deadline_ = deadline;
            t.armed_as = ++armings_;
            wheel_.arm(t, {deadline}, {now_});
            reference_.insert({deadline, t.armed_as});
        }
    }
    void cancel() {
        for (std::uint64_t n = random_() % 30; n != 0; --n) {
            timer&     t = timers_[random_() % timers_.size()];
            bool const armed = reference_.erase({t.deadline.nanoseconds, t.armed_as}) != 0;
            if (wheel_.cancel(t) != armed) FAIL("cancel says otherwise than the reference");
        }
    }
    void advance() {
        switch (random_() % 8) {
            case 0: break;                // the clock stands still
            case 1: now_ += hour; break;  // a jump
            case 2: now_ += 1; break;
            default: now_ += distance() / 16; break;
        }
        collect();
    }
    void to_next_deadline() {
        time_point const next = wheel_.next_deadline();
        if (next == never || next.nanoseconds < now_) return;
        now_ = next.nanoseconds;
        collect();
        if (wheel_.next_deadline() <= next) FAIL("collecting at the next deadline did not get on");
    }
    // Another thread read the clock long ago, up to days, and comes only now.
    void late_reading() { take(wheel_.collect({now_ - distance()})); }
    void collect() {
        take(wheel_.collect({now_}));
        if (!reference_.empty() && reference_.begin()->first <= now_) FAIL("left behind");
    }
    void take(wheel_entry* entry) {
        for (; entry != nullptr; entry = entry->next) {
            auto const& t = *static_cast<timer*>(entry);
            if (t.deadline > time_point{now_}) FAIL("early");
            if (reference_.empty()) FAIL("more than was armed");
            if (*reference_.begin() != place{t.deadline.nanoseconds, t.armed_as}) FAIL("order");
            if (t.armed()) FAIL("collected, and still armed");
            reference_.erase(reference_.begin());
            ++fired_;
        }
    }
    void check_next_deadline() {
        if (wheel_.size() != reference_.size()) FAIL("size");
        time_point const next = wheel_.next_deadline();
        if ((next == never) != reference_.empty()) FAIL("never");
        if (!reference_.empty() && next > time_point{reference_.begin()->first}) FAIL("too late");
    }
    void drain() {
        while (wheel_.size() != 0) {
            std::int64_t const next = wheel_.next_deadline().nanoseconds;
            now_ = next > now_ ? next : now_;
            collect();
            check_next_deadline();
        }
    }

    std::mt19937_64    random_;
    std::vector<timer> timers_;
    timer_wheel        wheel_;
    std::set<place>    reference_;
    std::int64_t       now_ = 0;
    std::int64_t       last_deadline_ = 0;
    std::uint64_t      armings_ = 0;
    std::size_t        fired_ = 0;
};

TEST_CASE("P18: ten thousand timers do what a sorted list does, under random jumps of the clock") {
    std::size_t fired = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        INFO("seed " << seed);
        against_reference run{seed};
        run.run(3'000);
        fired += run.fired();
    }
    CHECK(fired > 20 * 10'000);
}

}  // namespace test_timer_wheel
