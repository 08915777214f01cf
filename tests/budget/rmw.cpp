// SPDX-License-Identifier: BSL-1.0
// Design decision 5: read-modify-writes of a local send, counted through the seam of sync/. One per
// message to a busy actor, two for send + run + idle on one worker. Everything here runs on the one
// thread that counts: the worker itself, from inside its handlers.

#define TROUPE_COUNT_RMW 1
#include "support/systems.hpp"

#include <cstdint>
#include <cstdio>

namespace test_rmw {

using namespace troupe_test;

using troupe::detail::rmw_count;

struct go {
    int messages;
};
struct item {
    int n;
};
struct bounce {
    int left;
};
struct report {};

class sink {
public:
    using protocol = troupe::protocol<void(item)>;
    using mailbox_type = troupe::unbounded_mailbox;
    void on(item) {}
};

class bounded_sink {
public:
    using protocol = troupe::protocol<void(item)>;
    void on(item) {}
};

// Sends many in one run of a handler: the target is busy from the second on.
template <class Target>
class source {
public:
    using protocol = troupe::protocol<std::uint64_t(go)>;
    explicit source(troupe::ref<Target> to) : to_(to) {}
    std::uint64_t on(go g) {
        to_.send(item{0});  // idle to ready: not what is measured
        std::uint64_t const before = rmw_count;
        for (int i = 0; i < g.messages; ++i) to_.send(item{i});
        return rmw_count - before;
    }

private:
    troupe::ref<Target> to_;
};

template <class Setup, class Target>
double per_busy_send() {
    fixture<Setup> f;
    auto const     to = f.system.template spawn<Target>();
    auto const     from = f.system.template spawn<source<Target>>(to);
    // Warm-up: the magazines are full.
    for (int i = 0; i < 3; ++i) {
        static_cast<void>(from.ask(go{500}).get());
        f.system.wait_idle();
    }
    std::uint64_t const counted = from.ask(go{500}).get();
    f.system.wait_idle();
    return static_cast<double>(counted) / 500;
}

TEMPLATE_TEST_CASE("a message to a busy actor costs its sender one read-modify-write", "",
                   troupe_test::one_worker, troupe_test::run_loop) {
    double const unbounded = per_busy_send<TestType, sink>();
    double const bounded = per_busy_send<TestType, bounded_sink>();
    std::printf("RMW per send to a busy actor: unbounded %.3f, bounded block %.3f\n", unbounded,
                bounded);
    // Plus a trip to the depot for each chain of 32 blocks: a lock, two operations.
    CHECK(unbounded <= 1.1);
    CHECK(bounded <= 1.1);
    CHECK(unbounded >= 1.0);
}

// Two actors that send one message back and forth: each message is a send to an idle actor, its
// run, and its going idle.
struct meet {
    troupe::ref<troupe::protocol<void(bounce)>> other;
};

class ping_pong {
public:
    using protocol = troupe::protocol<void(bounce), void(meet), std::uint64_t(report)>;
    void on(meet m) { other_ = m.other; }
    void on(bounce b) {
        if (b.left == 1000) first_ = rmw_count;
        if (b.left == 0) end_ = rmw_count;
        if (b.left > 0) other_.send(bounce{b.left - 1});
    }
    std::uint64_t on(report) const { return end_ - first_; }

private:
    troupe::ref<troupe::protocol<void(bounce)>> other_;
    std::uint64_t                               first_ = 0;
    std::uint64_t                               end_ = 0;
};

TEMPLATE_TEST_CASE("send, run and idle cost two read-modify-writes on one worker", "",
                   troupe_test::one_worker, troupe_test::run_loop) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<ping_pong>();
    auto const        b = f.system.template spawn<ping_pong>();
    a.send(meet{b});
    b.send(meet{a});
    f.system.wait_idle();
    a.send(bounce{1100});  // 1000 and 0 are both a's
    f.system.wait_idle();
    double const cost = static_cast<double>(a.ask(report{}).get()) / 1000;
    std::printf("RMW per send + run + idle: %.3f\n", cost);
    CHECK(cost <= 2.1);
    CHECK(cost >= 1.9);
}

// A busy actor's own side: handling what is queued.
class drain {
public:
    using protocol = troupe::protocol<void(item), std::uint64_t(report)>;
    using mailbox_type = troupe::unbounded_mailbox;
    void on(item i) {
        if (i.n == 100) first_ = rmw_count;
        if (i.n == 1100) end_ = rmw_count;
    }
    std::uint64_t on(report) const { return end_ - first_; }

private:
    std::uint64_t first_ = 0;
    std::uint64_t end_ = 0;
};

class feeds {
public:
    using protocol = troupe::protocol<void(go)>;
    explicit feeds(troupe::ref<drain> to) : to_(to) {}
    void on(go g) {
        for (int i = 0; i < g.messages; ++i) to_.send(item{i});
    }

private:
    troupe::ref<drain> to_;
};

TEST_CASE("handling what is queued costs next to nothing") {
    fixture<one_worker> f;
    auto const          to = f.system.spawn<drain>();
    auto const          from = f.system.spawn<feeds>(to);
    for (int i = 0; i < 3; ++i) {
        from.send(go{1200});
        f.system.wait_idle();
    }
    double const cost = static_cast<double>(to.ask(report{}).get()) / 1000;
    std::printf("RMW per handled message of a busy actor: %.3f\n", cost);
    CHECK(cost <= 0.25);
}

}  // namespace test_rmw
