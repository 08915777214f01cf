// SPDX-License-Identifier: BSL-1.0

// An identifier goes over the wire with messages and asks, and what says more or less than that is
// no frame.

#include <string>
#include <vector>

#include "support/nodes.hpp"
#include "support/raw_peer.hpp"

namespace test_remote_correlation {

using namespace troupe_test;
using troupe::correlation_id;

constexpr correlation_id request{0x0123456789abcdef, 0xfedcba9876543210};

struct put {
    int value;
};
struct get {};

class store {
public:
    using protocol = troupe::protocol<void(put), int(get)>;
    using envelope_type = troupe::with_correlation;
    explicit store(std::vector<correlation_id>* seen) : seen_(seen) {}
    void on(put, troupe::context<store>& self) { seen_->push_back(self.correlation()); }
    int  on(get, troupe::context<store>& self) {
        seen_->push_back(self.correlation());
        return 1;
    }

private:
    std::vector<correlation_id>* seen_;
};

struct go {
    bool belongs;
};
class client_actor {
public:
    using protocol = troupe::protocol<void(go)>;
    using envelope_type = troupe::with_correlation;
    explicit client_actor(troupe::ref<store::protocol> far) : far_(far) {}
    troupe::task<void> on(go g, troupe::context<client_actor>& self) {
        if (g.belongs) self.correlate(request);
        far_.send(put{1});
        auto      ask = far_.ask(get{});
        int const one = co_await ask;
        if (one == 1) far_.send(put{2});
    }

private:
    troupe::ref<store::protocol> far_;
};

TEST_CASE("messages and asks of another process belong to what they did there") {
    std::vector<correlation_id> seen;
    two_sides                   w;
    w.server->expose("store", w.there.spawn<store>(&seen));
    auto far = w.client->resolve<store::protocol>("loopback://server", "store");
    auto who = w.here.spawn<client_actor>(far);
    who.send(go{true});
    w.settle();
    REQUIRE(seen == std::vector<correlation_id>{request, request, request});
    who.send(go{false});
    w.settle();
    REQUIRE(seen.size() == 6);
    for (std::size_t i = 3; i < 6; ++i) CHECK_FALSE(seen[i]);
}

/// Without an envelope.
class plain {
public:
    using protocol = troupe::protocol<void(put), int(get)>;
    void on(put p) { sum_ += p.value; }
    int  on(get) const { return sum_; }

private:
    int sum_ = 0;
};

TEST_CASE("an actor without an envelope gets the message alone") {
    two_sides w;
    w.server->expose("plain", w.there.spawn<plain>());
    auto far = w.client->resolve<store::protocol>("loopback://server", "plain");
    w.here.spawn<client_actor>(far).send(go{true});
    w.settle();
    auto const sum = w.outcome(far.ask(get{}));
    REQUIRE(sum.has_value());
    CHECK(*sum == 3);
}

TEST_CASE("an identifier that is cut short is a message that is none, and a flag of no message is "
          "refused") {
    two_sides                   w;
    std::vector<correlation_id> seen;
    w.server->expose("store", w.there.spawn<store>(&seen));
    raw_peer p{w};
    p.say(raw_peer::greeting());
    p.say(raw_peer::frame_of(frame_kind::open, [](troupe::byte_writer& body) {
        write_number(body, std::uint32_t{1});
        write_number(body, troupe::protocol_fingerprint<store::protocol>);
        write_text(body, "store");
    }));
    auto const says = [](std::size_t bytes_of_it) {
        auto frame = raw_peer::frame_of(frame_kind::message, [&](troupe::byte_writer& body) {
            write_number(body, std::uint32_t{1});
            write_number(body, troupe::wire_id<put>);
            for (std::size_t i = 0; i < bytes_of_it; ++i) write_number(body, std::uint8_t{1});
            if (bytes_of_it == 16) troupe::binary_codec{}.encode(put{1}, body);
        });
        frame[5] = std::byte{frame_correlated};
        return frame;
    };
    for (std::size_t bytes = 0; bytes < 16; ++bytes) p.say(says(bytes));
    CHECK(seen.empty());
    p.say(says(16));
    REQUIRE(seen.size() == 1);
    CHECK(seen[0] == correlation_id{0x0101010101010101, 0x0101010101010101});
    CHECK(p.goodbye().empty());
    CHECK_FALSE(p.gone);
    p.say(bytes_of({2, 0, 0, 0, 3, 128}));  // a ping
    CHECK(p.goodbye() == "frame: reserved flag 128");
    CHECK(p.gone);
}

}  // namespace test_remote_correlation
