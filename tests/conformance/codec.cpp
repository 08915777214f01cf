// SPDX-License-Identifier: BSL-1.0
#include "troupe/testing/conformance/codec.hpp"

#include "support/catch.hpp"

#include "troupe/message/binary_codec.hpp"
#include "troupe/testing/archetype/codec.hpp"

namespace test_conformance_codec {

using troupe::binary_codec;
using troupe::byte_reader;
using troupe::byte_writer;
using troupe::check_codec;
using troupe::codec_archetype;
using troupe::codec_error;
using troupe::conformance_report;
using troupe::result;

struct own {
    std::vector<std::optional<std::string>> words{};
    bool                                    operator==(own const&) const = default;
};

void keeps(conformance_report const& report) {
    INFO(report.text());
    CHECK(report);
}

TEST_CASE("binary_codec is a codec") {
    keeps(check_codec(binary_codec{}, own{{"a", std::nullopt, ""}}));
}
TEST_CASE("a binary codec with other limits is a codec") {
    keeps(check_codec(troupe::basic_binary_codec<troupe::codec_limits{.depth_max = 5}>{}));
}
TEST_CASE("codec_archetype is a codec") { keeps(check_codec(codec_archetype{})); }

// ---- what is none, and the rule that says so

enum class fault { forgets, takes_all, writes_short, fills_up, lies_about_where, counts };

/// The binary codec with a fault.
template <fault Fault>
struct faulty {
    static constexpr std::string_view name = "faulty";

    template <class Value>
    void encode(Value const& value, byte_writer& to) const noexcept {
        if constexpr (Fault == fault::writes_short) {
            std::vector<std::byte> place(4096);
            byte_writer            whole{place};
            binary_codec{}.encode(value, whole);
            auto const written = whole.written();
            to.put(written.data(), written.size() < 2 ? written.size() : written.size() - 1);
        } else if constexpr (Fault == fault::counts) {
            to.put(static_cast<std::byte>(made));
            binary_codec{}.encode(value, to);
        } else {
            binary_codec{}.encode(value, to);
        }
    }
    template <class Value>
    result<Value, codec_error> decode(byte_reader& from) const noexcept {
        if constexpr (Fault == fault::counts) from.view(1);
        auto read = binary_codec{}.template decode<Value>(from);
        if constexpr (Fault == fault::takes_all) from.view(from.left());
        if constexpr (Fault == fault::forgets) {
            if (read) return Value{};
        }
        if constexpr (Fault == fault::fills_up) {
            if (!read) return Value{};
        }
        if constexpr (Fault == fault::lies_about_where) {
            if (!read) {
                codec_error error = read.error();
                error.at = 1u << 20;
                return error;
            }
        }
        return read;
    }

    static inline int made_in_all = 0;
    int               made = made_in_all++;
};

TEST_CASE("the suite names the rule that a faulty codec breaks") {
    CHECK(check_codec(faulty<fault::forgets>{}).broken(1));
    CHECK(check_codec(faulty<fault::takes_all>{}).broken(2));
    CHECK(check_codec(faulty<fault::writes_short>{}).broken(1));
    CHECK(check_codec(faulty<fault::fills_up>{}).broken(4));
    CHECK(check_codec(faulty<fault::lies_about_where>{}).broken(5));
    CHECK(check_codec(faulty<fault::counts>{}).broken(7));
}

struct nameless : codec_archetype {
    static constexpr std::string_view name = "two words";
};

TEST_CASE("a name that cannot be written into one word is refused") {
    auto const report = check_codec(nameless{});
    CHECK(report.broken(8));
    CHECK(report.failed() == 1);
    CHECK(report.text().find("rule 8") != std::string::npos);
}

}  // namespace test_conformance_codec
