// SPDX-License-Identifier: BSL-1.0

// A connection that is cut after each number of bytes, in either direction: in the middle of a
// hello, of a frame, of an answer. Every ask ends once, what arrives is in order and comes once,
// what is lost is counted, and the next connection is as good as any.

#include "troupe/remote/link_io.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include "support/nodes.hpp"

namespace test_cut {

using namespace troupe_test;
using troupe::ask_errc;
using troupe::link_state;

struct put {
    std::uint32_t number;
};
struct echo {
    std::string text;
};
class store {
public:
    using protocol = troupe::protocol<void(put), std::string(echo)>;
    explicit store(std::vector<std::uint32_t>* seen) : seen_(seen) {}
    void        on(put p) { seen_->push_back(p.number); }
    std::string on(echo e) { return e.text; }

private:
    std::vector<std::uint32_t>* seen_;
};

/// Whether it was: false, there were not so many bytes.
bool cut_after(std::uint64_t bytes, troupe::loopback_way way) {
    INFO("cut after " << bytes << (way == troupe::loopback_way::to_listener ? " there" : " back"));
    std::vector<std::uint32_t> seen;
    two_sides                  w;
    w.server->expose("store", w.there.spawn<store>(&seen));
    w.network.faults({.cut_after = bytes, .cut_counts = way});
    auto const far = w.client->resolve<store>("loopback://server", "store");
    std::vector<decltype(far.ask(echo{}))> asks;
    std::uint32_t                          sent = 0;
    for (int round = 0; round < 4; ++round) {
        far.send(put{++sent});
        far.send(put{++sent});
        asks.push_back(far.ask(echo{std::string(20, 'x')}));
        asks.back().start();
        w.settle();
    }
    std::size_t answered = 0;
    std::size_t lost = 0;
    for (auto& a : asks) {
        auto const r = a.result();
        if (r.has_value()) {
            CHECK(*r == std::string(20, 'x'));
            ++answered;
        } else {
            CHECK(r.error().code() == ask_errc::link_lost);
            ++lost;
        }
    }
    CHECK(answered + lost == asks.size());
    bool const was_cut = w.status().state == link_state::backing_off;
    if (lost != 0) CHECK(was_cut);
    auto const status = w.status();
    CHECK(status.asks == 0);
    // Asks are messages, too.
    CHECK(sent - seen.size() + lost <= status.unconfirmed + status.not_sent);

    if (!was_cut) {  // all bytes of this were less
        CHECK(seen.size() == sent);
        return false;
    }
    w.network.faults({});
    w.advance(1s);
    REQUIRE(w.status().state == link_state::up);
    far.send(put{++sent});
    auto const again = w.outcome(far.ask(echo{"again"}));
    REQUIRE(again.has_value());
    CHECK(*again == "again");
    REQUIRE_FALSE(seen.empty());
    CHECK(seen.back() == sent);
    for (std::size_t i = 1; i < seen.size(); ++i) CHECK(seen[i - 1] < seen[i]);
    CHECK(w.here.dead_letters().empty());
    CHECK(w.there.dead_letters().empty());
    return true;
}

TEST_CASE("a connection may be cut at any byte") {
    for (auto const way :
         {troupe::loopback_way::to_listener, troupe::loopback_way::from_listener}) {
        std::uint64_t bytes = 0;
        while (bytes < 2'000 && cut_after(bytes, way)) ++bytes;
        CHECK(bytes > 200);
        CHECK(bytes < 2'000);
    }
}

}  // namespace test_cut
