// SPDX-License-Identifier: BSL-1.0

#include "troupe/testing/conformance/transport.hpp"

#include <chrono>

#include "adapter/support.hpp"
#include "troupe/os/reactor.hpp"
#include "troupe/remote/loopback_transport.hpp"
#include "troupe/remote/secured.hpp"
#include "troupe/remote/tcp_transport.hpp"

namespace {

using namespace adapter_tests;

TEST_CASE("TLS by openssl over a network in memory is a transport") {
    files const f{"node"};
    auto        settings = f.server();
    // The suite connects to names that it is given.
    settings.peers = verify_peer::chain_only_no_hostname(trust_roots::file(f.roots));
    for (std::size_t const most : {std::size_t{1000}, SIZE_MAX}) {
        loopback_network network;
        network.faults({.send_max = most, .receive_max = most});
        secured<loopback_transport, openssl_tls> transport{network.transport(),
                                                           openssl_tls{settings}};
        auto const report = check_transport(transport, {.listen_at = "tls+loopback://bank:0"});
        INFO(report.text());
        CHECK(report);
    }
}

TEST_CASE("TLS by openssl over tcp is a transport") {
    reactor                             by;
    secured<tcp_transport, openssl_tls> transport{tcp_transport{by},
                                                  openssl_tls{files{"node"}.server()}};
    auto const report = check_transport(transport, {.listen_at = "tls://127.0.0.1:0"}, [&] {
        if (!by.try_drive()) return;
        by.wait(std::chrono::milliseconds{1});
        by.dispatch();
        by.leave();
    });
    INFO(report.text());
    CHECK(report);
}

}  // namespace
