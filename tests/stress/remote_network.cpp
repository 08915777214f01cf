// SPDX-License-Identifier: BSL-1.0

// Two processes on a network of their own that loses packets, and then all of them: in a network
// namespace, with rules of nftables. Every ask ends once, the connection is given up and comes
// back, nothing comes twice or out of order, and what is lost is counted. Skipped where there may
// be no such network, or no nft.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "support/catch.hpp"

#if defined(__linux__)

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/soak.hpp"
#include "support/two_processes.hpp"

namespace test_remote_network {

using namespace troupe_test::two_processes;
using troupe_test::await;

bool written(char const* path, std::string const& text) {
    std::ofstream to{path};
    to << text << std::flush;
    return to.good();
}

/// Its loopback, which nobody else sees, is this thread's network from now on, and that of all that
/// it starts. Who is not root becomes that in a namespace of users, where this is allowed.
class own_network {
public:
    own_network() {
        auto const user = std::to_string(::geteuid());
        auto const group = std::to_string(::getegid());
        if (::unshare(CLONE_NEWNET) != 0) {
            if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
                why_ = "this user may not have a network namespace";
                return;
            }
            written("/proc/self/setgroups", "deny");
            if (!written("/proc/self/uid_map", "0 " + user + " 1") ||
                !written("/proc/self/gid_map", "0 " + group + " 1")) {
                why_ = "this user may not be root in a namespace";
                return;
            }
        }
        ifreq     loopback{};
        int const any = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        loopback.ifr_name[0] = 'l';
        loopback.ifr_name[1] = 'o';
        loopback.ifr_flags = IFF_UP | IFF_RUNNING | IFF_LOOPBACK;
        bool const up = any >= 0 && ::ioctl(any, SIOCSIFFLAGS, &loopback) == 0;
        if (any >= 0) ::close(any);
        if (!up) why_ = "the loopback of the namespace does not come up";
        else if (!rules(""))
            why_ = "nft is not here (Debian: nftables), or the kernel has no rules";
        else if (!rules("numgen random mod 100 < 1 drop"))
            why_ = "the kernel has no rules that go by chance";
        else heals();
    }
    /// Why there is none; null: there is.
    char const* missing() const { return why_; }

    // What arrives is dropped, so that nobody is told when it is sent.
    void loses(int of_hundred) {
        set("numgen random mod 100 < " + std::to_string(of_hundred) + " counter drop");
    }
    void parts() { set("drop"); }
    /// Only what the server says is lost.
    void parts_one_way(std::string const& server) {
        set("tcp sport " + server.substr(server.rfind(':') + 1) + " drop");
    }
    void heals() { set(""); }
    /// How many packets the rule that is there has dropped.
    std::uint64_t dropped() const {
        std::string   said;
        char          part[256];
        std::uint64_t packets = 0;
        FILE* const   list = ::popen("PATH=$PATH:/usr/sbin:/sbin nft list table inet troupe", "r");
        while (list != nullptr && std::fgets(part, sizeof part, list) != nullptr) said += part;
        if (list != nullptr) ::pclose(list);
        auto const at = said.find("packets ");
        if (at != std::string::npos) packets = std::strtoull(said.c_str() + at + 8, nullptr, 10);
        return packets;
    }

private:
    void set(std::string const& rule) {
        if (!rules(rule)) FAIL("nft has refused " + rule);
    }
    static bool rules(std::string const& rule) {
        std::string all =
            "add table inet troupe; flush table inet troupe; add chain inet troupe in "
            "{ type filter hook input priority 0; }";
        if (!rule.empty()) all += "; add rule inet troupe in meta l4proto tcp " + rule;
        return std::system(
                   ("PATH=$PATH:/usr/sbin:/sbin nft '" + all + "' >/dev/null 2>&1").c_str()) == 0;
    }
    char const* why_ = nullptr;
};

/// What was sent was handled, or is counted: to the last message.
void adds_up(world<troupe::tcp_transport>& w, std::uint64_t sent, std::uint64_t asked) {
    w.answer();  // behind everything
    auto const drained = w.client->drain(w.at, troupe_test::watchdog).get();
    CHECK(drained.complete);
    w.server->release();
    CHECK(w.server->line() == "ended well");
    std::uint64_t const counted = drained.unconfirmed + drained.refused;
    std::uint64_t const seen = w.book->seen.load();
    INFO("sent " << sent << " handled " << seen << " counted as lost " << counted);
    CHECK(w.book->wrong.load() == 0);
    CHECK(seen <= sent);
    CHECK(sent - seen <= counted);
    CHECK(counted <= sent + asked);
}

TEST_CASE("a network that loses every tenth packet loses no message while the connection stands") {
    own_network net;
    if (net.missing() != nullptr) SKIP(net.missing());
    auto const                   enough = troupe_test::scaled(60, 5'000);
    world<troupe::tcp_transport> w;
    net.loses(10);
    traffic             flows{w.far};
    std::uint64_t const before = w.book->seen.load();
    await(
        [&] { return flows.answered.load() >= enough && w.book->seen.load() - before >= enough; });
    CHECK(net.dropped() > enough / 10);
    net.heals();
    flows.stop();
    CHECK(flows.wrong.load() == 0);
    CHECK(flows.asked.load() == flows.answered.load() + flows.lost.load() + flows.expired.load());
    bool const stood = w.here.log_sink().downs() == 0;
    adds_up(w, flows.sent.load(), flows.asked.load());
    if (stood) { CHECK(w.book->seen.load() == flows.sent.load()); }
}

TEST_CASE("two processes that a network parts find each other again when it heals") {
    own_network net;
    if (net.missing() != nullptr) SKIP(net.missing());
    auto const                   rounds = troupe_test::scaled(1, 20);
    bool const                   one_way = GENERATE(false, true);
    world<troupe::tcp_transport> w;
    traffic                      flows{w.far};
    CAPTURE(one_way);
    for (std::uint64_t round = 0; round < rounds; ++round) {
        std::vector<decltype(w.far.ask(never{}))> asks;
        w.hold(asks, 20);
        std::size_t const downs = w.here.log_sink().downs();
        if (one_way) net.parts_one_way(w.at);
        else net.parts();
        await([&] { return w.here.log_sink().downs() != downs; });
        CHECK(w.here.log_sink().why() == "timed out: no heartbeat");
        w.all_lost(asks);
        net.heals();
        w.answer();
    }
    flows.stop();
    CHECK(flows.wrong.load() == 0);
    CHECK(flows.asked.load() == flows.answered.load() + flows.lost.load() + flows.expired.load());
    adds_up(w, flows.sent.load(), flows.asked.load());
}

}  // namespace test_remote_network

#else

TEST_CASE("networks that lose packets") {
    using namespace troupe_test;
    SKIP("only Linux has network namespaces");
}

#endif
