// SPDX-License-Identifier: BSL-1.0

// Two processes. The one that serves is killed, stands still, or ends in order, while messages flow
// and asks wait: every ask ends once, nothing comes twice or out of order, what is lost is counted,
// and who comes back at the same place is found again.

#include <csignal>
#include <cstdint>
#include <vector>

#include "support/soak.hpp"
#include "support/sockets.hpp"
#include "support/two_processes.hpp"

namespace test_remote_processes {

using namespace troupe_test::two_processes;
using troupe_test::await;

TEMPLATE_TEST_CASE("a server that is killed loses what was on its way, and what is lost is counted",
                   "", troupe::tcp_transport, troupe::unix_transport) {
    auto const      kills = troupe_test::scaled(6, 50);
    world<TestType> w;
    {
        int const                                 descriptors = troupe_test::open_descriptors();
        traffic                                   flows{w.far};
        std::vector<decltype(w.far.ask(never{}))> asks;
        for (std::uint64_t i = 0; i < kills; ++i) {
            w.hold(asks, 50);
            std::uint64_t const seen = w.book->seen.load();
            await(
                [&] { return w.book->seen.load() != seen || w.status().state != link_state::up; });
            w.server->signal(SIGKILL);
            CHECK(w.server->wait() == -SIGKILL);
            w.all_lost(asks);
            w.start();
            w.answer();
        }
        flows.stop();
        CHECK(flows.wrong.load() == 0);
        CHECK(flows.asked.load() ==
              flows.answered.load() + flows.lost.load() + flows.expired.load());

        w.answer();  // behind everything
        CHECK(troupe_test::open_descriptors() == descriptors);
        auto const drained = w.client->drain(w.at, troupe_test::watchdog).get();
        CHECK(drained.complete);
        // What was written before the goodbye is still handled.
        std::uint64_t const counted = drained.unconfirmed + drained.refused;
        std::uint64_t const sent = flows.sent.load();
        w.server->release();
        CHECK(w.server->line() == "ended well");
        std::uint64_t const seen = w.book->seen.load();
        INFO("sent " << sent << " handled " << seen << " counted as lost " << counted);
        CHECK(w.book->wrong.load() == 0);
        CHECK(seen <= sent);
        CHECK(sent - seen <= counted + kills * unhandled_max);
        CHECK(counted <= sent + flows.asked.load() + 50 * kills);
        CHECK(w.here.log_sink().downs() >= kills);
    }
}

TEMPLATE_TEST_CASE("a server that stands still is given up, holds back who sends, and repeats "
                   "nothing when it goes "
                   "on",
                   "", troupe::tcp_transport, troupe::unix_transport) {
    auto const      rounds = troupe_test::scaled(2, 20);
    world<TestType> w;
    std::uint64_t   next = 1;
    for (std::uint64_t round = 0; round < rounds; ++round) {
        std::vector<decltype(w.far.ask(never{}))> asks;
        w.hold(asks, 20);
        auto const        downs = [&] { return w.here.log_sink().downs(); };
        std::size_t const before = downs();
        w.server->freeze();
        // Nobody takes anything: soon nothing more is accepted, though the link does not know yet.
        std::uint64_t accepted = 0;
        bool          held_back = false;
        while (!held_back && downs() == before) {
            if (w.far.try_send(item{next}) == troupe::send_status::accepted) {
                ++next;
                ++accepted;
            } else {
                held_back = true;
            }
        }
        await([&] { return downs() != before; });
        w.all_lost(asks);
        CHECK(w.here.log_sink().why() == "timed out: no heartbeat");
        // The window, in frames of 18 bytes at the least; its mailbox; a message in between.
        CHECK(held_back);
        CHECK(accepted <= links().window / 18 + 1024 + 1);
        auto const lost = w.far.ask(question{1}).within(10s).result();
        CHECK_FALSE(lost.has_value());
        w.server->thaw();
        w.answer();
        std::size_t const again = downs();
        for (int i = 0; i < 100; ++i) w.far.send(item{next++});
        w.answer();  // behind them
        if (downs() == again) { CHECK(w.book->last.load() == next - 1); }
        CHECK(w.book->wrong.load() == 0);
        CHECK(w.book->seen.load() <= next - 1);
        CHECK(w.status().unconfirmed != 0);
    }
    w.server->release();
    CHECK(w.server->line() == "ended well");
    CHECK(w.server->wait() == 0);
}

TEMPLATE_TEST_CASE("a server that ends in order ends what waits for it, and is found when it is "
                   "back",
                   "", troupe::tcp_transport, troupe::unix_transport) {
    auto const      rounds = troupe_test::scaled(3, 30);
    world<TestType> w;
    for (std::uint64_t round = 0; round < rounds; ++round) {
        std::vector<decltype(w.far.ask(never{}))> asks;
        w.hold(asks, 20);
        w.server->release();
        CHECK(w.server->line() == "ended well");
        CHECK(w.server->wait() == 0);
        w.all_lost(asks);
        w.start();
        w.answer();
    }
}

TEMPLATE_TEST_CASE("a drain before the end loses nothing", "", troupe::tcp_transport,
                   troupe::unix_transport) {
    world<TestType> w;
    std::uint64_t   sent = 0;
    {
        traffic             flows{w.far};
        std::uint64_t const before = flows.answered.load();
        await([&] { return flows.answered.load() >= before + 10; });
        flows.stop();
        sent = flows.sent.load();
        CHECK(flows.answered.load() == flows.asked.load());
    }
    for (int i = 0; i < 500; ++i) w.far.send(item{++sent});
    w.answer();  // all of them have gone through the reference
    for (int i = 0; i < 500; ++i) w.far.send(item{++sent});
    w.here.wait_idle();
    auto const report = w.client->drain(w.at, troupe_test::watchdog).get();
    CHECK(report.complete);
    CHECK(report.abandoned == 0);
    CHECK(report.refused == 0);
    // Sent is not handled: a node that ends does not wait for that. Unless this machine was so busy
    // that the server seemed dead, all of it comes.
    if (w.here.log_sink().downs() == 0) {
        await([&] { return w.book->seen.load() >= sent; });
        CHECK(w.book->seen.load() == sent);
    }
    w.server->release();
    CHECK(w.server->line() == "ended well");
    CHECK(w.server->wait() == 0);
    CHECK(w.book->wrong.load() == 0);
}

}  // namespace test_remote_processes
