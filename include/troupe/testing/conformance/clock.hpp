// SPDX-License-Identifier: BSL-1.0
#pragma once

// The conformance suite of a clock. It cannot see whether `now` allocates or waits.
// More: docs/reference/clock.md

#include "troupe/port/clock.hpp"
#include "troupe/testing/conformance/crew.hpp"
#include "troupe/testing/conformance/report.hpp"

namespace troupe::inline TROUPE_ABI {

inline constexpr conformance_rule clock_rules[] = {
    {1, "`now` never goes back for the thread that asks"},
    {2, "`now` never lies before a time that another thread has read and handed on"},
    {3, "who moves the clock sees the new time as soon as the move has returned"},
    {4, "when the clock is moved, each attached listener is told once, and sees the new time"},
    {5, "a listener is not told after `detach`"},
    {6, "a listener may detach inside the call that tells it"},
};

namespace detail {

template <class Clock>
class heard_jumps final : public clock_listener {
public:
    explicit heard_jumps(Clock& clock, bool leaves = false) : clock_(clock), leaves_(leaves) {}
    void clock_jumped() noexcept override {
        ++times;
        saw = clock_.now();
        if constexpr (clock_jumps<Clock>) {
            if (leaves_) clock_.detach(*this);
        }
    }

    int        times = 0;
    time_point saw{};

private:
    Clock&     clock_;
    bool const leaves_;
};

template <class Clock>
void check_clock_reads(Clock& clock, conformance_report& report) {
    constexpr int reads = 2000;
    time_point    last = clock.now();
    for (int i = 0; i < reads; ++i) {
        time_point const next = clock.now();
        if (!report.check(1, next >= last)) break;
        last = next;
    }
    // Each thread reads, looks what the others have read before, and hands on what it has read.
    atomic<std::int64_t> handed_on{last.nanoseconds};
    atomic<int>          earlier{0};
    on_threads(3, [&](unsigned) noexcept {
        for (int i = 0; i < reads; ++i) {
            // acquire: pairs with the release below: that time was read before this one is
            std::int64_t       before = handed_on.load(memory_order_acquire);
            std::int64_t const mine = clock.now().nanoseconds;
            if (mine < before) earlier.fetch_add(1, memory_order_relaxed);
            while (before < mine && !handed_on.compare_exchange_weak(
                                        before, mine, memory_order_acq_rel, memory_order_acquire)) {
            }
        }
    });
    report.check(2, earlier.load(memory_order_relaxed) == 0);
}

template <class Clock, class Move>
void check_clock_moves(Clock& clock, Move const& move, conformance_report& report) {
    duration const   step{1000};
    time_point const before = clock.now();
    move(clock, step);
    report.check(3, clock.now() >= before + step);
    if constexpr (clock_jumps<Clock>) {
        heard_jumps<Clock> stays{clock};
        heard_jumps<Clock> goes{clock};
        heard_jumps<Clock> leaves{clock, true};
        clock.attach(stays);
        clock.attach(goes);
        clock.attach(leaves);
        time_point const from = clock.now();
        move(clock, step);
        report.check(4, stays.times == 1 && goes.times == 1, "not told once");
        report.check(4, stays.saw >= from + step && goes.saw >= from + step, "told too early");
        report.check(6, leaves.times == 1);
        clock.detach(goes);
        move(clock, step);
        report.check(4, stays.times == 2, "not told of the second move");
        report.check(5, goes.times == 1);
        report.check(6, leaves.times == 1, "told again");
        clock.detach(stays);
        move(clock, step);
        report.check(5, stays.times == 2);
        if (leaves.times == 0) clock.detach(leaves);
    }
}

}  // namespace detail

/// For a clock whose time passes by itself. Uses three threads.
template <class Clock>
    requires(!clock_jumps<Clock>)
conformance_report check_clock(Clock& clock) {
    static_assert(explain_clock<Clock>());
    conformance_report report{clock_rules};
    detail::check_clock_reads(clock, report);
    for (int rule = 3; rule <= 6; ++rule) report.excuse(rule, "its time passes by itself");
    return report;
}

/// For a clock that is moved: `move(clock, span)` moves it on by `span` and comes back.
template <class Clock, class Move>
conformance_report check_clock(Clock& clock, Move const& move) {
    static_assert(explain_clock<Clock>());
    conformance_report report{clock_rules};
    detail::check_clock_reads(clock, report);
    detail::check_clock_moves(clock, move, report);
    if constexpr (!clock_jumps<Clock>) {
        for (int rule = 4; rule <= 6; ++rule) report.excuse(rule, "it has no listeners");
    }
    return report;
}

}  // namespace troupe::inline TROUPE_ABI
