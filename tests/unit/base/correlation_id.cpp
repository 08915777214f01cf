// SPDX-License-Identifier: BSL-1.0
#include "troupe/base/correlation_id.hpp"

#include <string>
#include <string_view>

#include "support/catch.hpp"

namespace test_correlation_id {

using troupe::correlation_id;

constexpr correlation_id known{0x0123456789abcdef, 0xfedcba9876543210};
constexpr auto           digits = "0123456789abcdeffedcba9876543210";

static_assert(known.text().view() == digits);
static_assert(correlation_id::parse(digits) == known);
static_assert(!correlation_id{});

TEST_CASE("an identifier is read as it is written, and as a UUID has it") {
    CHECK(correlation_id::parse("0123456789ABCDEFfedcba9876543210") == known);
    CHECK(correlation_id::parse("01234567-89ab-cdef-fedc-ba9876543210") == known);
    CHECK(correlation_id{0, 1}.text().view() == "00000000000000000000000000000001");
    CHECK(correlation_id::parse(std::string(31, '0') + "1") == correlation_id{0, 1});
    CHECK(correlation_id{1, 0} > correlation_id{0, 1});
}

TEST_CASE("what is no identifier is none") {
    for (std::string_view const text :
         {"", "0", "0123456789abcdeffedcba987654321", "0123456789abcdeffedcba98765432100",
          "0123456789abcdeffedcba987654321g", "01234567_89ab_cdef_fedc_ba9876543210",
          "0123456-789ab-cdef-fedc-ba9876543210", "012345678-9ab-cdef-fedc-ba98765432100",
          "01234567-89ab-cdef-fedc-ba987654321-", " 123456789abcdeffedcba9876543210",
          "00000000000000000000000000000000"}) {
        CAPTURE(text);
        CHECK_FALSE(correlation_id::parse(text));
    }
}

}  // namespace test_correlation_id
