// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/hooks.hpp"

#include "support/systems.hpp"
#include "support/trace.hpp"

#include <chrono>
#include <stdexcept>
#include <string>

namespace test_hooks {

using namespace std::chrono_literals;
using namespace troupe_test;

/// Writes down which hooks were late, as the log has it, and counts what the metrics sink is told.
struct told : by_hand<troupe::run_loop_scheduler> {
    struct log_type {
        trace late;
        void  write(troupe::log_record const& r) noexcept {
            if (r.event == "hook overdue")
                late.add(std::string{r.detail} + "@" + std::string{r.name});
        }
    };
    struct metrics_type {
        std::uint64_t late = 0;
        void          count(troupe::metric id, std::uint64_t n) noexcept {
            if (id == troupe::metric::hooks_overdue) late += n;
        }
    };
};
using here = setup<told, 1>;

struct fall {};

/// Each hook takes its time on the clock of the test.
class slow {
public:
    using protocol = troupe::protocol<void(fall)>;
    static constexpr troupe::hook_deadlines hooks{
        .started = 1s, .stopping = 2s, .stopped = 3s, .restarting = 4s};

    slow(troupe::manual_clock& clock, troupe::duration more) : clock_(clock), more_(more) {}
    void started() { clock_.advance(1s + more_); }
    void stopping() { clock_.advance(2s + more_); }
    void stopped() { clock_.advance(3s + more_); }
    void restarting(troupe::failure const&) { clock_.advance(4s + more_); }
    void on(fall) { throw std::runtime_error{"down"}; }

private:
    troupe::manual_clock& clock_;
    troupe::duration      more_;
};

struct get {};
class parent {
public:
    using protocol = troupe::protocol<troupe::ref<slow>(get)>;
    static constexpr troupe::one_for_one supervision{};
    parent(troupe::manual_clock& clock, troupe::duration more) : clock_(clock), more_(more) {}
    void started(troupe::context<parent>& self) {
        child_ = self.spawn<slow>(troupe::name{"child"}, std::ref(clock_), more_);
    }
    troupe::ref<slow> on(get) { return child_; }

private:
    troupe::manual_clock& clock_;
    troupe::duration      more_;
    troupe::ref<slow>     child_;
};

TEST_CASE("a hook that takes longer than its deadline is told of, and counted, each time") {
    fixture<here> f;
    auto const    p = f.system.spawn<parent>(std::ref(f.clock), 1ns);
    trace&        late = f.system.log().late;
    CHECK(late.take() == "started@child");
    auto child = p.ask(get{});
    child.start();
    f.settle();
    child.get().send(fall{});
    f.settle();
    CHECK(late.take() == "restarting@child started@child");
    f.system.stop(p);
    f.settle();
    CHECK(late.take() == "stopping@child stopped@child");
    CHECK(f.system.metrics().late == 5);
}

TEST_CASE("a hook that takes as long as its deadline is in time") {
    fixture<here> f;
    auto const    p = f.system.spawn<parent>(std::ref(f.clock), 0ns);
    auto          child = p.ask(get{});
    child.start();
    f.settle();
    child.get().send(fall{});
    f.settle();
    f.system.stop(p);
    f.settle();
    CHECK(f.system.log().late.text().empty());
    CHECK(f.system.metrics().late == 0);
}

}  // namespace test_hooks
