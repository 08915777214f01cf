// SPDX-License-Identifier: BSL-1.0
#include "troupe/testing/conformance/clock.hpp"

#include "support/catch.hpp"

#include "troupe/os/monotonic_clock.hpp"
#include "troupe/testing/archetype/clock.hpp"
#include "troupe/testing/manual_clock.hpp"

#include <atomic>
#include <vector>

namespace test_conformance_clock {

using troupe::check_clock;
using troupe::clock_archetype;
using troupe::conformance_report;
using troupe::duration;
using troupe::manual_clock;
using troupe::monotonic_clock;

void keeps(conformance_report const& report) {
    INFO(report.text());
    CHECK(report);
}
auto const advance = [](auto& clock, duration by) { clock.advance(by); };

// clang-format off
TEST_CASE("monotonic_clock is a clock")  { monotonic_clock c; keeps(check_clock(c)); }
TEST_CASE("manual_clock is a clock")     { manual_clock c;    keeps(check_clock(c, advance)); }
TEST_CASE("clock_archetype is a clock")  { clock_archetype c; keeps(check_clock(c)); }
// clang-format on

// ---- what is none, and the rule that says so

/// Goes back now and then.
struct jumpy {
    troupe::time_point now() const noexcept {
        int const n = reads.fetch_add(1);
        return {n % 100 == 99 ? n - 50 : n};
    }
    mutable std::atomic<int> reads{0};
};
/// Each thread has a time of its own.
struct by_thread {
    troupe::time_point now() const noexcept {
        static thread_local std::int64_t const offset = -1'000'000 * threads.fetch_add(1);
        static thread_local std::int64_t       read = 0;
        return {offset + read++};
    }
    static inline std::atomic<int> threads{0};
};
/// A clock that is moved, with a fault.
enum class fault { none, late, silent, tells_before, tells_twice, forgets_nobody };
template <fault Fault>
class faulty {
public:
    troupe::time_point now() const noexcept { return {time_}; }
    void               advance(duration by) noexcept {
        if (Fault == fault::tells_before) tell();
        if (Fault != fault::late || ++moves_ > 1) time_ += by.count();
        if (Fault == fault::silent || Fault == fault::tells_before) return;
        tell();
        if (Fault == fault::tells_twice) tell();
    }
    void attach(troupe::clock_listener& l) noexcept { listeners_.push_back(&l); }
    void detach(troupe::clock_listener& l) noexcept {
        if (Fault == fault::forgets_nobody) return;
        for (auto& place : listeners_) {
            if (place == &l) place = nullptr;
        }
    }

private:
    void tell() noexcept {
        for (std::size_t i = 0; i < listeners_.size(); ++i) {
            if (listeners_[i] != nullptr) listeners_[i]->clock_jumped();
        }
    }
    std::int64_t                         time_ = 0;
    int                                  moves_ = 0;
    std::vector<troupe::clock_listener*> listeners_;
};
template <fault Fault>
conformance_report report_of() {
    faulty<Fault> clock;
    return check_clock(clock, advance);
}

TEST_CASE("a clock that goes back breaks rule 1") {
    jumpy                    clock;
    conformance_report const report = check_clock(clock);
    CHECK(report.broken(1));
    CHECK_THAT(report.text(), troupe_test::contains("rule 1: `now` never goes back"));
}
TEST_CASE("a clock that differs between threads breaks rule 2") {
    by_thread                clock;
    conformance_report const report = check_clock(clock);
    CHECK(report.broken(2));
    CHECK_FALSE(report.broken(1));
}
TEST_CASE("each fault of a clock that is moved breaks its rule") {
    CHECK(report_of<fault::none>());
    CHECK(report_of<fault::late>().broken(3));
    CHECK(report_of<fault::silent>().broken(4));
    CHECK(report_of<fault::tells_before>().broken(4));
    CHECK(report_of<fault::tells_twice>().broken(4));
    CHECK(report_of<fault::forgets_nobody>().broken(5));
    CHECK(report_of<fault::forgets_nobody>().broken(6));
    CHECK_FALSE(report_of<fault::silent>().broken(3));
}

}  // namespace test_conformance_clock
