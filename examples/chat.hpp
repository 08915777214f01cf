// SPDX-License-Identifier: BSL-1.0
#pragma once

// What chat_server and chat_client agree on: the messages, the keys, and how they are connected: by
// TCP, or with `--tls DIR` by TLS, with the roots, certificate and key of that folder.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include <troupe/troupe.hpp>

#if defined(CHAT_HAS_TLS)
#include <troupe/adapter/tls/openssl.hpp>
#include <troupe/testing/test_certificates.hpp>
#endif

namespace chat {

/// To the room.
struct join {
    std::string name;
};
struct say {
    std::string text;
};
using room_protocol = troupe::protocol<void(join), void(say)>;
inline constexpr troupe::actor_key<room_protocol> room_key{"chat/room"};

/// To the screen of somebody in the room.
struct line {
    std::string from;
    std::string text;
};
using screen_protocol = troupe::protocol<void(line)>;
inline constexpr troupe::actor_key<screen_protocol> screen_key{"chat/screen"};

/// What stands on the command line: options first.
struct options {
    std::string      tls;                ///< the folder; empty: TCP alone
    bool             for_tests = false;  ///< `--test`: certificates of tools/certs are good enough
    std::string_view rest[2] = {};
    int              count = 0;
};
inline options read(int count, char** words) {
    options o;
    for (int i = 1; i < count; ++i) {
        std::string_view const word = words[i];
        if (word == "--tls" && i + 1 < count) o.tls = words[++i];
        else if (word == "--test") o.for_tests = true;
        else if (o.count < 2) o.rest[o.count++] = word;
    }
    return o;
}

#if defined(CHAT_HAS_TLS)
using secure_transport = troupe::secured<troupe::tcp_transport, troupe::openssl_tls>;

/// Both sides prove who they are. Ends the program with words when something is not as it should
/// be.
inline secure_transport secure(troupe::system& system, options const& o) {
    troupe::tls_server_settings settings{
        .peers = troupe::verify_peer::full(troupe::trust_roots::file(o.tls + "/ca.pem")),
        .certificate = troupe::certificate_chain::file(o.tls + "/node.pem"),
        .key = troupe::private_key::file(o.tls + "/node.key"),
        .clients = troupe::client_certificate::required,
    };
    if (o.for_tests) settings.test = troupe::accept_test_certificates{};
    auto tls = troupe::openssl_tls::make(std::move(settings));
    if (!tls) {
        std::fprintf(stderr, "%s\n", tls.error().what());
        std::exit(2);
    }
    return secure_transport{troupe::tcp_transport{system.reactor()}, std::move(*tls)};
}
#endif

/// Calls `run(system, make)`, where `make(options)` is a node over what the options say.
template <class Run>
int with_transport(options const& o, Run const& run) {
    troupe::system system;
    if (o.tls.empty()) return run(system, troupe::tcp_transport{system.reactor()});
#if defined(CHAT_HAS_TLS)
    return run(system, secure(system, o));
#else
    std::fprintf(stderr, "chat: built without OpenSSL\n");
    return 2;
#endif
}

}  // namespace chat
