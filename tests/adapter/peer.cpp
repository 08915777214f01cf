// SPDX-License-Identifier: BSL-1.0

// Ours, for other programs to talk to: tests/adapter/foreign.sh.
//
//   peer serve CERTS COUNT     listens on 127.0.0.1 at a port that it prints; takes COUNT
//                              connections after each other, says what became of each, and
//                              echoes its first line
//   peer connect CERTS PORT    connects to localhost, sends a line, and prints what comes back

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "troupe/adapter/tls/openssl.hpp"
#include "troupe/os/reactor.hpp"
#include "troupe/remote/secured.hpp"
#include "troupe/remote/tcp_transport.hpp"
#include "troupe/testing/test_certificates.hpp"

namespace {

using namespace troupe;
using tls = secured<tcp_transport, openssl_tls>;

// The signals come from this thread: a wait ends by one of them.
void drive(reactor& by) {
    if (!by.try_drive()) return;
    by.wait(detail::parker::forever);
    by.dispatch();
    by.leave();
}

void say(transport_error const& why) {
    std::printf("%.*s: %.*s\n", static_cast<int>(to_string(why.code).size()),
                to_string(why.code).data(), static_cast<int>(why.detail.size()), why.detail.data());
}

// Establishes, then receives a line. Prints how it ended, and gives the line.
std::string line_of(reactor& by, tls::connection& c, std::string_view first = {}) {
    std::string got;
    for (bool open = false; got.find('\n') == std::string::npos; drive(by)) {
        if (!open) {
            auto const ready = c.establish();
            if (!ready) return say(ready.error()), std::string{};
            open = *ready;
            if (!open) continue;
            std::printf("connected: %.*s\n", static_cast<int>(c.peer_name().size()),
                        c.peer_name().data());
            std::span<std::byte const> const bytes =
                std::as_bytes(std::span{first.data(), first.size()});
            if (!first.empty() && !c.send({&bytes, 1})) return {};
        }
        std::byte  place[1000];
        auto const came = c.receive(place);
        if (!came) return say(came.error()), std::string{};
        got.append(reinterpret_cast<char const*>(place), *came);
        if (got.find('\n') != std::string::npos) break;
    }
    return got;
}

int serve(std::string const& certs, int count) {
    std::string const roots = certs + "/ca.pem", chain = certs + "/server.pem",
                      key = certs + "/server.key";
    reactor by;
    tls     transport{tcp_transport{by}, openssl_tls{tls_server_settings{
                                             .peers = verify_peer::full(trust_roots::file(roots)),
                                             .certificate = certificate_chain::file(chain),
                                             .key = private_key::file(key),
                                             .clients = client_certificate::required,
                                             .test = accept_test_certificates{}}}};
    auto    listener = transport.listen("tls://127.0.0.1:0", {});
    if (!listener) return say(listener.error()), 1;
    std::printf("%u\n", listener->bound().port());
    std::fflush(stdout);
    while (count-- > 0) {
        auto came = listener->accept({});
        for (; !came; came = listener->accept({})) drive(by);
        std::string const got = line_of(by, *came);
        if (!got.empty()) {
            std::span<std::byte const> const bytes =
                std::as_bytes(std::span{got.data(), got.size()});
            (void)came->send({&bytes, 1});
            std::printf("got: %s", got.c_str());
        }
        came->close();
        std::fflush(stdout);
    }
    std::puts("stopped");
    return 0;
}

int connect(std::string const& certs, char const* port) {
    std::string const roots = certs + "/ca.pem", chain = certs + "/client.pem",
                      key = certs + "/client.key";
    tls_client_settings const settings{.peers = verify_peer::full(trust_roots::file(roots)),
                                       .certificate = certificate_chain::file(chain),
                                       .key = private_key::file(key),
                                       .test = accept_test_certificates{}};
    reactor                   by;
    tls                       transport{tcp_transport{by}, openssl_tls{settings}};
    auto const                to = parse_endpoint(std::string{"tls://127.0.0.1:"} + port);
    if (!to) return 1;
    auto wire = transport.connect(*to, {});
    if (!wire) return say(wire.error()), 1;
    std::string const got = line_of(by, *wire, "from ours\n");
    std::printf("got: %s", got.c_str());
    wire->close();
    return got.empty() ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 4 && std::string_view{argv[1]} == "serve")
        return serve(argv[2], std::atoi(argv[3]));
    if (argc == 4 && std::string_view{argv[1]} == "connect") return connect(argv[2], argv[3]);
    std::fputs("usage: peer serve CERTS COUNT | peer connect CERTS PORT\n", stderr);
    return 2;
}
