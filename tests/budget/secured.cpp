// SPDX-License-Identifier: BSL-1.0

// After the handshake, TLS over a transport takes no memory of its own for what it sends and
// receives.

#include "support/heap_count.hpp"

#include "support/catch.hpp"
#include "troupe/remote/loopback_transport.hpp"
#include "troupe/remote/secured.hpp"
#include "troupe/testing/insecure_plaintext.hpp"

#include <cstddef>
#include <span>

namespace {

using namespace troupe;

TEST_CASE("a secured connection allocates nothing after its handshake") {
    loopback_network                                network;
    secured<loopback_transport, insecure_plaintext> transport{network.transport(),
                                                              insecure_plaintext{}};
    auto listener = transport.listen("tls+loopback://bank", {});
    auto here = transport.connect("tls+loopback://bank", {});
    auto there = listener->accept({});
    for (bool a = false, b = false; !a || !b;) {
        a = *here->establish();
        b = *there->establish();
    }
    static std::byte                 bytes[5000];
    std::span<std::byte const> const buffers[] = {{bytes, 7}, {bytes, 600}, {bytes, 4000}};
    std::size_t                      sent = 0;
    std::size_t                      got = 0;
    auto const                       before = troupe_test::heap_calls.load();
    for (int i = 0; i < 1000; ++i) {
        sent += *here->send(buffers);
        for (std::size_t n = 1; n != 0; got += n) n = *there->receive(bytes);
    }
    auto const after = troupe_test::heap_calls.load();
    CHECK(after == before);
    CHECK(sent > 1'000'000);
    CHECK(got + 1 >= sent);
}

}  // namespace
