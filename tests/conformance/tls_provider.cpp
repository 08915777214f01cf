// SPDX-License-Identifier: BSL-1.0

#include "troupe/testing/conformance/tls_provider.hpp"

#include "support/catch.hpp"
#include "troupe/testing/archetype/tls_provider.hpp"
#include "troupe/testing/insecure_plaintext.hpp"

namespace conformance_of_tls_providers {

using namespace troupe;

constexpr tls_provider_suite_options no_secrets{.keeps_secrets = false};

TEST_CASE("the provider without secrets keeps the rules of TLS providers") {
    insecure_plaintext both;
    auto const         report = check_tls_provider(both, both, no_secrets);
    INFO(report.text());
    CHECK(report);
    CHECK(report.failed() == 0);
}

TEST_CASE("the archetype of a TLS provider keeps the rules") {
    tls_provider_archetype both;
    auto const             report = check_tls_provider(both, both, no_secrets);
    INFO(report.text());
    CHECK(report);
}

TEST_CASE("the suite of TLS providers finds out who keeps no secret") {
    insecure_plaintext both;
    CHECK(check_tls_provider(both, both).broken(13));
}

// Each one breaks one rule.
struct changes_bytes : insecure_plaintext::session {
    changes_bytes() = default;
    explicit changes_bytes(insecure_plaintext::session s) noexcept : insecure_plaintext::session(std::move(s)) {}
    result<std::size_t, transport_error> read(std::span<std::byte> place) noexcept {
        auto const got = insecure_plaintext::session::read(place);
        if (got && *got != 0) place[0] ^= std::byte{1};
        return got;
    }
};
struct holds_without_bound : insecure_plaintext::session {
    holds_without_bound() = default;
    explicit holds_without_bound(insecure_plaintext::session s) noexcept : insecure_plaintext::session(std::move(s)) {}
    result<std::size_t, transport_error> write(std::span<std::byte const> plain) noexcept {
        auto const got = insecure_plaintext::session::write(plain);
        return got ? result<std::size_t, transport_error>{plain.size()} : got;
    }
};
struct forgets_the_end : insecure_plaintext::session {
    forgets_the_end() = default;
    explicit forgets_the_end(insecure_plaintext::session s) noexcept : insecure_plaintext::session(std::move(s)) {}
    void finish() noexcept {}
};
struct forgets_its_error : insecure_plaintext::session {
    forgets_its_error() = default;
    explicit forgets_its_error(insecure_plaintext::session s) noexcept : insecure_plaintext::session(std::move(s)) {}
    result<std::size_t, transport_error> read(std::span<std::byte> place) noexcept {
        auto const got = insecure_plaintext::session::read(place);
        if (!got && got.error().code == transport_errc::not_secure) return std::size_t{0};
        return got;
    }
};
struct waits_for_a_stranger : insecure_plaintext::session {
    waits_for_a_stranger() = default;
    explicit waits_for_a_stranger(insecure_plaintext::session s) noexcept : insecure_plaintext::session(std::move(s)) {}
    result<bool, transport_error> handshake() noexcept {
        auto const got = insecure_plaintext::session::handshake();
        return got ? *got : result<bool, transport_error>{false};
    }
    result<std::size_t, transport_error> feed(std::span<std::byte const> wire) noexcept {
        auto const got = insecure_plaintext::session::feed(wire);
        return got ? *got : result<std::size_t, transport_error>{wire.size()};
    }
};

template <class Session>
struct with {
    using session = Session;
    result<session, transport_error> client(std::string_view host) noexcept {
        auto made = insecure_plaintext{}.client(host);
        return session{std::move(*made)};
    }
    result<session, transport_error> server() noexcept {
        auto made = insecure_plaintext{}.server();
        return session{std::move(*made)};
    }
};

template <class Session>
conformance_report looked_at() {
    with<Session> both;
    return check_tls_provider(both, both, no_secrets);
}

TEST_CASE("the suite of TLS providers finds out each broken rule") {
    CHECK(looked_at<changes_bytes>().broken(3));
    CHECK(looked_at<holds_without_bound>().broken(5));
    CHECK(looked_at<forgets_the_end>().broken(7));
    CHECK(looked_at<forgets_its_error>().broken(10));
    CHECK(looked_at<waits_for_a_stranger>().broken(8));
}

}  // namespace conformance_of_tls_providers
