// SPDX-License-Identifier: BSL-1.0
#include "troupe/port/log_field.hpp"

#include "support/catch.hpp"

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>

namespace test_log_field {

using troupe::log_field;
using troupe::log_fields;
using troupe::log_redaction;
using troupe::log_value;
using kind = troupe::log_value::kind;

enum class colour : std::uint8_t { red };
constexpr std::string_view to_string(colour) noexcept { return "red"; }

enum class mute { one };
struct opaque {};

struct named {
    operator std::string_view() const noexcept { return "a name"; }  // NOLINT
};

TEST_CASE("a value keeps what it is") {
    using namespace std::chrono_literals;
    CHECK(log_value{5}.is() == kind::integer);
    CHECK(log_value{-5}.integer() == -5);
    CHECK(log_value{std::numeric_limits<std::uint64_t>::max()}.natural() ==
          std::numeric_limits<std::uint64_t>::max());
    CHECK(log_value{std::uint8_t{5}}.is() == kind::natural);
    CHECK(log_value{2.5f}.real() == 2.5);
    CHECK(log_value{true}.is() == kind::boolean);
    CHECK(log_value{true}.boolean());
    CHECK(log_value{"words"}.text() == "words");
    CHECK(log_value{std::string{"words"}.c_str()}.is() == kind::text);
    CHECK(log_value{std::string_view{}}.text().empty());
    CHECK(log_value{static_cast<char const*>(nullptr)}.text().empty());
    CHECK(log_value{named{}}.text() == "a name");
    CHECK(log_value{3ms}.span() == 3ms);
    CHECK(log_value{2h}.span() == 2h);
    CHECK(log_value{colour::red}.text() == "red");
    CHECK(log_value{5}.text().empty());
    STATIC_REQUIRE_FALSE(troupe::detail::log_field_can_hold<mute>);
    STATIC_REQUIRE_FALSE(troupe::detail::log_field_can_hold<opaque>);
    STATIC_REQUIRE_FALSE(troupe::detail::log_field_can_hold<int*>);
}

TEST_CASE("of a secret nothing is kept but that it is there") {
    log_value const v{troupe::secret<std::string>{"hunter2"}};
    CHECK(v.is() == kind::secret);
    CHECK(v.text().empty());
    CHECK(v.natural() == 0);
}

std::string keys_of(log_fields const& all) {
    std::string keys;
    for (log_field const f : all) {
        keys += f.key;
        keys += f.value.is() == kind::secret ? "* " : " ";
    }
    return keys;
}

TEST_CASE("fields are seen in the order in which they were written") {
    log_field const two[] = {{"a", 1}, {"b", "x"}};
    log_fields      all{two, 2};
    CHECK(all.size() == 2);
    CHECK_FALSE(all.empty());
    CHECK(all[1].value.text() == "x");
    CHECK(keys_of(all) == "a b ");
    CHECK(log_fields{}.empty());
    CHECK(keys_of({}).empty());
    auto const as_argument = [](std::initializer_list<log_field> list) { return keys_of(list); };
    CHECK(as_argument({{"a", 1}, {"b", true}, {"c", std::string{"temporary"}}}) == "a b c ");
}

TEST_CASE("what one rule hides is hidden, whatever other rules say") {
    log_field const three[] = {{"a", 1}, {"b", "x"}, {"c", true}};
    log_fields      all{three, 3};
    log_redaction   first{[](std::string_view key) noexcept { return key == "a"; }};
    log_redaction   second{[](std::string_view key) noexcept { return key == "c"; }};
    all.hide_by(first);
    CHECK(keys_of(all) == "a* b c ");
    all.hide_by(second);
    CHECK(keys_of(all) == "a* b c* ");
    CHECK(all[0].value.integer() == 0);
}

}  // namespace test_log_field
