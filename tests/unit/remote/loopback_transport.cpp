// SPDX-License-Identifier: BSL-1.0
#include "troupe/remote/loopback_transport.hpp"

#include "troupe/testing/manual_clock.hpp"

#include "support/catch.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace test_loopback_transport {

using namespace std::chrono_literals;
using troupe::endpoint;
using troupe::loopback_connection;
using troupe::loopback_faults;
using troupe::loopback_listener;
using troupe::loopback_network;
using troupe::loopback_way;
using troupe::time_point;
using troupe::transport_errc;
using troupe::transport_signal;

// Counts signals.
struct bell {
    transport_signal signal() noexcept { return {&ring, this, 0}; }
    static void      ring(void* whom, std::uint64_t) noexcept {
        // relaxed: only the number counts
        static_cast<bell*>(whom)->rings.fetch_add(1, std::memory_order_relaxed);
    }
    // How many came since it was asked last.
    int              heard() { return rings.exchange(0); }
    std::atomic<int> rings{0};
};

auto bytes_of(std::string const& text) { return std::as_bytes(std::span{text}); }

// How many bytes were taken; -1 - code where it is an error.
int send(loopback_connection& c, std::string const& text) {
    std::span<std::byte const> const buffers[] = {bytes_of(text)};
    auto const                       taken = c.send(buffers);
    return taken ? static_cast<int>(*taken) : -1 - static_cast<int>(taken.error().code);
}
constexpr int failed(transport_errc code) { return -1 - static_cast<int>(code); }

// All that has come, and "!code" where it ends with an error.
std::string receive(loopback_connection& c) {
    std::string all;
    for (;;) {
        std::byte  place[64];
        auto const got = c.receive(place);
        if (!got) return all + "!" + std::string{to_string(got.error().code)};
        if (*got == 0) return all;
        all.append(reinterpret_cast<char const*>(place), *got);
    }
}

// Two ends of a connection on a clock that stands still.
struct joined {
    explicit joined(loopback_faults const& faults = {}, troupe::loopback_options const& o = {})
        : network(clock, o) {
        network.faults(faults);
        auto transport = network.transport();
        listener = std::move(*transport.listen("loopback://bank", comes.signal()));
        client = std::move(*transport.connect("loopback://bank", client_bell.signal()));
        while (!client.establish().value()) clock.set(client.look_at());
        server = std::move(*listener.accept(server_bell.signal()));
        comes.heard();
    }
    troupe::manual_clock clock;
    loopback_network     network;
    bell                 comes, client_bell, server_bell;
    loopback_listener    listener;
    loopback_connection  client, server;
};

TEST_CASE("bytes go from one end to the other, and back, through a ring") {
    joined j{{}, {.buffer = 7}};
    for (int i = 0; i < 20; ++i) {
        CHECK(send(j.client, "hello") == 5);
        CHECK(send(j.server, "bye") == 3);
        CHECK(receive(j.server) == "hello");
        CHECK(receive(j.client) == "bye");
    }
    CHECK(send(j.client, "more than seven") == 7);
    CHECK(send(j.client, "x") == 0);
    j.client_bell.heard();
    CHECK(receive(j.server) == "more th");
    CHECK(j.client_bell.heard() == 1);
    CHECK(send(j.client, "") == 0);
}

TEST_CASE("all buffers of a send are taken, those without bytes too") {
    joined                           j;
    std::string const                a = "a", b = "bc", none;
    std::span<std::byte const> const buffers[] = {bytes_of(none), bytes_of(a), {}, bytes_of(b), {}};
    CHECK(j.client.send(buffers).value() == 3);
    CHECK(j.client.send({}).value() == 0);
    CHECK(receive(j.server) == "abc");
}

TEST_CASE("who receives nothing is told once when there is something") {
    joined j;
    j.server_bell.heard();
    CHECK(receive(j.server).empty());
    CHECK(send(j.client, "a") == 1);
    CHECK(send(j.client, "b") == 1);
    CHECK(j.server_bell.heard() == 1);
    CHECK(receive(j.server) == "ab");
    CHECK(send(j.client, "c") == 1);
    CHECK(j.server_bell.heard() == 1);
}

TEST_CASE("a network chooses a name that nobody has") {
    loopback_network network;
    auto             transport = network.transport();
    auto const       taken = transport.listen("loopback://auto:1", {});
    auto const       first = transport.listen({}, {});
    auto const       second = transport.listen("loopback://shop:0", {});
    auto const       third = transport.listen("loopback://shop:0", {});
    CHECK(first->bound().text() == "loopback://auto:2");
    CHECK(second->bound().text() == "loopback://shop:3");
    CHECK(third->bound().text() == "loopback://shop:4");
    CHECK(transport.listen("loopback://shop:3", {}).error().code == transport_errc::address_in_use);
}

TEST_CASE("endpoints of another scheme, without a name or too long mean nothing here") {
    loopback_network network;
    auto             transport = network.transport();
    CHECK(transport.listen("tcp://127.0.0.1:0", {}).error().code ==
          transport_errc::invalid_address);
    CHECK(transport.connect("tcp://127.0.0.1:1", {}).error().code ==
          transport_errc::invalid_address);
    CHECK(transport.connect({}, {}).error().code == transport_errc::invalid_address);
    auto const longest = troupe::parse_endpoint("loopback://" + std::string(243, 'n'));
    CHECK(transport.listen(*longest, {}).error().code == transport_errc::invalid_address);
}

TEST_CASE("a listener is told of the first that comes, and again after it has found nobody") {
    loopback_network network;
    auto             transport = network.transport();
    bell             comes;
    auto             listener = transport.listen("loopback://bank", comes.signal());
    auto             a = transport.connect("loopback://bank", {});
    auto             b = transport.connect("loopback://bank", {});
    CHECK(comes.heard() == 1);
    CHECK(listener->accept({}).has_value());
    CHECK(listener->accept({}).has_value());
    CHECK(listener->accept({}).error().code == transport_errc::none_waiting);
    auto c = transport.connect("loopback://bank", {});
    CHECK(comes.heard() == 1);
}

TEST_CASE("what is not established is not used") {
    loopback_network network;
    network.faults({.never_connects = true});
    auto transport = network.transport();
    auto listener = transport.listen("loopback://bank", {});
    bell rung;
    auto c = transport.connect("loopback://bank", rung.signal());
    CHECK(c->establish().value() == false);
    CHECK(c->look_at() == troupe::detail::never);
    CHECK(send(*c, "a") == failed(transport_errc::misused));
    CHECK(receive(*c) == "!misused");
    network.faults({});
    CHECK(rung.heard() == 1);
    CHECK(c->establish().value());
}

TEST_CASE("who closes in order has sent everything") {
    joined j;
    CHECK(send(j.client, "last words") == 10);
    j.server_bell.heard();
    j.client.close();
    j.client.close();
    CHECK(j.server_bell.heard() == 1);
    CHECK(send(j.client, "a") == failed(transport_errc::misused));
    CHECK(receive(j.client) == "!misused");
    CHECK(j.client.establish().error().code == transport_errc::misused);
    CHECK(receive(j.server) == "last words!closed");
    CHECK(receive(j.server) == "!closed");
    CHECK(send(j.server, "a") == failed(transport_errc::reset));
}

TEST_CASE("who closes without having read everything breaks the connection") {
    joined j;
    CHECK(send(j.server, "unread") == 6);
    CHECK(send(j.client, "words") == 5);
    j.client.close();
    CHECK(receive(j.server) == "words!reset");
}

TEST_CASE("a connection that was moved from is closed") {
    joined              j;
    loopback_connection other = std::move(j.client);
    CHECK(send(j.client, "a") == failed(transport_errc::misused));  // NOLINT: that is the question
    CHECK(send(other, "a") == 1);
    other = loopback_connection{};
    CHECK(receive(j.server) == "a!closed");
    loopback_listener moved = std::move(j.listener);
    CHECK(j.listener.accept({}).error().code == transport_errc::misused);  // NOLINT
    CHECK(j.listener.bound() == endpoint{});
    CHECK(moved.bound().text() == "loopback://bank");
}

TEST_CASE("a listener that closes resets who waits, frees the name and keeps who was accepted") {
    joined j;
    auto   transport = j.network.transport();
    bell   rung;
    auto   waits = transport.connect("loopback://bank", rung.signal());
    j.listener.close();
    CHECK(rung.heard() == 1);
    CHECK(receive(*waits) == "!reset");
    CHECK(transport.connect("loopback://bank", {}).error().code == transport_errc::refused);
    CHECK(send(j.client, "still") == 5);
    CHECK(receive(j.server) == "still");
    CHECK(transport.listen("loopback://bank", {}).has_value());
}

TEST_CASE("more than the backlog are refused") {
    loopback_network network{troupe::loopback_options{.backlog = 2}};
    auto             transport = network.transport();
    auto             listener = transport.listen("loopback://bank", {});
    auto             a = transport.connect("loopback://bank", {});
    auto             b = transport.connect("loopback://bank", {});
    CHECK(transport.connect("loopback://bank", {}).error().code == transport_errc::refused);
    CHECK(listener->accept({}).has_value());
    CHECK(transport.connect("loopback://bank", {}).has_value());
    CHECK(network.counts().refused == 1);
    CHECK(network.counts().connections == 3);
}

// ---- faults ----

TEST_CASE("with a delay bytes and the end arrive later, and look_at says when") {
    joined j{{.delay = 10ms}};
    CHECK(j.clock.now() == time_point{} + 20ms);  // there and back
    j.server_bell.heard();
    CHECK(send(j.client, "slow") == 4);
    CHECK(j.server_bell.heard() == 1);  // so that the time is asked for
    CHECK(receive(j.server).empty());
    CHECK(j.server.look_at() == time_point{} + 30ms);
    j.clock.advance(9ms);
    CHECK(receive(j.server).empty());
    j.client.close();
    j.clock.advance(1ms);
    CHECK(receive(j.server) == "slow");
    CHECK(j.server.look_at() == time_point{} + 39ms);
    CHECK(send(j.server, "to nobody, who is not known to be gone") > 0);
    j.clock.set(j.server.look_at());
    CHECK(receive(j.server) == "!closed");
    CHECK(j.server.look_at() == troupe::detail::never);
    CHECK(send(j.server, "now it is known") == failed(transport_errc::reset));
}

TEST_CASE("with a delay a refusal comes later, too") {
    troupe::manual_clock clock;
    loopback_network     network{clock};
    network.faults({.delay = 5ms});
    auto c = network.transport().connect("loopback://nobody", {});
    CHECK(c->establish().value() == false);
    clock.set(c->look_at());
    CHECK(clock.now() == time_point{} + 10ms);
    CHECK(c->establish().error().code == transport_errc::refused);
    CHECK(send(*c, "a") == failed(transport_errc::reset));
}

TEST_CASE(
    "jitter moves what arrives, the same way for one seed, and never past what was sent before") {
    auto const arrivals = [](std::uint64_t seed) {
        joined                    j{{.delay = 1ms, .jitter = 9ms}, {.seed = seed}};
        std::vector<std::int64_t> times;
        std::string               all;
        for (char c = 'a'; c < 'k'; ++c) {
            send(j.client, std::string(1, c));
            j.clock.advance(1ms);
        }
        while (j.server.look_at() != troupe::detail::never) {
            if (j.server.look_at() > j.clock.now()) j.clock.set(j.server.look_at());
            all += receive(j.server);
            times.push_back(j.clock.now().nanoseconds);
        }
        CHECK(all == "abcdefghij");
        return times;
    };
    CHECK(arrivals(1) == arrivals(1));
    CHECK(arrivals(1) != arrivals(2));
    CHECK(arrivals(1).size() > 1);
}

TEST_CASE("more arrivals than are remembered come together, and none is lost") {
    joined      j{{.delay = 1ms}};
    std::string sent;
    for (int i = 0; i < 100; ++i) {
        std::string const one = std::to_string(i) + ",";
        sent += one;
        CHECK(send(j.client, one) == static_cast<int>(one.size()));
        j.clock.advance(1us);
    }
    CHECK(receive(j.server).empty());
    std::string got;
    while (j.server.look_at() != troupe::detail::never) {
        j.clock.set(j.server.look_at());
        got += receive(j.server);
    }
    CHECK(got == sent);
}

TEST_CASE("with a speed bytes take their time") {
    joined j{{.bytes_per_second = 1000}};
    CHECK(send(j.client, std::string(100, 'a')) == 100);
    CHECK(send(j.client, std::string(50, 'b')) == 50);
    j.clock.advance(99ms);
    CHECK(receive(j.server).empty());
    j.clock.advance(1ms);
    CHECK(receive(j.server) == std::string(100, 'a'));
    CHECK(j.server.look_at() == time_point{} + 150ms);
    j.clock.advance(50ms);
    CHECK(receive(j.server) == std::string(50, 'b'));
}

TEST_CASE("short sends and receives take what they may, and say when more is possible") {
    joined j{{.send_max = 3, .receive_max = 2}};
    j.client_bell.heard();
    CHECK(send(j.client, "abcdef") == 3);
    CHECK(j.client_bell.heard() == 1);
    CHECK(send(j.client, "def") == 3);
    CHECK(j.client_bell.heard() == 0);
    std::byte place[10];
    CHECK(j.server.receive(place).value() == 2);
    CHECK(receive(j.server) == "cdef");
}

TEST_CASE("a connection is cut after exactly so many bytes, for both sides") {
    for (std::uint64_t bytes = 0; bytes <= 8; ++bytes) {
        joined j;
        j.network.cut_after(bytes, loopback_way::to_listener);
        CHECK(send(j.server, "ok") == (bytes == 0 ? failed(transport_errc::reset) : 2));
        j.client_bell.heard();
        j.server_bell.heard();
        std::string arrived;
        for (char const c : std::string{"12345678"}) {
            int const taken = send(j.client, std::string(1, c));
            CHECK((taken == 1 || taken == failed(transport_errc::reset)));
            if (taken == 1) arrived += c;
        }
        CHECK(arrived.size() == bytes);
        if (bytes != 0) {
            CHECK(j.client_bell.heard() == 1);
            CHECK(j.server_bell.heard() >= 1);
        }
        CHECK(receive(j.server) == arrived + "!reset");
        CHECK(receive(j.client) == (bytes == 0 ? "!reset" : "ok!reset"));
        CHECK(j.network.counts().broken == 1);
    }
}

TEST_CASE("a cut splits a send, and counts the way that was asked for from the first byte") {
    joined j{{.cut_after = 4, .cut_counts = loopback_way::from_listener}};
    CHECK(send(j.client, "not counted") == 11);
    CHECK(send(j.server, "abcdef") == 4);
    CHECK(receive(j.client) == "abcd!reset");
    CHECK(receive(j.server) == "not counted!reset");
    joined both{{.cut_after = 4}};
    CHECK(send(both.client, "abc") == 3);
    CHECK(send(both.server, "def") == 1);
    CHECK(receive(both.client) == "d!reset");
}

TEST_CASE("a reset loses what is on its way, for both sides and who waits to be accepted") {
    joined j;
    bell   rung;
    auto   waits = j.network.transport().connect("loopback://bank", rung.signal());
    CHECK(send(j.client, "lost") == 4);
    j.client_bell.heard();
    j.server_bell.heard();
    j.network.reset("loopback://other");
    CHECK(j.client_bell.heard() == 0);
    j.network.reset("loopback://bank");
    CHECK(j.client_bell.heard() == 1);
    CHECK(j.server_bell.heard() == 1);
    CHECK(rung.heard() == 1);
    CHECK(receive(j.server) == "!reset");
    CHECK(send(j.client, "a") == failed(transport_errc::reset));
    CHECK(waits->establish().error().code == transport_errc::reset);
    auto late = j.listener.accept({});
    CHECK(receive(*late) == "!reset");
    CHECK(j.network.counts().broken == 2);
}

TEST_CASE("some sends find that the connection is lost, the same ones for one seed") {
    auto const lived = [](std::uint64_t seed) {
        joined j{{.lose_per_mille = 100}, {.seed = seed}};
        int    sends = 0;
        while (send(j.client, "a") == 1) ++sends;
        CHECK(receive(j.server) == "!reset");
        CHECK(j.network.counts().broken == 1);
        return sends;
    };
    CHECK(lived(7) == lived(7));
    CHECK(lived(1) + lived(2) + lived(3) != 3 * lived(1));
}

TEST_CASE("a partition holds everything up, the end too, and healing lets it arrive") {
    joined j{{}, {.buffer = 8}};
    CHECK(send(j.client, "a") == 1);
    j.network.partition();
    j.server_bell.heard();
    CHECK(receive(j.server).empty());
    CHECK(send(j.client, "bcdefghijk") == 7);
    CHECK(send(j.client, "ijk") == 0);
    CHECK(j.server.look_at() == troupe::detail::never);
    j.client.close();
    CHECK(receive(j.server).empty());
    CHECK(j.server_bell.heard() == 0);
    j.network.heal();
    CHECK(j.server_bell.heard() == 1);
    CHECK(receive(j.server) == "abcdefgh!closed");
}

TEST_CASE("a partition of one way leaves the other open") {
    joined j;
    j.network.partition(loopback_way::from_listener, "loopback://bank");
    CHECK(send(j.client, "arrives") == 7);
    CHECK(receive(j.server) == "arrives");
    CHECK(send(j.server, "waits") == 5);
    CHECK(receive(j.client).empty());
    j.network.heal("loopback://bank");
    CHECK(receive(j.client) == "waits");
}

TEST_CASE("nobody connects through a partition until it is healed") {
    loopback_network network;
    auto             transport = network.transport();
    auto             listener = transport.listen("loopback://bank", {});
    network.partition(loopback_way::to_listener);
    bell rung;
    auto c = transport.connect("loopback://bank", rung.signal());
    CHECK(c->establish().value() == false);
    CHECK(listener->accept({}).error().code == transport_errc::none_waiting);
    network.heal();
    CHECK(rung.heard() == 1);
    CHECK(c->establish().value());
    CHECK(listener->accept({}).has_value());
}

TEST_CASE("faults are of one address, or of all") {
    loopback_network network;
    auto             transport = network.transport();
    auto             bank = transport.listen("loopback://bank", {});
    auto             shop = transport.listen("loopback://shop", {});
    network.faults({.refuse = true}, "loopback://bank");
    CHECK(transport.connect("loopback://bank", {}).error().code == transport_errc::refused);
    CHECK(transport.connect("loopback://shop", {}).has_value());
    CHECK(network.faults("loopback://bank").refuse);
    CHECK_FALSE(network.faults().refuse);
    bank->close();
    CHECK(network.faults("loopback://bank").refuse);  // it is of the address, not of the listener
    network.faults({});
    auto again = transport.listen("loopback://bank", {});
    CHECK(transport.connect("loopback://bank", {}).has_value());
}

TEST_CASE("as a line of datagrams it drops, repeats, reorders and spoils, as the seed says") {
    SECTION("drop") {
        joined j{{.drop_per_mille = 1000}};
        CHECK(send(j.client, "gone") == 4);
        CHECK(receive(j.server).empty());
        j.network.faults({});
        CHECK(send(j.client, "there") == 5);
        CHECK(receive(j.server) == "there");
        CHECK(j.network.counts().dropped == 1);
    }
    SECTION("duplicate") {
        joined j{{.duplicate_per_mille = 1000}, {.buffer = 7}};
        CHECK(send(j.client, "abc") == 3);
        CHECK(receive(j.server) == "abcabc");
        CHECK(send(j.client, "abcdef") == 6);  // no room for it twice
        CHECK(receive(j.server) == "abcdef");
        CHECK(j.network.counts().duplicated == 1);
    }
    SECTION("reorder") {
        joined j{{.reorder_per_mille = 1000}, {.buffer = 11}};
        CHECK(send(j.client, "12345") == 5);
        CHECK(receive(j.server) == "12345");
        CHECK(send(j.client, "first") == 5);
        CHECK(send(j.client, "next") == 4);
        CHECK(receive(j.server) == "nextfirst");
        CHECK(j.network.counts().reordered == 1);
    }
    SECTION("flip_bit") {
        joined            j{{.flip_bit_per_mille = 1000}};
        std::string const sent = "all of this";
        CHECK(send(j.client, sent) == 11);
        std::string const got = receive(j.server);
        REQUIRE(got.size() == sent.size());
        int bits = 0;
        for (std::size_t i = 0; i < got.size(); ++i) {
            for (int wrong = got[i] ^ sent[i]; wrong != 0; wrong &= wrong - 1) ++bits;
        }
        CHECK(bits == 1);
        CHECK(j.network.counts().flipped == 1);
    }
    SECTION("all of it, the same way for one seed") {
        auto const arrives = [](std::uint64_t seed) {
            joined j{{.drop_per_mille = 200,
                      .duplicate_per_mille = 200,
                      .reorder_per_mille = 200,
                      .flip_bit_per_mille = 200},
                     {.seed = seed}};
            for (int i = 0; i < 100; ++i) send(j.client, std::to_string(i));
            auto const counts = j.network.counts();
            CHECK(counts.dropped > 0);
            CHECK(counts.duplicated > 0);
            CHECK(counts.reordered > 0);
            CHECK(counts.flipped > 0);
            return receive(j.server);
        };
        CHECK(arrives(1) == arrives(1));
        CHECK(arrives(1) != arrives(2));
    }
}

TEST_CASE("a connection that is like one before it sees other chances") {
    loopback_network network{troupe::loopback_options{.seed = 3}};
    network.faults({.drop_per_mille = 500});
    auto       transport = network.transport();
    auto       listener = transport.listen("loopback://bank", {});
    auto const arrives = [&] {
        auto c = transport.connect("loopback://bank", {});
        for (char x = 'a'; x <= 'z'; ++x) send(*c, std::string(1, x));
        auto s = listener->accept({});
        return receive(*s);
    };
    std::string const first = arrives();
    CHECK(first != arrives());
}

// Sends 1, 2, 3 ... as bytes and checks that what comes back is the same, on threads of their own.
TEST_CASE("two threads are joined by a network while a third makes things go wrong and right") {
    loopback_network  network{troupe::loopback_options{.buffer = 100}};
    auto              transport = network.transport();
    bell              bells[2];
    auto              listener = transport.listen("loopback://bank", bells[0].signal());
    constexpr int     all = 4'000;
    std::atomic<bool> done{false};
    std::atomic<int>  wrong{0};
    std::thread       server{[&] {
        auto c = listener->accept(bells[0].signal());
        while (!c) c = listener->accept(bells[0].signal());
        std::byte place[64];
        for (int seen = 0; seen != all;) {
            auto const got = c->receive(place);
            if (!got) return void(++wrong);
            for (std::size_t i = 0; i < *got; ++i) {
                if (place[i] != static_cast<std::byte>(seen++)) ++wrong;
            }
            std::span<std::byte const> const back[] = {std::span{place, *got}};
            for (std::size_t sent = 0; sent != *got;) {
                std::span<std::byte const> const rest[] = {back[0].subspan(sent)};
                auto const                       taken = c->send(rest);
                if (!taken) return void(++wrong);
                sent += *taken;
            }
        }
    }};
    std::thread       client{[&] {
        auto c = transport.connect("loopback://bank", bells[1].signal());
        while (!c->establish().value()) {}
        int sent = 0;
        for (int seen = 0; seen != all;) {
            std::byte   next[16];
            std::size_t size = 0;
            for (; size < 16 && sent + static_cast<int>(size) < all; ++size) {
                next[size] = static_cast<std::byte>(sent + static_cast<int>(size));
            }
            std::span<std::byte const> const buffers[] = {std::span{next, size}};
            // When everything is sent the server may have gone.
            if (size != 0) sent += static_cast<int>(c->send(buffers).value());
            std::byte  place[64];
            auto const got = c->receive(place);
            if (!got) break;
            for (std::size_t i = 0; i < *got; ++i) {
                if (place[i] != static_cast<std::byte>(seen++)) ++wrong;
            }
        }
        done = true;
    }};
    for (int i = 0; !done; ++i) {
        network.partition(i % 2 == 0 ? loopback_way::to_listener : loopback_way::both);
        network.faults({.send_max = 3});
        network.heal();
        network.faults({});
        std::this_thread::yield();
    }
    server.join();
    client.join();
    CHECK(wrong == 0);
}

// Who was told may go with his system, right behind the transport.
TEST_CASE("when a transport has gone, none of its connections is still being told") {
    loopback_network         network;
    auto                     here = network.transport();
    std::atomic<bool>        may_return{false};
    static std::atomic<bool> told, has_returned;
    told = has_returned = false;
    transport_signal const slow{[](void* may, std::uint64_t) noexcept {
                                    told = true;
                                    while (!*static_cast<std::atomic<bool>*>(may)) {
                                        std::this_thread::yield();
                                    }
                                    has_returned = true;
                                },
                                &may_return, 0};
    auto                   listener = here.listen("loopback://bank", {});
    REQUIRE(listener);
    auto there = std::make_unique<troupe::loopback_transport>(network);
    auto connecting = there->connect("loopback://bank", {});
    REQUIRE(connecting);
    auto client = std::move(*connecting);
    auto accepted = listener->accept(slow);
    REQUIRE(accepted);
    auto        server = std::move(*accepted);
    std::thread sends{[&] { send(client, "look"); }};
    while (!told) std::this_thread::yield();
    server.close();
    std::atomic<bool> gone{false};
    bool              returned_before = false;
    std::thread       ends{[&] {
        there.reset();
        returned_before = has_returned;
        gone = true;
    }};
    for (int i = 0; i < 1000 && !gone; ++i) std::this_thread::yield();
    may_return = true;
    ends.join();
    sends.join();
    CHECK(returned_before);
}

}  // namespace test_loopback_transport
