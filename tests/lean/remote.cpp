// SPDX-License-Identifier: BSL-1.0

// Two nodes without exceptions and without run-time type information: an ask over a connection, a
// handler that fails, a connection that is lost, and what is wrong as a value.

#include <cstdio>
#include <optional>

#include "troupe/remote.hpp"
#include "troupe/testing.hpp"
#include "troupe/troupe.hpp"

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

struct config : troupe::defaults {
    using scheduler_type = troupe::run_loop_scheduler;
    using clock_type = troupe::manual_clock;
    using log_type = troupe::null_log;
};
using node = troupe::node<troupe::loopback_transport>;

struct sides {
    sides() : network(clock), here({.clock = &clock}), there({.clock = &clock}) {}
    void settle() {
        while (here.run_until_idle() + there.run_until_idle() != 0) {}
    }
    template <class Request>
    auto outcome(Request request) {
        request.start();
        settle();
        return request.result();
    }
    troupe::manual_clock         clock;
    troupe::loopback_network     network;
    troupe::basic_system<config> here;
    troupe::basic_system<config> there;
};

template <class System>
void check_end(System& system) {
    troupe::stop_report const report = system.stop(std::chrono::seconds{5});
    CHECK(report.complete);
    CHECK(report.books.balanced());
    CHECK(report.books.actors == 0);
    CHECK(report.books.blocks == 0);
}

void run() {
    sides w;
    {
        node server{w.there, {.listen = "loopback://server"}, w.network.transport()};
        node client{w.here, {}, w.network.transport()};
        auto made = w.there.try_spawn<sum>();
        CHECK(made.has_value());
        CHECK(server.try_expose("sum", *made).has_value());
        CHECK(!server.try_expose("sum", *made).has_value());    // the key is taken
        CHECK(!server.try_expose("a key", *made).has_value());  // and this is none
        CHECK(!client.try_resolve<sum>("no place", "sum").has_value());

        auto const resolved = client.try_resolve<sum>("loopback://server", "sum");
        CHECK(resolved.has_value());
        troupe::ref<sum::protocol> const far = *resolved;
        for (int i = 0; i < 100; ++i) static_cast<void>(far.try_send(add{i}));
        auto const answered = w.outcome(far.ask(total{}));
        CHECK(answered.has_value() && *answered == 4950);

        auto const failed = w.outcome(far.ask(wrong{}));
        CHECK(!failed.has_value() && failed.error().code() == troupe::ask_errc::failed);

        // The one who asks learns that the connection is lost, and so does the next one.
        auto again = w.there.try_spawn<sum>();
        CHECK(server.try_expose("again", *again).has_value());
        auto const other = client.try_resolve<sum>("loopback://server", "again");
        CHECK(w.outcome(other->ask(total{})).has_value());
        w.network.partition();
        auto asked = other->ask(total{});
        asked.start();
        w.settle();
        w.network.reset();
        w.network.heal();
        w.network.faults({.refuse = true});
        w.settle();
        auto const lost = asked.result();
        CHECK(!lost.has_value() && lost.error().code() == troupe::ask_errc::link_lost);
        auto const down = w.outcome(other->ask(total{}));
        CHECK(!down.has_value() && down.error().code() == troupe::ask_errc::link_lost);
    }
    w.settle();
    check_end(w.here);
    check_end(w.there);
}

}  // namespace

int main() {
    run();
    if (failures == 0) std::printf("all holds\n");
    return failures == 0 ? 0 : 1;
}
