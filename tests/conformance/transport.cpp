// SPDX-License-Identifier: BSL-1.0
#include "troupe/testing/conformance/transport.hpp"

#include "support/catch.hpp"

#include "troupe/remote/loopback_transport.hpp"
#include "troupe/remote/tcp_transport.hpp"
#include "troupe/remote/unix_transport.hpp"
#include "troupe/troupe.hpp"
#include "troupe/testing/archetype/transport.hpp"
#include "troupe/testing/manual_clock.hpp"

#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#if TROUPE_HAS_POSIX
#include <unistd.h>
#endif

namespace test_conformance_transport {

using namespace std::chrono_literals;
using troupe::check_transport;
using troupe::conformance_report;
using troupe::loopback_faults;
using troupe::loopback_network;
using troupe::loopback_options;

void keeps(conformance_report const& report) {
    INFO(report.text());
    CHECK(report);
}

// On a clock that goes to where something is due.
conformance_report on_clock(loopback_faults const& faults, loopback_options const& options = {}) {
    troupe::manual_clock clock;
    loopback_network     network{clock, options};
    network.faults(faults);
    auto transport = network.transport();
    return check_transport(transport, {.listen_at = "loopback://bank:0"},
                           [&](troupe::time_point at) {
                               bool const later = at > clock.now() && at < troupe::detail::never;
                               clock.set(later ? at : clock.now() + 1ms);
                           });
}

TEST_CASE("loopback_transport is a transport") {
    loopback_network network;
    auto             transport = network.transport();
    keeps(check_transport(transport, {}));
}
TEST_CASE("transport_archetype is a transport") {
    loopback_network            network;
    troupe::transport_archetype transport{network};
    keeps(check_transport(transport, {}));
}
TEST_CASE("loopback_transport is a transport while it is slow, and takes and gives little") {
    keeps(on_clock({.delay = 5ms, .jitter = 3ms}));
    keeps(on_clock({.bytes_per_second = 1'000'000}));
    keeps(on_clock({.send_max = 1000, .receive_max = 700}));
    keeps(on_clock({.delay = 1ms, .send_max = 1000}, {.buffer = 1500}));
}

#if TROUPE_HAS_POSIX
// With a reactor that the suite drives, and with one that workers sleep in.
template <class Transport>
void keeps_over_sockets(troupe::endpoint const& anywhere) {
    for (auto const backend : {troupe::reactor::backend::best, troupe::reactor::backend::poll}) {
        troupe::reactor reactor{backend};
        Transport       transport{reactor};
        keeps(check_transport(transport, {.listen_at = anywhere}, [&] {
            if (!reactor.try_drive()) return;
            reactor.wait(1ms);
            reactor.dispatch();
            reactor.leave();
        }));
    }
    troupe::system system;
    Transport      transport{system.reactor()};
    keeps(check_transport(transport, {.listen_at = anywhere}));
}
TEST_CASE("tcp_transport is a transport") {
    keeps_over_sockets<troupe::tcp_transport>("tcp://127.0.0.1:0");
}
TEST_CASE("unix_transport is a transport, at a path") {
    char folder[] = "/tmp/troupe.XXXXXX";
    REQUIRE(::mkdtemp(folder) != nullptr);
    std::string const path = std::string{folder} + "/s";
    keeps_over_sockets<troupe::unix_transport>(*troupe::parse_endpoint("unix://" + path));
    ::unlink(path.c_str());
    CHECK(::rmdir(folder) == 0);
}
#if defined(__linux__)
TEST_CASE("unix_transport is a transport, at a name") {
    std::string const name = "unix://@troupe.conformance." + std::to_string(::getpid());
    keeps_over_sockets<troupe::unix_transport>(*troupe::parse_endpoint(name));
}
#endif
#endif

// ---- what is none, and the rule that says so

enum class bend {
    nowhere,            // bound() is empty
    shared_address,     // two listeners at one address
    kept_address,       // a listener that closes keeps its address
    hanging,            // connecting to nobody comes to no end
    any_scheme,         // takes what is not its own
    silent_listener,    // its signal does not come
    not_established,    // establish() is true once only
    one_way,            // who was accepted cannot send
    no_bytes_signal,    // tells nobody that bytes have come
    no_room_signal,     // tells nobody that there is room
    always_reset,       // every end is a break
    endless,            // no end, and no error
    sends_when_closed,  // takes bytes when it is closed
    default_open,       // made without arguments it is open
    deaf_when_moved,    // a connection that was moved is not told any more
    one_signal,         // the last connection is told for all
    listener_ends_all,  // a listener that closes takes everybody along
    one_thread,         // signals come on the thread that made them only
};

// A transport over a network in memory, bent at one place.
struct bent_transport {
    struct relay {
        relay(bent_transport* t, troupe::transport_signal s, bool l) : in(t), to(s), listens(l) {}
        bent_transport*          in;
        troupe::transport_signal to;
        bool                     listens;
        std::thread::id          maker = std::this_thread::get_id();
        std::atomic<bool>        muted{false};
        std::atomic<bool>        sending{false};  // it waits for room, and not for bytes

        static void ring(void* whom, std::uint64_t) noexcept {
            auto&      r = *static_cast<relay*>(whom);
            bend const how = r.in->how;
            if (how == bend::silent_listener && r.listens) return;
            if (how == bend::no_bytes_signal && !r.listens && !r.sending) return;
            if (how == bend::no_room_signal && r.sending) return;
            if (how == bend::one_thread && r.maker != std::this_thread::get_id()) return;
            if (r.muted) return;
            (how == bend::one_signal && !r.listens ? r.in->last : r.to)();
        }
    };
    using error = troupe::transport_error;
    using errc = troupe::transport_errc;

    struct connection {
        connection() noexcept = default;
        connection(bent_transport* t, relay* r, troupe::loopback_connection c) noexcept
            : in(t), bell(r), over(std::move(c)) {}
        connection(connection&& o) noexcept
            : in(o.in),
              bell(o.bell),
              over(std::move(o.over)),
              hangs(o.hangs),
              asked(o.asked),
              accepted(o.accepted) {
            if (is(bend::deaf_when_moved) && asked != 0) bell->muted = true;
        }
        connection& operator=(connection&& o) noexcept {
            in = o.in;
            bell = o.bell;
            over = std::move(o.over);
            hangs = o.hangs;
            asked = o.asked;
            accepted = o.accepted;
            return *this;
        }
        bool is(bend b) const noexcept { return in != nullptr && in->how == b; }

        troupe::result<bool, error> establish() noexcept {
            if (hangs) return false;
            auto const got = over.establish();
            if (got && *got) ++asked;
            if (is(bend::not_established) && asked > 1) return false;
            return got;
        }
        troupe::result<std::size_t, error> send(troupe::gathered_bytes buffers) noexcept {
            if (is(bend::one_way) && accepted) return std::size_t{0};
            auto const got = over.send(buffers);
            if (got && bell != nullptr) bell->sending = true;
            if (!got && (is(bend::sends_when_closed) || is(bend::endless))) return std::size_t{0};
            return got;
        }
        troupe::result<std::size_t, error> receive(std::span<std::byte> place) noexcept {
            if (in == nullptr && default_is_open) return std::size_t{0};
            auto const got = over.receive(place);
            if (bell != nullptr && got && *got == 0) bell->sending = false;
            if (!got && is(bend::endless)) return std::size_t{0};
            if (!got && is(bend::always_reset)) return error{errc::reset};
            return got;
        }
        void close() noexcept { over.close(); }

        bent_transport*             in = nullptr;
        relay*                      bell = nullptr;
        troupe::loopback_connection over;
        bool                        hangs = false;
        int                         asked = 0;
        bool                        accepted = false;
    };
    struct listener {
        troupe::result<connection, error> accept(troupe::transport_signal signal) noexcept {
            relay* const r = in->add(signal, false);
            auto         got = over.accept({&relay::ring, r, 0});
            if (!got) return got.error();
            connection made{in, r, std::move(*got)};
            made.accepted = true;
            return made;
        }
        troupe::endpoint bound() const noexcept {
            return in->how == bend::nowhere ? troupe::endpoint{} : over.bound();
        }
        void close() noexcept {
            if (in->how == bend::listener_ends_all) in->network->reset();
            if (in->how == bend::kept_address) in->kept.push_back(std::move(over));
            else over.close();
        }
        bent_transport*           in;
        troupe::loopback_listener over;
    };
    static constexpr std::string_view scheme = "loopback";

    troupe::result<connection, error> connect(troupe::endpoint const&  to,
                                              troupe::transport_signal signal) noexcept {
        relay* const r = add(signal, false);
        auto         got = network->transport().connect(to, {&relay::ring, r, 0});
        if (got) return connection{this, r, std::move(*got)};
        if (how != bend::hanging || got.error().code != errc::refused) return got.error();
        connection hung{this, r, {}};
        hung.hangs = true;
        return hung;
    }
    troupe::result<listener, error> listen(troupe::endpoint const&  at,
                                           troupe::transport_signal signal) noexcept {
        relay* const r = add(signal, true);
        auto         got = network->transport().listen(at, {&relay::ring, r, 0});
        bool const   bent = how == bend::any_scheme || how == bend::shared_address;
        if (!got && bent) got = network->transport().listen({}, {&relay::ring, r, 0});
        if (!got) return got.error();
        return listener{this, std::move(*got)};
    }
    relay* add(troupe::transport_signal to, bool listens) {
        if (!listens) last = to;
        return relays.emplace_back(std::make_unique<relay>(this, to, listens)).get();
    }
    static inline bool default_is_open = false;

    loopback_network*                      network;
    bend                                   how;
    troupe::transport_signal               last{};
    std::vector<std::unique_ptr<relay>>    relays{};
    std::vector<troupe::loopback_listener> kept{};
};

conformance_report on_bent(bend how, loopback_faults const& faults = {}) {
    loopback_network network;
    network.faults(faults);
    bent_transport transport{&network, how};
    bent_transport::default_is_open = how == bend::default_open;
    // All signals come inside of calls: nothing has to be waited for.
    return check_transport(transport, {.pumps_max = 100, .many = 30'000}, [] {});
}

TEST_CASE("each rule of the suite finds a transport that breaks it") {
    struct row {
        bend how;
        int  rule;
    };
    row const rows[] = {
        {bend::nowhere, 1},          {bend::shared_address, 2},
        {bend::kept_address, 3},     {bend::hanging, 4},
        {bend::any_scheme, 5},       {bend::silent_listener, 6},
        {bend::not_established, 7},  {bend::one_way, 9},
        {bend::no_bytes_signal, 10}, {bend::no_room_signal, 11},
        {bend::always_reset, 12},    {bend::endless, 13},
        {bend::endless, 14},         {bend::sends_when_closed, 14},
        {bend::default_open, 15},    {bend::deaf_when_moved, 16},
        {bend::one_signal, 17},      {bend::listener_ends_all, 18},
        {bend::one_thread, 19},
    };
    for (row const& r : rows) {
        auto const report = on_bent(r.how);
        INFO("bend " << static_cast<int>(r.how) << ", rule " << r.rule << '\n' << report.text());
        CHECK(report.broken(r.rule));
    }
}

TEST_CASE("bytes that are lost, repeated, moved or spoilt break rule 8") {
    CHECK(on_bent(bend{-1}, {.drop_per_mille = 10}).broken(8));
    CHECK(on_bent(bend{-1}, {.duplicate_per_mille = 10}).broken(8));
    CHECK(on_bent(bend{-1}, {.flip_bit_per_mille = 10}).broken(8));
    CHECK(on_bent(bend{-1}, {.drop_per_mille = 1000}).broken(11));
    auto const whole = on_bent(bend{-1});
    INFO(whole.text());
    CHECK(whole);
}

}  // namespace test_conformance_transport
