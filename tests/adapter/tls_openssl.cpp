// SPDX-License-Identifier: BSL-1.0

#include "troupe/adapter/tls/openssl.hpp"

#include <cstring>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <type_traits>
#include <unistd.h>
#include <utility>
#include <vector>

#include <openssl/ec.h>
#include <openssl/rsa.h>

#include "adapter/raw_tls.hpp"
#include "adapter/support.hpp"

namespace {

using namespace adapter_tests;
using troupe_test::contains;

template <class Settings>
std::string refusal(Settings const& settings) {
    auto const made = openssl_tls::make(settings);
    return made ? std::string{} : std::string{made.error().text()};
}

// ---- whom it talks to ----

TEST_CASE("openssl keeps the rules of TLS providers") {
    auto       server = openssl_tls{files{"node"}.server()};
    auto const report = check_tls_provider(server, server);
    INFO(report.text());
    CHECK(report);
}

TEST_CASE("two with certificates of one authority talk, and know each other's names") {
    auto       client = good_client();
    auto       server = good_server();
    auto const end = meet(client, server);
    CHECK(end.client == "");
    CHECK(end.server == "");
    CHECK(end.client_sees == "localhost");
    CHECK(end.server_sees == "client.test");
}

TEST_CASE("hosts are names and addresses of the certificate") {
    auto client = good_client();
    auto server = good_server();
    for (auto const* host : {"localhost", "server.test", "127.0.0.1", "::1", "::1%lo"}) {
        INFO(host);
        CHECK(meet(client, server, host).client == "");
    }
    for (auto const* host : {"other.test", "127.0.0.2", "::2", "test", "localhost.evil.test"}) {
        INFO(host);
        auto const end = meet(client, server, host);
        CHECK(end.client ==
              "tls: the certificate of the peer is not for '" + std::string{host} + "'");
        CHECK(end.server == "tls: the peer refuses us: our certificate is not good for it");
    }
    CHECK(meet(client, server, "").client ==
          "tls: the host to connect to has no name that could be checked");
}

TEST_CASE("a chain with a certificate in between leads to the root") {
    auto client = good_client();
    auto server = openssl_tls{files{"chain"}.server()};
    CHECK(meet(client, server).client == "");
}

struct row {
    char const* certificate;
    char const* words;       // of the one that refuses
    char const* other_side;  // what the refused one is told
};
constexpr row bad_certificates[] = {
    {"expired", "tls: the certificate of the peer has expired", "certificate expired"},
    {"future", "tls: the certificate of the peer is not yet valid", "bad certificate"},
    {"other", "tls: the certificate of the peer does not come from a trust root", "unknown ca"},
    {"self", "tls: the certificate of the peer is self-signed", "unknown ca"},
};

TEST_CASE("a client refuses each bad server, and says why") {
    auto client = good_client();
    for (auto const& bad : bad_certificates) {
        INFO(bad.certificate);
        raw_tls server{folder, {.certificate = bad.certificate}};
        REQUIRE(server.good());
        auto const end = meet(client, server);
        CHECK(end.client == bad.words);
        CHECK_THAT(end.server, contains(bad.other_side));
        CHECK(end.client_sees == "");
    }
    raw_tls wrong_name{folder, {.certificate = "wrong-name"}};
    CHECK(meet(client, wrong_name).client ==
          "tls: the certificate of the peer is not for 'localhost'");
    raw_tls of_a_client{folder, {.certificate = "client"}};
    CHECK(meet(client, of_a_client, "client.test").client ==
          "tls: the certificate of the peer is not meant for this side of a connection");
}

TEST_CASE("a server refuses each bad client, and says why") {
    auto server = good_server();
    for (auto const& bad : bad_certificates) {
        INFO(bad.certificate);
        raw_tls client{folder, {.certificate = bad.certificate}};
        REQUIRE(client.good());
        auto const end = meet(client, server);
        CHECK(end.server == bad.words);
        CHECK_THAT(end.client, contains(bad.other_side));
        CHECK(end.server_sees == "");
    }
    raw_tls    nobody{folder, {}};
    auto const end = meet(nobody, server);
    CHECK(end.server == "tls: the client has shown no certificate, and one is required");
    CHECK_THAT(end.client, contains("certificate required"));
    raw_tls of_a_server{folder, {.certificate = "server"}};
    CHECK(meet(of_a_server, server).server ==
          "tls: the certificate of the peer is not meant for this side of a connection");
}

TEST_CASE("our client without a certificate is told that one is wanted") {
    files const f{"client"};
    auto        client =
        openssl_tls{tls_client_settings{.peers = verify_peer::full(trust_roots::file(f.roots)),
                                        .test = accept_test_certificates{}}};
    auto server = good_server();
    CHECK(meet(client, server).client ==
          "tls: the peer refuses us: it wants a certificate, and we have shown none");
}

TEST_CASE("TLS 1.1 is refused on both sides, and 1.2 where it is too old") {
    auto    client = good_client();
    auto    server = good_server();
    raw_tls old_client{folder, {.certificate = "client", .newest = TLS1_1_VERSION}};
    CHECK(meet(old_client, server).server == "tls: the peer does not speak TLS 1.2 or newer");
    raw_tls old_server{folder, {.certificate = "server", .newest = TLS1_1_VERSION}};
    CHECK(meet(client, old_server).client ==
          "tls: the peer refuses us: no version of TLS in common");

    raw_tls client_1_2{folder, {.certificate = "client", .newest = TLS1_2_VERSION}};
    CHECK(meet(client_1_2, server).server == "");
    CHECK(meet(client_1_2, server).server_sees == "client.test");
    files const f{"server"};
    auto        strict = openssl_tls{[&] {
        auto s = f.server();
        s.oldest = tls_version::v1_3;
        return s;
    }()};
    CHECK(meet(client_1_2, strict).server == "tls: the peer does not speak TLS 1.3 or newer");
    CHECK(meet(client, strict).server == "");
}

TEST_CASE("a protocol that is not in common is an error that names both lists") {
    files const f{"server"};
    auto        client = good_client();
    auto        h2 = f.server();
    h2.protocols = "h2,http/1.1";
    auto       server = openssl_tls{h2};
    auto const end = meet(client, server);
    CHECK(end.server ==
          "tls: no protocol in common (ALPN): here h2,http/1.1; the client offers troupe/1");
    CHECK(end.client == "tls: the peer refuses us: no protocol in common (ALPN)");

    auto    ours = good_server();
    raw_tls silent_client{folder, {.certificate = "client", .protocols = ""}};
    CHECK(meet(silent_client, ours).server ==
          "tls: no protocol in common (ALPN): here troupe/1; the client offers none");
    raw_tls silent_server{folder, {.certificate = "server", .protocols = ""}};
    CHECK(meet(client, silent_server).client ==
          "tls: no protocol in common (ALPN): here troupe/1; the server takes none");

    auto open = f.server();
    open.protocols = "";
    auto any = openssl_tls{open};
    CHECK(meet(silent_client, any).server == "");

    // The best one of ours that the other has, too.
    auto several = f.server();
    several.protocols = "troupe/2,troupe/1";
    auto both = openssl_tls{several};
    CHECK(meet(client, both).client == "");
}

TEST_CASE("strangers cannot fill the memory with words, nor print control bytes") {
    auto        server = good_server();
    std::string last;
    for (int i = 0; i < 200; ++i) {
        std::string name = "\r\nx" + std::to_string(i);
        name.insert(name.begin(), static_cast<char>(name.size()));
        raw_tls client{folder, {.certificate = "client", .protocols = name}};
        last = meet(client, server).server;
        if (i == 0) {
            CHECK(last ==
                  "tls: no protocol in common (ALPN): here troupe/1; the client offers ??x0");
        }
    }
    CHECK(last == "tls: no protocol in common (ALPN)");
}

TEST_CASE("what is not TLS is refused at its first byte, on both sides") {
    auto client = good_client();
    auto server = good_server();
    for (bool const to_server : {true, false}) {
        auto       s = to_server ? server.server() : client.client("localhost");
        auto const one = std::byte{'G'};
        REQUIRE(s);
        (void)s->handshake();
        auto const fed = s->feed({&one, 1});
        REQUIRE_FALSE(fed);
        CHECK(fed.error().code == transport_errc::not_secure);
        CHECK(fed.error().detail == "tls: not a TLS record");
    }
}

// ---- how strict it is ----

TEST_CASE("without host names a certificate of the authority stands for any host") {
    files const f{"client"};
    auto        settings = f.client();
    settings.peers = verify_peer::chain_only_no_hostname(trust_roots::file(f.roots));
    auto    client = openssl_tls{settings};
    raw_tls wrong_name{folder, {.certificate = "wrong-name"}};
    CHECK(meet(client, wrong_name).client == "");
    CHECK(meet(client, wrong_name, "").client == "");
    CHECK(meet(client, wrong_name, "127.0.0.1").client == "");
    raw_tls other{folder, {.certificate = "other"}};
    CHECK(meet(client, other).client ==
          "tls: the certificate of the peer does not come from a trust root");
}

TEST_CASE("who accepts anybody knows nobody's name") {
    auto client =
        openssl_tls{tls_client_settings{.peers = verify_peer::nothing(insecure_accept_anybody{}),
                                        .test = accept_test_certificates{}}};
    raw_tls    server{folder, {.certificate = "self"}};
    auto const end = meet(client, server);
    CHECK(end.client == "");
    CHECK(end.client_sees == "");
}

TEST_CASE("clients prove themselves as far as the server asks") {
    files const f{"server"};
    auto        settings = f.server();
    settings.clients = client_certificate::optional;
    auto    optional = openssl_tls{settings};
    raw_tls nobody{folder, {}};
    raw_tls bad{folder, {.certificate = "other"}};
    raw_tls good{folder, {.certificate = "client"}};
    CHECK(meet(nobody, optional).server == "");
    CHECK(meet(nobody, optional).server_sees == "");
    CHECK(meet(good, optional).server_sees == "client.test");
    CHECK(meet(bad, optional).server ==
          "tls: the certificate of the peer does not come from a trust root");

    settings.clients = client_certificate::not_asked;
    auto open = openssl_tls{settings};
    CHECK(meet(bad, open).server == "");
    CHECK(meet(good, open).server_sees == "");
}

TEST_CASE("the gate is asked last, and its no ends the handshake") {
    struct book {
        std::string asked;
        std::string serial;
        std::size_t digest = 0;
        bool        client = false;
        bool        answer = true;
    } seen;
    files const f{"server"};
    auto        settings = f.server();
    settings.gate = {[](void* whom, tls_peer const& peer) noexcept {
                         auto& b = *static_cast<book*>(whom);
                         b.asked = peer.name;
                         b.serial = peer.serial;
                         b.digest = peer.sha256.size();
                         b.client = peer.is_client;
                         return b.answer;
                     },
                     &seen};
    auto server = openssl_tls{settings};
    auto client = good_client();
    CHECK(meet(client, server).server == "");
    CHECK(seen.asked == "client.test");
    CHECK(seen.serial.size() >= 16);
    CHECK(seen.serial.find_first_not_of("0123456789ABCDEF") == std::string::npos);
    CHECK(seen.digest == 32);
    CHECK(seen.client);
    seen.answer = false;
    auto const end = meet(client, server);
    CHECK(end.server == "tls: the gate refuses 'client.test'");
    CHECK(end.client != "");
    CHECK(end.server_sees == "");
    // Who is bad anyway is not shown to the gate.
    seen.asked.clear();
    raw_tls bad{folder, {.certificate = "expired"}};
    (void)meet(bad, server);
    CHECK(seen.asked == "");
}

// ---- what it is made of ----

TEST_CASE("PEM and DER, from files and from memory, are the same") {
    files const f{"server"};
    auto        client = good_client();
    std::string pem_roots = bytes_of("ca.pem"), pem = bytes_of("server.pem"),
                pem_key = bytes_of("server.key");
    std::string der = bytes_of("server.der"), der_key = bytes_of("server-key.der");
    std::string der_file = file("server.der"), der_key_file = file("server-key.der"),
                locked = file("locked.key"), locked_der = file("locked.der");
    REQUIRE(der.size() > 100);
    auto const talks = [&](certificate_chain chain, private_key key) {
        auto settings = f.server();
        settings.certificate = chain;
        settings.key = key;
        settings.peers = verify_peer::full(trust_roots::memory(pem_roots));
        auto server = openssl_tls{settings};
        return meet(client, server).client;
    };
    CHECK(talks(certificate_chain::memory(pem), private_key::memory(pem_key)) == "");
    CHECK(talks(certificate_chain::memory(der), private_key::memory(der_key)) == "");
    CHECK(talks(certificate_chain::memory(std::as_bytes(std::span{der})),
                private_key::memory(std::as_bytes(std::span{der_key}))) == "");
    CHECK(talks(certificate_chain::file(der_file), private_key::file(der_key_file)) == "");
    CHECK(talks(certificate_chain::file(der_file), private_key::file(locked, "open sesame")) == "");
    CHECK(talks(certificate_chain::file(der_file), private_key::file(locked_der, "open sesame")) ==
          "");
}

/// A certificate of an RSA key of 1024 bits, by itself, and the key.
std::pair<std::string, std::string> files_of_a_weak_key() {
    auto const text = [](auto const& write) {
        detail::openssl_ptr<BIO> const b{BIO_new(BIO_s_mem())};
        write(b.get());
        char*      data = nullptr;
        auto const size = BIO_get_mem_data(b.get(), &data);
        return std::string{data, static_cast<std::size_t>(size)};
    };
    detail::openssl_ptr<EVP_PKEY> const key{EVP_RSA_gen(1024)};
    detail::openssl_ptr<X509> const     x{X509_new()};
    X509_gmtime_adj(X509_getm_notBefore(x.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x.get()), 3600);
    X509_set_pubkey(x.get(), key.get());
    X509_sign(x.get(), key.get(), EVP_sha256());
    return {text([&](BIO* b) { PEM_write_bio_X509(b, x.get()); }), text([&](BIO* b) {
                PEM_write_bio_PrivateKey(b, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
            })};
}

TEST_CASE("credentials that cannot work are refused with the file and the reason") {
    std::string const roots = file("ca.pem"), chain = file("server.pem"), key = file("server.key");
    files const       f{"server"};
    std::string const none = file("none.pem"), log = file("certs.log"), locked = file("locked.key");
    std::string const other = file("client.key"), expired = file("expired.pem"),
                      future = file("future.pem");
    std::string const expired_key = file("expired.key"), future_key = file("future.key"),
                      between = file("between.pem");
    auto const with_chain = [&](certificate_chain c, private_key k) {
        auto settings = f.server();
        settings.certificate = c;
        settings.key = k;
        return refusal(settings);
    };
    auto const with_roots = [&](trust_roots r) {
        auto settings = f.server();
        settings.peers = verify_peer::full(r);
        return refusal(settings);
    };
    auto const good = certificate_chain::file(chain);

    CHECK(with_chain(certificate_chain::file(none), private_key::file(key)) ==
          "tls: certificate '" + none + "': there is no such file");
    CHECK(with_chain(certificate_chain::file(""), private_key::file(key)) ==
          "tls: certificate '': the path is empty");
    CHECK(with_chain(certificate_chain::file(folder), private_key::file(key)) ==
          "tls: certificate '" + folder + "': it is a directory");
    CHECK(with_chain(certificate_chain::file(log), private_key::file(key)) ==
          "tls: certificate '" + log + "': there is no certificate in it");
    CHECK(with_chain(certificate_chain::memory("rubbish"), private_key::file(key)) ==
          "tls: certificate: there is no certificate in it");
    CHECK(with_chain(certificate_chain::memory(""), private_key::file(key)) ==
          "tls: certificate: the bytes are empty");
    CHECK_THAT(with_chain(certificate_chain::file(expired), private_key::file(expired_key)),
               contains("tls: certificate '" + expired + "': it has expired on 20"));
    CHECK_THAT(with_chain(certificate_chain::file(future), private_key::file(future_key)),
               contains("tls: certificate '" + future + "': it is not valid before 20"));
    CHECK_THAT(with_chain(certificate_chain::file(between), private_key::file(key)),
               contains("the first one is an authority's"));
    CHECK(with_chain(good, private_key::file(other)) ==
          "tls: key '" + other + "': it does not belong to the certificate '" + chain + "'");
    CHECK(with_chain(good, private_key::file(none)) ==
          "tls: key '" + none + "': there is no such file");
    CHECK(with_chain(good, private_key::file(chain)) ==
          "tls: key '" + chain + "': there is no private key in it, or a broken one");
    CHECK(with_chain(good, private_key::memory("rubbish")) ==
          "tls: key: there is no private key in it, or a broken one");
    CHECK(with_chain(good, private_key::file(locked)) ==
          "tls: key '" + locked + "': it is encrypted, and the passphrase is not given");
    CHECK_THAT(with_chain(good, private_key::file(locked, "open barley")),
               contains("it cannot be decrypted"));
    CHECK(with_chain(good, private_key::file(key, "open sesame")) ==
          "tls: key '" + key + "': it is not encrypted, but a passphrase is given");
    CHECK(with_chain(good, private_key::none()) ==
          "tls: key: none is given, though there is a certificate");
    CHECK(with_chain(certificate_chain::none(), private_key::file(key)) ==
          "tls: certificate: none is given, though there is a key");
    CHECK(with_chain(certificate_chain::none(), private_key::none()) ==
          "tls: certificate: a server needs one, and its key");

    CHECK(with_roots(trust_roots::file(none)) ==
          "tls: trust roots '" + none + "': there is no such file");
    CHECK(with_roots(trust_roots::memory("")) == "tls: trust roots: the bytes are empty");
    CHECK(with_roots(trust_roots::file(key)) ==
          "tls: trust roots '" + key + "': there is no certificate in it");
    CHECK_THAT(with_roots(trust_roots::file(chain)),
               contains("one of them is no authority's certificate"));
    std::string broken = bytes_of("ca.pem") + bytes_of("ca.pem");
    broken.erase(broken.size() - 200, 100);
    CHECK_THAT(with_roots(trust_roots::memory(broken)), contains("a certificate in it is broken"));
    CHECK(with_roots(trust_roots::of_the_system()) == "");
    std::string const only = bytes_of("server.pem").substr(0, 300);
    CHECK_THAT(with_chain(certificate_chain::memory(only), private_key::file(key)),
               contains("tls: certificate: a certificate in it is broken"));
    CHECK(with_chain(good, private_key::file(file("locked.der"))) ==
          "tls: key '" + file("locked.der") +
              "': it is encrypted, and the passphrase is not given");
    auto const weak = files_of_a_weak_key();
    CHECK(with_chain(certificate_chain::memory(weak.first), private_key::memory(weak.second)) ==
          "tls: certificate: it is too weak: 112 bits of strength are the least");
    std::string const below = chain + "/x";
    CHECK(with_chain(certificate_chain::file(below), private_key::file(key)) ==
          "tls: certificate '" + below + "': there is no such file");

    // Where there are exceptions, the same words are thrown.
    auto settings = f.server();
    settings.key = private_key::file(none);
    CHECK_THROWS_WITH(openssl_tls{settings}, "tls: key '" + none + "': there is no such file");
}

TEST_CASE("a path that is a pipe does not hold who reads it, and a long one hides no reason") {
    std::string const pipe = file("pipe");
    ::unlink(pipe.c_str());
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    auto settings = files{"server"}.server();
    settings.key = private_key::file(pipe);
    CHECK(refusal(settings) == "tls: key '" + pipe + "': it is empty, or no file");
    ::unlink(pipe.c_str());

    std::string const path = folder + "/" + std::string(3000, 'x') + "/here.key";
    settings.key = private_key::file(path);
    CHECK(refusal(settings) ==
          "tls: key '..." + path.substr(path.size() - 120) + "': it cannot be opened");
}

TEST_CASE("no error has a byte of a key in it") {
    std::string key = bytes_of("server.key");
    files const f{"server"};
    auto        settings = f.server();
    for (std::size_t at = 0; at < key.size(); at += 7) {
        std::string bad = key;
        bad[at] = bad[at] == 'x' ? 'y' : 'x';
        settings.key = private_key::memory(bad);
        std::string const words = refusal(settings);
        for (std::size_t i = 30; i + 8 < key.size(); i += 5) {
            REQUIRE(words.find(key.substr(i, 8)) == std::string::npos);
        }
    }
}

TEST_CASE("test certificates are refused, whoever has them, unless a test says otherwise") {
    files const f{"server"};
    auto        settings = f.server();
    settings.test = {};
    CHECK(refusal(settings) ==
          "tls: trust roots '" + f.roots +
              "': this is a test certificate, and those are refused outside tests");
    settings.peers = verify_peer::full(trust_roots::of_the_system());
    CHECK(refusal(settings) ==
          "tls: certificate '" + f.chain +
              "': this is a test certificate, and those are refused outside tests");
    static_assert(!std::is_constructible_v<test_certificates, bool>);
}

// An authority and a certificate of it, as a company's would be: without the mark.
struct own_authority {
    detail::openssl_ptr<EVP_PKEY> key{EVP_EC_gen("P-256")};
    detail::openssl_ptr<X509>     root = make("authority", nullptr, true);
    std::string                   root_pem = pem(root.get());

    detail::openssl_ptr<X509> make(char const* name, EVP_PKEY* subject, bool is_authority,
                                   bool        mark = false,
                                   char const* names = "DNS:localhost,URI:spiffe://bank/teller") {
        detail::openssl_ptr<X509> made{X509_new()};
        X509* const               x = made.get();
        X509_set_version(x, 2);
        ASN1_INTEGER_set(X509_get_serialNumber(x), 4711);
        X509_gmtime_adj(X509_getm_notBefore(x), -3600);
        X509_gmtime_adj(X509_getm_notAfter(x), is_authority ? 86400 : 3 * 86400);
        X509_NAME* const n = X509_get_subject_name(x);
        X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_ASC,
                                   reinterpret_cast<unsigned char const*>(name), -1, -1, 0);
        X509_set_issuer_name(x, root == nullptr ? n : X509_get_subject_name(root.get()));
        X509_set_pubkey(x, subject == nullptr ? key.get() : subject);
        X509V3_CTX context;
        X509V3_set_ctx_nodb(&context);
        X509V3_set_ctx(&context, x, x, nullptr, nullptr, 0);
        auto const add = [&](int what, char const* value) {
            X509_EXTENSION* const e = X509V3_EXT_conf_nid(nullptr, &context, what, value);
            X509_add_ext(x, e, -1);
            X509_EXTENSION_free(e);
        };
        add(NID_basic_constraints, is_authority ? "critical,CA:TRUE" : "CA:FALSE");
        if (!is_authority && *names != 0) add(NID_subject_alt_name, names);
        if (mark) {
            detail::openssl_ptr<ASN1_OBJECT> const o{OBJ_txt2obj(detail::test_mark, 1)};
            ASN1_OCTET_STRING* const               data = ASN1_OCTET_STRING_new();
            ASN1_OCTET_STRING_set(data, reinterpret_cast<unsigned char const*>("\x05\x00"), 2);
            X509_EXTENSION* const e = X509_EXTENSION_create_by_OBJ(nullptr, o.get(), 0, data);
            X509_add_ext(x, e, -1);
            X509_EXTENSION_free(e);
            ASN1_OCTET_STRING_free(data);
        }
        X509_sign(x, key.get(), EVP_sha256());
        return made;
    }
    static std::string pem(X509* x) {
        detail::openssl_ptr<BIO> const b{BIO_new(BIO_s_mem())};
        PEM_write_bio_X509(b.get(), x);
        return text(b.get());
    }
    static std::string pem(EVP_PKEY* k) {
        detail::openssl_ptr<BIO> const b{BIO_new(BIO_s_mem())};
        PEM_write_bio_PrivateKey(b.get(), k, nullptr, nullptr, 0, nullptr, nullptr);
        return text(b.get());
    }
    static std::string text(BIO* b) {
        char*      data = nullptr;
        auto const size = BIO_get_mem_data(b, &data);
        return {data, static_cast<std::size_t>(size)};
    }
};

TEST_CASE("certificates without the mark need no permission, and one with it stays out") {
    own_authority                       ours;
    detail::openssl_ptr<EVP_PKEY> const key{EVP_EC_gen("P-256")};
    auto const                          leaf = ours.make("teller", key.get(), false);
    std::string const                   pem = ours.pem(leaf.get()), key_pem = ours.pem(key.get());
    auto const our_peers = verify_peer::full(trust_roots::memory(ours.root_pem));
    auto       server = openssl_tls{tls_server_settings{
              .peers = our_peers,
              .certificate = certificate_chain::memory(pem),
              .key = private_key::memory(key_pem),
              .clients = client_certificate::required,
    }};
    auto const end = meet(server, server);
    CHECK(end.client == "");
    CHECK(end.client_sees == "spiffe://bank/teller");

    // The same authority has also signed for a test.
    auto const        marked = ours.make("teller", key.get(), false, true);
    std::string const marked_pem = ours.pem(marked.get());
    auto              careless = openssl_tls{tls_server_settings{
                     .peers = verify_peer::full(trust_roots::memory(ours.root_pem)),
                     .certificate = certificate_chain::memory(marked_pem),
                     .key = private_key::memory(key_pem),
                     .clients = client_certificate::not_asked,
                     .test = accept_test_certificates{},
    }};
    CHECK(meet(server, careless).client ==
          "tls: the peer has a test certificate, and those are refused outside tests");

    // Three days are left of it.
    auto const left = server.seconds_to_expiry();
    CHECK(left > 2 * 86400);
    CHECK(left <= 3 * 86400);
    CHECK(server.expires_within());
    CHECK_FALSE(server.expires_within(std::chrono::hours{48}));
    CHECK(server.seconds_to_expiry(server.expires_at() + 5) == -5);
}

TEST_CASE(
    "a host is an alternative name, with at most one whole label left open, and no common name") {
    own_authority                       ours;
    detail::openssl_ptr<EVP_PKEY> const key{EVP_EC_gen("P-256")};
    std::string const                   key_pem = ours.pem(key.get());
    auto const                          refuses = [&](char const* names, char const* host) {
        auto const          leaf = ours.make("bank.test", key.get(), false, false, names);
        std::string const   pem = ours.pem(leaf.get());
        tls_server_settings settings{
                                     .peers = verify_peer::full(trust_roots::memory(ours.root_pem)),
                                     .certificate = certificate_chain::memory(pem),
                                     .key = private_key::memory(key_pem),
                                     .clients = client_certificate::not_asked,
        };
        openssl_tls both{settings};
        return meet(both, both, host).client;
    };
    auto const not_for = [](std::string const& host) {
        return "tls: the certificate of the peer is not for '" + host + "'";
    };
    CHECK(refuses("DNS:bank.test", "bank.test") == "");
    CHECK(refuses("DNS:BANK.test", "Bank.Test") == "");
    CHECK(refuses("DNS:*.bank.test", "a.bank.test") == "");
    CHECK(refuses("DNS:*.bank.test", "bank.test") == not_for("bank.test"));
    CHECK(refuses("DNS:*.bank.test", "a.b.bank.test") == not_for("a.b.bank.test"));
    CHECK(refuses("DNS:a*.bank.test", "ab.bank.test") == not_for("ab.bank.test"));
    CHECK(refuses("DNS:*", "bank") == not_for("bank"));
    CHECK(refuses("DNS:*.test", "bank.test") == not_for("bank.test"));
    CHECK(refuses("DNS:127.0.0.1", "127.0.0.1") == not_for("127.0.0.1"));
    CHECK(refuses("IP:127.0.0.1", "127.0.0.1") == "");
    CHECK(refuses("", "bank.test") == not_for("bank.test"));
    CHECK(refuses("URI:spiffe://bank/teller", "bank.test") == not_for("bank.test"));
}

TEST_CASE("an authority that another one has signed is a root where it is given as one") {
    files const       f{"chain"};
    std::string const between = bytes_of("between.pem");
    auto              settings = files{"client"}.client();
    settings.peers = verify_peer::full(trust_roots::memory(between));
    auto client = openssl_tls{settings};
    auto below = openssl_tls{f.server()};
    CHECK(meet(client, below).client == "");
    // The other way round it says nothing for those above it, or beside it.
    auto beside = good_server();
    CHECK(meet(client, beside).client ==
          "tls: the certificate of the peer does not come from a trust root");
}

TEST_CASE("who has no certificate never expires, and a fresh one is no reason to wake anybody") {
    auto client =
        openssl_tls{tls_client_settings{.peers = verify_peer::nothing(insecure_accept_anybody{})}};
    CHECK(client.expires_at() == INT64_MAX);
    CHECK_FALSE(client.expires_within());
    auto fresh = good_server();
    CHECK_FALSE(fresh.expires_within());
    CHECK(fresh.seconds_to_expiry() > 29 * 86400);
    CHECK(fresh.seconds_to_expiry() <= 30 * 86400);
    // A client's provider serves nobody.
    auto const none = client.server();
    REQUIRE_FALSE(none);
    CHECK_THAT(std::string{none.error().detail}, contains("made for a client alone"));
}

// Every setting is used or refused: what each one does is seen by changing that one alone.
TEST_CASE("every setting of a server is used or refused") {
    files const       f{"server"};
    std::string const other_roots = file("other-ca.pem"), chain = file("chain.pem"),
                      chain_key = file("chain.key");
    struct setting {
        char const* name;
        void (*change)(tls_server_settings&, std::string const* paths);
    };
    std::string const paths[] = {other_roots, chain, chain_key};
    setting const     table[] = {
        {"peers", [](auto& s, auto* p) { s.peers = verify_peer::full(trust_roots::file(p[0])); }},
        {"certificate", [](auto& s, auto* p) { s.certificate = certificate_chain::file(p[1]); }},
        {"key", [](auto& s, auto* p) { s.key = private_key::file(p[2]); }},
        {"clients", [](auto& s, auto*) { s.clients = client_certificate::not_asked; }},
        {"protocols", [](auto& s, auto*) { s.protocols = "other/1"; }},
        {"oldest", [](auto& s, auto*) { s.oldest = tls_version::v1_3; }},
        {"gate", [](auto& s,
                    auto*) { s.gate.may = [](void*, tls_peer const&) noexcept { return false; }; }},
        {"test", [](auto& s, auto*) { s.test = {}; }},
    };
    // A member more here means a row more there.
    auto [a, b, c, d, e, g, h, i] = f.server();
    (void)a, (void)b, (void)c, (void)d, (void)e, (void)g, (void)h, (void)i;
    CHECK(std::size(table) == 8);

    auto const effect = [](tls_server_settings const& s) {
        auto made = openssl_tls::make(s);
        if (!made) return std::string{made.error().text()};
        raw_tls    client{folder, {.certificate = "client"}};
        raw_tls    old_client{folder, {.certificate = "client", .newest = TLS1_2_VERSION}};
        auto const one = meet(client, *made);
        return one.server + "|" + one.server_sees + "|" + meet(old_client, *made).server;
    };
    std::string const before = effect(f.server());
    CHECK(before == "|client.test|");
    for (auto const& row : table) {
        INFO(row.name);
        auto changed = f.server();
        row.change(changed, paths);
        CHECK(effect(changed) != before);
    }
    auto const said = [&](auto change) {
        auto s = f.server();
        change(s);
        return refusal(s);
    };
    CHECK(said([](auto& s) { s.protocols = "a,,b"; }) ==
          "tls: protocols: 'a,,b' has an empty name in it, or one with a blank");
    CHECK(said([](auto& s) { s.protocols = "a,"; }) ==
          "tls: protocols: 'a,' has an empty name in it, or one with a blank");
    CHECK(said([](auto& s) { s.protocols = "a b"; }) ==
          "tls: protocols: 'a b' has an empty name in it, or one with a blank");
    std::string const long_list(300, 'a');
    CHECK(said([&](auto& s) { s.protocols = long_list; }) ==
          "tls: protocols: the list is longer than 254 bytes");
    CHECK(said([](auto& s) { s.oldest = static_cast<tls_version>(7); }) ==
          "tls: oldest: no version that exists");
    CHECK(said([](auto& s) { s.gate.whom = &s; }) ==
          "tls: gate: there is a `whom`, and no `may` to ask it");
    CHECK(said([](auto& s) { s.peers = verify_peer::nothing(insecure_accept_anybody{}); }) ==
          "tls: clients: a certificate is asked for, but peers says that nothing is checked");
}

TEST_CASE("a name with a zero, a blank or a letter beyond ASCII in it is no name") {
    own_authority ours;
    for (char const* bad : {"two words", "line\nbreak", "caf\xc3\xa9"}) {
        detail::openssl_ptr<X509> x{X509_new()};
        X509_NAME_add_entry_by_txt(X509_get_subject_name(x.get()), "CN", MBSTRING_UTF8,
                                   reinterpret_cast<unsigned char const*>(bad), -1, -1, 0);
        CHECK(detail::name_of(x.get()).view() == "");
    }
    detail::openssl_ptr<X509> x{X509_new()};
    unsigned char const       zero[] = {'a', 0, 'b'};
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x.get()), "CN", MBSTRING_UTF8, zero, 3, -1, 0);
    CHECK(detail::name_of(x.get()).view() == "");
}

// ---- bytes ----

TEST_CASE("a mebibyte goes both ways, with both versions") {
    auto                                       client = good_client();
    auto                                       server = good_server();
    std::string const                          text = detail::numbers_as_text(1 << 20);
    auto                                       here = client.client("localhost");
    auto                                       there = server.server();
    detail::tls_pair<openssl_tls, openssl_tls> p{std::move(*here), std::move(*there), 5000};
    REQUIRE(p.shake());
    CHECK(p.client.version() == "TLSv1.3");
    CHECK(p.carry(p.client, p.server, text, 70000) == text);
    CHECK(p.carry(p.server, p.client, text, 70000) == text);

    raw_tls old_client{folder, {.certificate = "client", .newest = TLS1_2_VERSION}};
    auto    old = old_client.client("localhost");
    auto    new_server = server.server();
    detail::tls_pair<raw_tls, openssl_tls> q{std::move(*old), std::move(*new_server), 5000};
    REQUIRE(q.shake());
    CHECK(q.server.version() == "TLSv1.2");
    CHECK(q.carry(q.client, q.server, text, 16000) == text);
    CHECK(q.carry(q.server, q.client, text, 70000) == text);
}

TEST_CASE("sessions outlive the calls that made them, and end in any order") {
    auto server = good_server();
    auto client = good_client();
    {
        auto here = client.client("localhost");
        auto there = server.server();
        (void)here->handshake();
    }
    auto moved = std::move(server);
    CHECK(meet(client, moved).client == "");
}

}  // namespace
