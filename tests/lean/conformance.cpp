// SPDX-License-Identifier: BSL-1.0

// The conformance suites need no exceptions and no test framework: they run here without both.

#include <troupe/testing.hpp>

#include <cstdio>

namespace {

int  failed = 0;
void keeps(char const* what, troupe::conformance_report const& report) {
    if (report) return;
    std::printf("%s:\n%s", what, report.text().c_str());
    ++failed;
}

/// Forgets what comes from outside.
class deaf_order {
public:
    static constexpr unsigned turn_messages = 1;
    explicit deaf_order(unsigned) noexcept {}
    void push(int worker, troupe::runnable& r) noexcept {
        if (worker >= 0) ready_.push(r);
    }
    troupe::runnable* pop(unsigned& worker) noexcept {
        worker = 0;
        return ready_.pop();
    }

private:
    troupe::ready_list ready_;
};

}  // namespace

int main() {
    troupe::manual_clock by_hand;
    auto const           advance = [](auto& clock, troupe::duration by) { clock.advance(by); };
    keeps("manual_clock", troupe::check_clock(by_hand, advance));
    keeps("slab_pool", troupe::check_pool<troupe::slab_pool>());
    keeps("bounded_mailbox", troupe::check_mailbox<troupe::bounded_mailbox<8>>());
    keeps("work_stealing_scheduler", troupe::check_scheduler<troupe::work_stealing_scheduler>(2));
    if (troupe::check_scheduler<troupe::driven_scheduler<deaf_order>>()) {
        std::printf("an order that forgets is not found out\n");
        ++failed;
    }
    if (failed == 0) std::printf("all suites run without exceptions\n");
    return failed == 0 ? 0 : 1;
}
