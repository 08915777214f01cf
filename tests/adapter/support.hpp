// SPDX-License-Identifier: BSL-1.0
#pragma once

// What the tests of TLS share: certificates, settings that are good, and a handshake without
// sockets.

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "support/catch.hpp"
#include "troupe/adapter/tls/openssl.hpp"
#include "troupe/testing/conformance/tls_provider.hpp"
#include "troupe/testing/test_certificates.hpp"

namespace adapter_tests {

using namespace troupe;

/// Made by tools/certs before the tests.
inline std::string const folder = TROUPE_TEST_CERTS;
inline std::string       file(std::string const& name) { return folder + "/" + name; }
inline std::string       bytes_of(std::string const& name) {
    std::ifstream in(file(name), std::ios::binary);
    return {std::istreambuf_iterator<char>{in}, {}};
}

struct files {
    std::string roots = file("ca.pem");
    std::string chain;
    std::string key;
    explicit files(std::string const& name)
        : chain(file(name + ".pem")), key(file(name + ".key")) {}

    tls_server_settings server() const {
        return {.peers = verify_peer::full(trust_roots::file(roots)),
                .certificate = certificate_chain::file(chain),
                .key = private_key::file(key),
                .clients = client_certificate::required,
                .test = accept_test_certificates{}};
    }
    tls_client_settings client() const {
        return {.peers = verify_peer::full(trust_roots::file(roots)),
                .certificate = certificate_chain::file(chain),
                .key = private_key::file(key),
                .test = accept_test_certificates{}};
    }
};
inline openssl_tls good_server() {
    return std::move(openssl_tls::make(files{"server"}.server())).value();
}
inline openssl_tls good_client() {
    return std::move(openssl_tls::make(files{"client"}.client())).value();
}

/// How a handshake went; empty words: well.
struct outcome {
    std::string client;
    std::string server;
    std::string client_sees;  // names
    std::string server_sees;
};

template <class Client, class Server>
outcome meet(Client& client, Server& server, std::string_view host = "localhost") {
    outcome    end;
    auto       here = client.client(host);
    auto       there = server.server();
    auto const words = [](transport_error const& e) {
        return std::string{e.code == transport_errc::not_secure ? "" : to_string(e.code)} +
               std::string{e.detail};
    };
    if (!here) end.client = words(here.error());
    if (!there) end.server = words(there.error());
    if (!here || !there) return end;
    detail::tls_pair<Client, Server> p{std::move(*here), std::move(*there), 5000};
    for (int idle = 0; idle < 3;) {
        if (end.client.empty()) {
            if (auto const r = p.client.handshake(); !r) end.client = words(r.error());
        }
        if (end.server.empty()) {
            if (auto const r = p.server.handshake(); !r) end.server = words(r.error());
        }
        bool moved = false;
        (void)p.move(p.client, p.server, p.to_server, moved);
        (void)p.move(p.server, p.client, p.to_client, moved);
        idle = moved ? 0 : idle + 1;
    }
    // What a server thinks of its client comes to the client when it reads.
    std::byte place[100];
    if (auto const r = p.client.read(place); !r && end.client.empty())
        end.client = words(r.error());
    if (auto const r = p.server.read(place); !r && end.server.empty())
        end.server = words(r.error());
    end.client_sees = p.client.peer_name();
    end.server_sees = p.server.peer_name();
    return end;
}

}  // namespace adapter_tests
