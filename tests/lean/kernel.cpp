// SPDX-License-Identifier: BSL-1.0

// The library without exceptions and without run-time type information. Catch cannot be built that
// way, so this is a program of its own.

#include <cstdio>
#include <cstdlib>

#include "troupe/testing.hpp"

#if TROUPE_HAS_EXCEPTIONS
#error "this test is for builds with -fno-exceptions"
#endif

namespace {

int failures = 0;

void check(bool holds, char const* what, int line) {
    if (holds) return;
    std::printf("line %d: %s does not hold\n", line, what);
    ++failures;
}
#define CHECK(condition) check(condition, #condition, __LINE__)

struct add {
    int value;
};
struct total {};
struct wrong {};
struct ask_wrong {};

class sum {
public:
    using protocol = troupe::protocol<void(add), int(total), int(wrong)>;
    void on(add a) { total_ += a.value; }
    int  on(total) const { return total_; }
    int  on(wrong, troupe::context<sum>& self) {
        self.fail("on purpose");
        return 0;
    }

private:
    int total_ = 0;
};

class asker {
public:
    using protocol = troupe::protocol<int(total), int(ask_wrong)>;
    explicit asker(troupe::ref<sum> to) : to_(to) {}
    troupe::task<int> on(total) { co_return co_await to_.ask<total>() + 1; }
    troupe::task<int> on(ask_wrong) {
        int const never = co_await to_.ask<wrong>();
        std::abort();  // a failed await does not resume the handler
        co_return never;
    }

private:
    troupe::ref<sum> to_;
};

struct quiet : troupe::defaults {
    using log_type = troupe::null_log;
};
struct looped : quiet {
    using scheduler_type = troupe::run_loop_scheduler;
    using pool_type = troupe::fixed_pool<1024 * 1024>;
};
struct simulated : quiet {
    using scheduler_type = troupe::simulated_scheduler;
    using pool_type = troupe::heap_pool;
};

template <class Config>
void run() {
    troupe::basic_system<Config> system;
    auto                         made = system.template try_spawn<sum>(troupe::name{"sum"});
    CHECK(made.has_value());
    auto const to = *made;
    CHECK(!system.template try_spawn<sum>(troupe::name{"sum"}).has_value());
    for (int i = 0; i < 100; ++i) to.send(add{i});
    auto answered = to.ask(total{}).result();
    CHECK(answered.has_value() && *answered == 4950);

    auto const from = *system.template try_spawn<asker>(to);
    auto       awaited = from.ask(total{}).result();
    CHECK(awaited.has_value() && *awaited == 4951);

    // A failed await ends the handler that waits as a failure, and so its own asker is told.
    auto broken = from.ask(ask_wrong{}).result();
    CHECK(!broken.has_value() && broken.error().code() == troupe::ask_errc::failed);
    system.wait_idle();
    CHECK(to.try_send(add{1}) == troupe::send_status::no_target);
    CHECK(from.ask(total{}).result().error().code() == troupe::ask_errc::target_gone);

    // Nothing is thrown here: a failure has the words that were said.
    auto const      other = *system.template try_spawn<sum>(troupe::name{"other"});
    auto&           c = *troupe::detail::ref_access::cell_of(other);
    auto&           home = *c.door.load()->inside();
    troupe::failure why = troupe::detail::tell_failure(
        home, nullptr, {.who = c, .where = troupe::failed_in::handler, .words = "on purpose"});
    CHECK(why && why.what() == "on purpose" && why.path() == "other");
    CHECK(why.template came_from<sum>() && why.who() == troupe::any_ref{other});
    CHECK(!why.error() && !why.template is<int>() && !why.template is<std::exception>());
    why = {};

    CHECK(system.books().balanced());
    CHECK(system.books().failed == 2);
    troupe::stop_report const report = system.stop(std::chrono::seconds{5});
    CHECK(report.complete);
    CHECK(report.books.balanced());
    CHECK(report.books.actors == 0);
    CHECK(report.books.blocks == 0);
}

}  // namespace

int main() {
    run<quiet>();
    run<looped>();
    run<simulated>();
    if (failures == 0) std::printf("all holds\n");
    return failures == 0 ? 0 : 1;
}
