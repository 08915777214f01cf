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
struct kept : insecure_plaintext::session {
    kept() = default;
    explicit kept(insecure_plaintext::session s) noexcept
        : insecure_plaintext::session(std::move(s)) {}
};
using taken = result<std::size_t, transport_error>;
bool is_insecure(taken const& got) {
    return !got && got.error().code == transport_errc::not_secure;
}

struct open_by_default : kept {
    using kept::kept;
    taken write(std::span<std::byte const> plain) noexcept {
        auto const got = kept::write(plain);
        return got ? *got : taken{std::size_t{0}};
    }
};
struct never_agrees : kept {
    using kept::kept;
    result<bool, transport_error> handshake() noexcept {
        auto const got = kept::handshake();
        return got ? result<bool, transport_error>{false} : got;
    }
};
struct changes_bytes : kept {
    using kept::kept;
    taken read(std::span<std::byte> place) noexcept {
        auto const got = kept::read(place);
        if (got && *got != 0) place[0] ^= std::byte{1};
        return got;
    }
};
struct writes_early : kept {
    using kept::kept;
    taken write(std::span<std::byte const> plain) noexcept {
        auto const got = kept::write(plain);
        return got && *got == 0 ? taken{std::size_t{1}} : got;
    }
};
struct holds_without_bound : kept {
    using kept::kept;
    taken write(std::span<std::byte const> plain) noexcept {
        auto const got = kept::write(plain);
        return got ? taken{plain.size()} : got;
    }
};
struct nothing_is_an_error : kept {
    using kept::kept;
    taken read(std::span<std::byte> place) noexcept {
        auto const got = kept::read(place);
        return got && *got == 0 ? taken{transport_error{transport_errc::reset}} : got;
    }
};
struct forgets_the_end : kept {
    using kept::kept;
    void finish() noexcept {}
};
struct waits_for_a_stranger : kept {
    using kept::kept;
    result<bool, transport_error> handshake() noexcept {
        auto const got = kept::handshake();
        return got ? *got : result<bool, transport_error>{false};
    }
    taken feed(std::span<std::byte const> wire) noexcept {
        auto const got = kept::feed(wire);
        return got ? *got : taken{wire.size()};
    }
};
struct reads_what_was_changed : kept {
    using kept::kept;
    taken read(std::span<std::byte> place) noexcept {
        auto const got = kept::read(place);
        return is_insecure(got) ? taken{std::size_t{1}} : got;
    }
};
struct forgets_its_error : kept {
    using kept::kept;
    taken read(std::span<std::byte> place) noexcept {
        auto const got = kept::read(place);
        return is_insecure(got) ? taken{std::size_t{0}} : got;
    }
};
struct loses_bytes_when_moved : kept {
    using kept::kept;
    loses_bytes_when_moved() = default;
    loses_bytes_when_moved(loses_bytes_when_moved&& other) noexcept : kept(std::move(other)) {
        std::byte place[4000];
        (void)drain(place);
    }
    loses_bytes_when_moved& operator=(loses_bytes_when_moved&&) noexcept = default;
};
struct changes_its_name : kept {
    using kept::kept;
    std::string_view peer_name() const noexcept { return asked_++ < 1 ? "" : "somebody"; }
    mutable int      asked_ = 0;
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
    CHECK(looked_at<open_by_default>().broken(1));
    CHECK(looked_at<never_agrees>().broken(2));
    CHECK(looked_at<changes_bytes>().broken(3));
    CHECK(looked_at<writes_early>().broken(4));
    CHECK(looked_at<holds_without_bound>().broken(5));
    CHECK(looked_at<nothing_is_an_error>().broken(6));
    CHECK(looked_at<forgets_the_end>().broken(7));
    CHECK(looked_at<waits_for_a_stranger>().broken(8));
    CHECK(looked_at<reads_what_was_changed>().broken(9));
    CHECK(looked_at<forgets_its_error>().broken(10));
    CHECK(looked_at<loses_bytes_when_moved>().broken(11));
    CHECK(looked_at<changes_its_name>().broken(12));
}

}  // namespace conformance_of_tls_providers
