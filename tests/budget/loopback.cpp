// SPDX-License-Identifier: BSL-1.0
// Bytes over a network in memory allocate nothing, nor does a connection like one that there was:
// counted, every call of the heap.

#include "support/heap_count.hpp"

#include "support/catch.hpp"

#include "troupe/remote/loopback_transport.hpp"
#include "troupe/testing/manual_clock.hpp"

namespace test_budget_loopback {

using namespace std::chrono_literals;

// A connection, bytes there and back with delays and faults, and its end.
void talk(troupe::manual_clock& clock, troupe::loopback_transport& transport,
          troupe::loopback_listener& listener, troupe::endpoint const& at) {
    auto client = transport.connect(at, {});
    clock.advance(10ms);
    while (!client->establish().value()) clock.advance(1ms);
    auto                             server = listener.accept({});
    std::byte                        place[1000] = {};
    std::span<std::byte const> const buffers[] = {std::span{place}.first(600), {}, place};
    for (int i = 0; i < 300; ++i) {
        static_cast<void>(client->send(buffers).has_value());
        static_cast<void>(server->send(buffers).has_value());
        clock.advance(1ms);
        static_cast<void>(client->receive(place).has_value());
        static_cast<void>(server->receive(place).has_value());
    }
}

TEST_CASE("a connection like one before it allocates nothing") {
    troupe::manual_clock     clock;
    troupe::loopback_network network{clock};
    network.faults({.delay = 1ms,
                    .jitter = 2ms,
                    .drop_per_mille = 20,
                    .duplicate_per_mille = 20,
                    .reorder_per_mille = 20,
                    .flip_bit_per_mille = 20});
    auto       transport = network.transport();
    auto       listener = transport.listen("loopback://bank", {});
    auto const at = listener->bound();
    talk(clock, transport, *listener, at);
    auto const before = troupe_test::heap_calls.load();
    talk(clock, transport, *listener, at);
    auto const after = troupe_test::heap_calls.load();
    CHECK(after - before == 0);
    CHECK(network.counts().connections == 2);
    CHECK(network.counts().duplicated > 0);
}

}  // namespace test_budget_loopback
