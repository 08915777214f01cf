// SPDX-License-Identifier: BSL-1.0

// Every number and every event of links and nodes is told by something: what
// unit/system/collector.cpp and unit/actor/logging.cpp leave out.

#include "troupe/remote/node.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/nodes.hpp"
#include "troupe/remote/secured.hpp"
#include "troupe/testing/insecure_plaintext.hpp"

namespace test_observed {

using namespace troupe_test;
using namespace troupe::detail;
using troupe::endpoint;
using troupe::link_options;
using troupe::link_state;
using troupe::log_event;
using troupe::log_topic;
using troupe::metric;

struct config : remote_config {
    using log_type = troupe::memory_log;
    using metrics_type = troupe::memory_sink;
};
using observed_system = troupe::basic_system<config>;

struct put {
    int value;
};
struct sum {};
class store {
public:
    using protocol = troupe::protocol<void(put), int(sum)>;
    void on(put p) { sum_ += p.value; }
    int  on(sum) const { return sum_; }

private:
    int sum_ = 0;
};
class other {
public:
    using protocol = troupe::protocol<void(sum)>;
    void on(sum) {}
};

/// As TLS, with a certificate that ends when the test says.
class ending_certificate {
public:
    using session = troupe::insecure_plaintext::session;
    explicit ending_certificate(std::int64_t const* left) noexcept : left_(left) {}
    troupe::result<session, troupe::transport_error> client(std::string_view host) noexcept {
        return troupe::insecure_plaintext{}.client(host);
    }
    troupe::result<session, troupe::transport_error> server() noexcept {
        return troupe::insecure_plaintext{}.server();
    }
    std::int64_t seconds_to_expiry() const noexcept { return *left_; }

private:
    std::int64_t const* left_;
};
using safe = troupe::secured<troupe::loopback_transport, ending_certificate>;
using safe_node = troupe::node<safe>;

static_assert(troupe::transport_is_secured<safe> && troupe::transport_expires<safe>);
static_assert(!troupe::transport_is_secured<troupe::loopback_transport>);
static_assert(!troupe::transport_expires<
              troupe::secured<troupe::loopback_transport, troupe::insecure_plaintext>>);

/// Two systems that can be asked for what they have told.
struct observed_sides {
    observed_sides() : network(clock), here({.clock = &clock}), there({.clock = &clock}) {}

    void settle() {
        while (here.run_until_idle() + there.run_until_idle() != 0) {}
    }
    void advance(troupe::duration by) {
        clock.advance(by);
        settle();
    }
    template <class Request>
    auto outcome(Request request) {
        request.start();
        settle();
        return request.result();
    }
    safe secured() { return safe{network.transport(), ending_certificate{&certificate}}; }

    troupe::manual_clock     clock;
    troupe::loopback_network network;
    std::int64_t             certificate = 30 * 86400;
    observed_system          here;
    observed_system          there;
};

/// A peer that says what a test wants, byte by byte.
class stranger {
public:
    explicit stranger(observed_sides& w, troupe::loopback_connection made)
        : w_(w), connection_(std::move(made)) {
        w.settle();
    }
    static stranger to(observed_sides& w, endpoint const& at) {
        auto made = w.network.transport().connect(at, {});
        REQUIRE(made.has_value());
        return stranger{w, std::move(*made)};
    }
    void say(std::vector<std::byte> const& bytes) {
        std::span<std::byte const> const list[] = {std::span{bytes}};
        auto const                       sent = connection_.send(list);
        REQUIRE(sent.has_value());
        CHECK(*sent == bytes.size());
        w_.settle();
    }
    template <class Put>
    void say(frame_kind kind, Put const& put) {
        std::byte    place[512];
        frame_writer f{place, kind};
        put(f.body());
        std::size_t const end = f.end();
        say(std::vector<std::byte>{place, place + end});
    }
    void greet() {
        say(frame_kind::hello, [](troupe::byte_writer& body) {
            write_hello(body, {1, 1, 5, 1u << 20, 5000, troupe::binary_codec::name});
        });
    }
    void open(std::string_view key) {
        say(frame_kind::open, [&](troupe::byte_writer& body) {
            write_number(body, std::uint32_t{1});
            write_number(body, troupe::protocol_fingerprint<store::protocol>);
            write_text(body, key);
        });
    }

    /// The body of the last frame of this kind that has come.
    std::vector<std::byte> heard(frame_kind kind) {
        std::byte place[4096];
        for (;;) {
            auto const got = connection_.receive(place);
            if (!got || *got == 0) break;
            bytes_.insert(bytes_.end(), place, place + *got);
        }
        std::vector<std::byte> found;
        for (std::size_t at = 0; bytes_.size() - at >= 4;) {
            auto const rest = std::span<std::byte const>{bytes_}.subspan(at);
            auto const look = look_at_frame(rest, 1u << 20);
            if (look.whole == 0 || look.whole > rest.size()) break;
            frame f;
            static_cast<void>(split_frame(rest.first(look.whole), f));
            if (f.kind == kind) found.assign(f.body.begin(), f.body.end());
            at += look.whole;
        }
        REQUIRE_FALSE(found.empty());
        return found;
    }

private:
    observed_sides&             w_;
    troupe::loopback_connection connection_;
    std::vector<std::byte>      bytes_;
};

bool told(observed_sides& w, log_event id) {
    return w.here.log_sink().last(id) || w.there.log_sink().last(id);
}

/// Everything that links without TLS can do.
void live_through_everything(observed_sides& w) {
    link_options links = plain_links();
    auto         who = w.there.spawn<store>();
    {
        memory_node server{
            w.there, {.listen = "loopback://server", .link = links}, w.network.transport()};
        memory_node client{w.here, {.listen = {}, .link = links}, w.network.transport()};
        server.expose("store", who);
        auto far = client.resolve<store>("loopback://server", "store");
        far.send(put{1});
        REQUIRE(w.outcome(far.ask(sum{})).has_value());
        CHECK(w.here.metrics().value(metric::link_state, "loopback://server") == 1);

        // keys that do not lead to what is expected
        static_cast<void>(client.resolve<store>("loopback://server", "nobody"));
        static_cast<void>(client.resolve<other>("loopback://server", "store"));
        w.settle();

        // a message that is none, one for nobody, and a frame that is none
        {
            auto p = stranger::to(w, "loopback://server");
            p.greet();
            p.open("store");
            p.say(frame_kind::message, [](troupe::byte_writer& body) {
                write_number(body, std::uint32_t{1});
                write_number(body, std::uint32_t{12345});
            });
            p.say(frame_kind::message, [](troupe::byte_writer& body) {
                write_number(body, std::uint32_t{7});
                write_number(body, std::uint32_t{1});
            });
            p.say({std::byte{2}, {}, {}, {}, std::byte{200}, {}});
        }
        w.settle();

        // an answer that is none
        auto mute = w.network.transport().listen("loopback://mute", {});
        REQUIRE(mute.has_value());
        auto odd = client.resolve<store>("loopback://mute", "store");
        w.settle();
        auto     taken = mute->accept({});
        stranger p{w, std::move(*taken)};
        p.greet();
        std::uint32_t const channel = number_at(p.heard(frame_kind::open).data());
        p.say(frame_kind::opened, [&](troupe::byte_writer& body) {
            write_number(body, channel);
            write_number(body, std::uint32_t{1024});
        });
        auto asked = odd.ask(sum{});
        asked.start();
        w.settle();
        auto const ask = p.heard(frame_kind::ask);
        p.say(frame_kind::answer, [&](troupe::byte_writer& body) {
            write_number(body, channel);
            body.put(ask.data() + 8, 8);  // which ask
            write_number(body, answer_ok);
        });
        CHECK_FALSE(asked.result().has_value());

        // the connection is lost with what was on its way, and nobody is there afterwards
        w.clock.advance(2s);
        w.network.partition();
        static_cast<void>(far.send(put{2}));
        w.settle();
        w.network.reset();
        w.network.heal();
        w.network.faults({.refuse = true});
        w.settle();
        CHECK(w.here.metrics().value(metric::link_state, "loopback://server") == 0);
        w.advance(1s);
        far.send(put{3});  // while it is known to be down
        w.settle();
    }
    w.settle();
}

TEST_CASE("every number and every event of links is told by something") {
    observed_sides w;
    live_through_everything(w);
    w.network.faults({});
    {
        memory_node server{
            w.there, {.listen = "loopback://server", .link = plain_links()}, w.network.transport()};
        memory_node client{w.here, {.listen = {}, .link = plain_links()}, w.network.transport()};
        REQUIRE(w.outcome(client.connect("loopback://server")).has_value());
        REQUIRE(w.outcome(client.drain("loopback://server", 5s)).has_value());
    }
    w.settle();
    w.network.faults({.delay = 20ms});
    {
        safe_node server{
            w.there,
            {.listen = "tls+loopback://safe", .link = plain_links()},
            w.secured(),
        };
        safe_node client{w.here, {.listen = {}, .link = plain_links()}, w.secured()};
        auto      attempt = client.connect("tls+loopback://safe");
        attempt.start();
        for (int i = 0; i < 20; ++i) w.advance(10ms);
        REQUIRE(attempt.result().has_value());
        // without TLS to a port with TLS
        memory_node plain{w.here, {.listen = {}, .link = plain_links()}, w.network.transport()};
        auto        wrong = plain.connect("loopback://safe");
        wrong.start();
        for (int i = 0; i < 20; ++i) w.advance(10ms);
        w.certificate = 86400;
        w.advance(1h);
    }
    w.settle();

    troupe::memory_sink const* const sinks[] = {&w.here.metrics(), &w.there.metrics()};
    for (troupe::metric_info const& m : troupe::metric_catalogue) {
        if (m.id < metric::link_state) continue;
        INFO(m.name);
        bool   has = false;
        bool   labelled = false;
        double all = 0;
        for (troupe::memory_sink const* s : sinks) {
            has = has || s->has(m.id);
            all += s->value(m.id);
            s->labels(m.id, [&](std::string_view label) { labelled = labelled || !label.empty(); });
            // what is told of a link names it
            s->labels(m.id,
                      [&](std::string_view label) { CHECK(label.empty() == m.label.empty()); });
            CHECK(s->without_place() == 0);
        }
        CHECK(has);
        if (m.kind != troupe::metric_kind::gauge) CHECK(all > 0);
        CHECK(labelled == !m.label.empty());
    }
    for (troupe::log_event_row const& row : troupe::log_events) {
        if (row.topic != log_topic::remote && row.topic != log_topic::security) continue;
        INFO(row.text);
        REQUIRE(told(w, row.id));
        for (observed_system* const s : {&w.here, &w.there}) {
            auto const r = s->log_sink().last(row.id);
            if (!r) continue;
            CHECK(r->level == row.level);
            CHECK(r->event == row.text);
        }
    }

    // The values of the labels are those that programs are shown.
    troupe::memory_sink const& here = w.here.metrics();
    troupe::memory_sink const& there = w.there.metrics();
    CHECK(here.value(metric::link_reconnects, "loopback://server") >= 1);
    CHECK(here.value(metric::link_connect_failures, "refused") >= 1);
    CHECK(there.value(metric::link_frames_rejected, "kind") == 1);
    CHECK(there.value(metric::link_codec_errors, "message") == 1);
    CHECK(here.value(metric::link_codec_errors, "answer") == 1);
    CHECK(there.value(metric::link_dropped_messages, "codec") == 1);
    CHECK(there.value(metric::link_dropped_messages, "ended") == 1);
    CHECK(here.value(metric::link_dropped_messages, "unconfirmed") >= 1);
    CHECK(here.value(metric::link_dropped_messages, "down") == 1);
    CHECK(here.value(metric::link_bytes_sent, "loopback://server") > 0);
    CHECK(here.value(metric::link_frames_sent, "loopback://server") > 0);
    CHECK(there.value(metric::link_bytes_received, "accepted") > 0);
    CHECK(there.value(metric::link_frames_received, "accepted") > 0);
    CHECK_FALSE(there.has(metric::link_state));  // it has made none
    CHECK(here.value(metric::tls_handshake_seconds, "tls+loopback://safe") == 1);
    CHECK(there.value(metric::tls_handshake_seconds, "accepted") == 1);
}

TEST_CASE("a drain says goodbye once, and the other side hears that and no more") {
    observed_sides w;
    {
        memory_node server{
            w.there, {.listen = "loopback://server", .link = plain_links()}, w.network.transport()};
        memory_node client{w.here, {.listen = {}, .link = plain_links()}, w.network.transport()};
        REQUIRE(w.outcome(client.connect("loopback://server")).has_value());
        double const sent = w.here.metrics().value(metric::link_frames_sent);
        double const received = w.there.metrics().value(metric::link_frames_received);
        REQUIRE(w.outcome(client.drain("loopback://server", 5s)).has_value());
        CHECK(w.here.metrics().value(metric::link_frames_sent) == sent + 1);
        CHECK(w.there.metrics().value(metric::link_frames_received) == received + 1);
    }
    w.settle();
}

TEST_CASE("a frame is counted once by who sends it and once by who receives it") {
    observed_sides w;
    {
        memory_node server{
            w.there, {.listen = "loopback://server", .link = plain_links()}, w.network.transport()};
        memory_node client{w.here, {.listen = {}, .link = plain_links()}, w.network.transport()};
        server.expose("store", w.there.spawn<store>());
        auto far = client.resolve<store>("loopback://server", "store");
        for (int i = 0; i < 500; ++i) far.send(put{1});
        auto const answer = w.outcome(far.ask(sum{}));
        REQUIRE(answer.has_value());
        CHECK(*answer == 500);
        troupe::memory_sink const& here = w.here.metrics();
        troupe::memory_sink const& there = w.there.metrics();
        // hello, open, the messages, the ask
        CHECK(here.value(metric::link_frames_sent) == 503);
        CHECK(there.value(metric::link_frames_received) == 503);
        CHECK(there.value(metric::link_frames_sent) == here.value(metric::link_frames_received));
        CHECK(here.value(metric::link_bytes_sent) == there.value(metric::link_bytes_received));
        CHECK(there.value(metric::link_bytes_sent) == here.value(metric::link_bytes_received));
        auto const status = w.outcome(client.status("loopback://server"));
        REQUIRE(status.has_value());
        CHECK(status->frames_sent == 503);
    }
    w.settle();
}

TEST_CASE("a link that has ended in order was up, too, and is not up any more") {
    for (bool const drained : {false, true}) {
        observed_sides w;
        {
            memory_node server{w.there,
                               {.listen = "loopback://server", .link = plain_links()},
                               w.network.transport()};
            memory_node client{
                w.here, {.listen = {}, .link = plain_links()}, w.network.transport()};
            REQUIRE(w.outcome(client.connect("loopback://server")).has_value());
            w.clock.advance(4s);
            CHECK(w.here.metrics().value(metric::link_state) == 1);
            if (drained) static_cast<void>(w.outcome(client.drain("loopback://server", 5s)));
        }
        w.settle();
        CHECK(told(w, troupe::log_event::link_closed));
        CHECK_FALSE(told(w, troupe::log_event::link_down));
        CHECK(w.here.metrics().value(metric::link_state) == 0);
        CHECK(w.here.metrics().value(metric::link_uptime_seconds) == 1);
        CHECK(w.here.metrics().quantile(metric::link_uptime_seconds, 0.5) ==
              Approx(4).epsilon(0.04));
    }
}

TEST_CASE("the time of a handshake is told where there is one") {
    observed_sides w;
    w.network.faults({.delay = 100ms});
    {
        safe_node server{
            w.there, {.listen = "tls+loopback://safe", .link = plain_links()}, w.secured()};
        safe_node client{w.here, {.listen = {}, .link = plain_links()}, w.secured()};
        auto      attempt = client.connect("tls+loopback://safe");
        attempt.start();
        w.settle();
        for (int i = 0; i < 50; ++i) w.advance(20ms);
        auto const made = attempt.result();
        REQUIRE(made.has_value());
        CHECK(made->status == troupe::connect_status::established);
        // It comes about in twice the delay, and then each side says hello.
        CHECK(w.here.metrics().quantile(metric::tls_handshake_seconds, 0.5) ==
              Approx(0.4).epsilon(0.1));
        CHECK(w.there.metrics().value(metric::tls_handshake_seconds) == 1);
    }
    w.settle();
    {
        memory_node server{
            w.there, {.listen = "loopback://plain", .link = plain_links()}, w.network.transport()};
        memory_node client{w.here, {.listen = {}, .link = plain_links()}, w.network.transport()};
        auto        attempt = client.connect("loopback://plain");
        attempt.start();
        w.settle();
        for (int i = 0; i < 50; ++i) w.advance(20ms);
        CHECK(attempt.result()->status == troupe::connect_status::established);
    }
    w.settle();
    CHECK(w.here.metrics().value(metric::tls_handshake_seconds) == 1);
}

TEST_CASE("a node tells when its certificate ends, and warns once a day when that is near") {
    observed_sides w;
    auto const     left = [&] {
        return w.there.metrics().value(metric::tls_cert_expiry_seconds, "tls+loopback://safe");
    };
    auto const warned = [&] { return w.there.log_sink().count(log_event::certificate_expires); };
    {
        safe_node server{
            w.there, {.listen = "tls+loopback://safe", .link = plain_links()}, w.secured()};
        w.settle();
        CHECK(left() == 30 * 86400);
        w.certificate = 7 * 86400;
        w.advance(59min);
        CHECK(left() == 30 * 86400);
        w.advance(1min);
        CHECK(left() == 7 * 86400);
        CHECK(warned() == 0);
        w.certificate = 7 * 86400 - 1;
        w.advance(1h);
        CHECK(warned() == 1);
        auto const said = w.there.log_sink().last(log_event::certificate_expires);
        CHECK(said->detail == "in 167 hours");
        CHECK((*said)["node"] == "tls+loopback://safe");
        CHECK((*said)["seconds"] == "604799");
        for (int i = 0; i < 23; ++i) w.advance(1h);
        CHECK(warned() == 1);
        w.certificate = -5;
        w.advance(1h);
        CHECK(warned() == 2);
        CHECK(w.there.log_sink().last(log_event::certificate_expires)->detail == "it has expired");
        CHECK(left() == -5);
    }
    {
        // One that nobody reaches has its scheme for a name.
        w.certificate = INT64_MAX;
        safe_node none{w.here, {.listen = {}, .link = plain_links()}, w.secured()};
        w.settle();
        CHECK_FALSE(w.here.metrics().has(metric::tls_cert_expiry_seconds));
        w.certificate = 9;
        safe_node client{w.here, {.listen = {}, .link = plain_links()}, w.secured()};
        w.settle();
        CHECK(w.here.metrics().value(metric::tls_cert_expiry_seconds, "tls+loopback") == 9);
    }
    w.settle();
    w.advance(2h);
    CHECK(warned() == 2);
}

}  // namespace test_observed
