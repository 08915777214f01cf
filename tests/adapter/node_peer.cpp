// SPDX-License-Identifier: BSL-1.0

// Nodes, for other programs to stand between them: tests/adapter/stunnel.sh.
//
//   node_peer serve PLACE HOW     exposes an actor that adds, says where, tells its log on standard
//                                 output, and ends when its input ends
//   node_peer ask PLACE HOW       connects, says what came of it, and what an ask is answered
//
// HOW is `plain`, or `tls CERTS NAME ROOTS PROTOCOLS`: certificates of tools/certs, the name of our
// own one, whom to trust (`ca`, `other-ca`), and what is spoken inside (`-`: it is left open).

#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

#include "troupe/adapter/tls/openssl.hpp"
#include "troupe/remote/node.hpp"
#include "troupe/remote/secured.hpp"
#include "troupe/remote/tcp_transport.hpp"
#include "troupe/remote/unix_transport.hpp"
#include "troupe/system.hpp"
#include "troupe/testing/test_certificates.hpp"

namespace {

using namespace troupe;
using namespace std::chrono_literals;
using tls = secured<tcp_transport, openssl_tls>;

struct add {
    int a;
    int b;
};
class adder {
public:
    using protocol = troupe::protocol<int(add)>;
    int on(add m) { return m.a + m.b; }
};

struct said_aloud {
    void write(log_record const& r) noexcept {
        std::printf("%.*s: %.*s\n", static_cast<int>(r.event.size()), r.event.data(),
                    static_cast<int>(r.detail.size()), r.detail.data());
        std::fflush(stdout);
    }
};
struct config : defaults {
    using log_type = said_aloud;
};
using system_type = basic_system<config>;

/// What is told on the command line.
struct how {
    bool             plain;
    std::string      roots, chain, key;
    std::string_view protocols;

    explicit how(std::vector<std::string> const& words)
        : plain(words.size() < 5),
          roots(plain ? "" : words[1] + "/" + words[3] + ".pem"),
          chain(plain ? "" : words[1] + "/" + words[2] + ".pem"),
          key(plain ? "" : words[1] + "/" + words[2] + ".key"),
          protocols(plain || words[4] == "-" ? std::string_view{} : std::string_view{words[4]}) {}
    tls transport(system_type& s, bool serves) const {
        if (serves) {
            return {tcp_transport{s.reactor()},
                    openssl_tls{
                        tls_server_settings{.peers = verify_peer::full(trust_roots::file(roots)),
                                            .certificate = certificate_chain::file(chain),
                                            .key = private_key::file(key),
                                            .clients = client_certificate::required,
                                            .protocols = protocols,
                                            .test = accept_test_certificates{}}}};
        }
        return {
            tcp_transport{s.reactor()},
            openssl_tls{tls_client_settings{.peers = verify_peer::full(trust_roots::file(roots)),
                                            .certificate = certificate_chain::file(chain),
                                            .key = private_key::file(key),
                                            .protocols = protocols,
                                            .test = accept_test_certificates{}}}};
    }
};

template <class Node>
int serve(Node& node, ref<adder> const& who) {
    node.expose("adder", who);
    std::printf("at %s\n", std::string{node.bound().text()}.c_str());
    std::fflush(stdout);
    char byte = 0;
    while (::read(STDIN_FILENO, &byte, 1) > 0) {}
    return 0;
}
template <class Node>
int ask(Node& node, std::string const& place) {
    auto const connected = node.connect(place).get();
    std::printf("%s: %s\n", std::string{to_string(connected.status)}.c_str(),
                connected.words.c_str());
    if (!connected) return 1;
    auto const answer =
        node.template resolve<adder>(place, "adder").ask(add{2, 3}).within(30s).result();
    if (!answer) return std::puts(answer.error().what()), 1;
    std::printf("answer: %d\n", *answer);
    return *answer == 5 ? 0 : 1;
}
int run(std::string const& what, std::string const& place, how const& told) {
    system_type system;
    bool const  serves = what == "serve";
    if (!serves && what != "ask") return 2;
    // One attempt is what is looked at.
    node_options const o{.listen = serves ? std::string_view{place} : std::string_view{},
                         .link = {.backoff = {.first = 1h, .max = 1h}}};
    auto const         begin = [&](auto&& made) {
        node<std::remove_cvref_t<decltype(made)>> n{system, o, std::move(made)};
        return serves ? serve(n, system.spawn<adder>()) : ask(n, place);
    };
    if (!told.plain) return begin(told.transport(system, serves));
    if (place.starts_with("unix")) return begin(unix_transport{system.reactor()});
    return begin(tcp_transport{system.reactor()});
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) {
        std::fputs("usage: node_peer serve|ask PLACE plain|tls CERTS NAME ROOTS PROTOCOLS\n",
                   stderr);
        return 2;
    }
    try {
        return run(argv[1], argv[2], how{{argv + 3, argv + argc}});
    } catch (std::exception const& e) {
        std::puts(e.what());
        return 1;
    }
}
