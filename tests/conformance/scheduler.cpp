// SPDX-License-Identifier: BSL-1.0
#include "troupe/testing/conformance/scheduler.hpp"

#include "support/catch.hpp"

#include "troupe/schedule/driven.hpp"
#include "troupe/schedule/work_stealing.hpp"
#include "troupe/testing/archetype/scheduler.hpp"
#include "troupe/testing/simulated_scheduler.hpp"

#include <utility>

namespace test_conformance_scheduler {

using namespace std::chrono_literals;
using troupe::check_scheduler;
using troupe::conformance_report;
using troupe::driven_scheduler;
using troupe::ready_list;
using troupe::ready_order_archetype;
using troupe::run_loop_scheduler;
using troupe::runnable;
using troupe::scheduler_archetype;
using troupe::simulated_scheduler;
using troupe::work_stealing_scheduler;

void keeps(conformance_report const& report) {
    INFO(report.text());
    CHECK(report);
}

// clang-format off
TEST_CASE("work_stealing_scheduler is a scheduler") {
    keeps(check_scheduler<work_stealing_scheduler>(1));
    keeps(check_scheduler<work_stealing_scheduler>(2));
}
TEST_CASE("run_loop_scheduler is a scheduler")  { keeps(check_scheduler<run_loop_scheduler>()); }
TEST_CASE("simulated_scheduler is a scheduler") {
    keeps(check_scheduler<simulated_scheduler>());
    keeps(check_scheduler<simulated_scheduler>(1));
}
TEST_CASE("driven_scheduler makes a scheduler of an order") {
    keeps(check_scheduler<driven_scheduler<ready_order_archetype>>());
}
TEST_CASE("scheduler_archetype is a scheduler") { keeps(check_scheduler<scheduler_archetype>()); }
// clang-format on

// ---- what is none, and the rule that says so

enum class fault {
    none,
    loses,
    doubles,
    forgets_what_goes_on,
    deaf_outside,
    newest_first,
    stranger
};

template <fault Fault>
class faulty_order {
public:
    static constexpr unsigned turn_messages = 1;

    explicit faulty_order(unsigned) noexcept {}
    void push(int worker, runnable& r) noexcept {
        ++pushed_;
        if (Fault == fault::loses && pushed_ % 10 == 0) return;
        if (Fault == fault::deaf_outside && worker < 0 && pushed_ > 2000) return;
        if (Fault == fault::forgets_what_goes_on && worker >= 0 && &r == last_) return;
        if (Fault == fault::newest_first) {
            ready_list older = ready_;
            ready_ = {};
            ready_.push(r);
            while (runnable* const o = older.pop()) ready_.push(*o);
            return;
        }
        ready_.push(r);
    }
    runnable* pop(unsigned& worker) noexcept {
        worker = Fault == fault::stranger ? 3 : 0;
        if (Fault == fault::doubles && ++pops_ % 10 == 0 && last_ != nullptr) {
            return std::exchange(last_, nullptr);
        }
        runnable* const r = ready_.pop();
        last_ = r;
        return r;
    }

private:
    ready_list ready_;
    runnable*  last_ = nullptr;
    unsigned   pushed_ = 0;
    unsigned   pops_ = 0;
};
template <fault Fault>
conformance_report report_of() {
    auto const patience = Fault == fault::none ? troupe::duration{30s} : 50ms;
    return check_scheduler<driven_scheduler<faulty_order<Fault>>>(0, patience);
}

TEST_CASE("each fault of a ready order breaks its rule") {
    keeps(report_of<fault::none>());
    CHECK(report_of<fault::loses>().broken(1));
    CHECK(report_of<fault::doubles>().broken(1));
    CHECK(report_of<fault::forgets_what_goes_on>().broken(2));
    CHECK_FALSE(report_of<fault::forgets_what_goes_on>().broken(1));
    CHECK(report_of<fault::deaf_outside>().broken(3));
    CHECK_FALSE(report_of<fault::deaf_outside>().broken(1));
    CHECK(report_of<fault::stranger>().broken(4));
    CHECK(report_of<fault::newest_first>().broken(5));
}

/// A whole scheduler with a fault: its engine is that of the driven one, and more.
enum class defect { timers, idle, end };
template <defect Defect>
struct faulty_engine_scheduler : run_loop_scheduler {
    template <class Host>
    class engine : public run_loop_scheduler::engine<Host> {
        using base = run_loop_scheduler::engine<Host>;

    public:
        using base::base;
        bool wait_idle(troupe::duration patience) noexcept {
            return Defect == defect::idle || base::wait_idle(patience);
        }
        bool stop(troupe::duration patience) noexcept {
            return base::stop(patience) && Defect != defect::end;
        }
    };
};

TEST_CASE("each fault of an engine breaks its rule") {
    CHECK(check_scheduler<faulty_engine_scheduler<defect::idle>>().broken(7));
    CHECK(check_scheduler<faulty_engine_scheduler<defect::end>>().broken(8));
}

}  // namespace test_conformance_scheduler
