// SPDX-License-Identifier: BSL-1.0
#include "troupe/observe/log_formatters.hpp"

#include "support/catch.hpp"
#include "support/strict_json.hpp"

#include <array>
#include <clocale>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace test_log_formatters {

using namespace std::string_view_literals;
using troupe::log_event;
using troupe::log_field;
using troupe::log_level;
using troupe::log_record;
using troupe::wall_time;
using troupe_test::json_value;
using troupe_test::strict_json;

constexpr wall_time noon{1'796'040'000'123'456'789};  // 2026-11-30 12:00:00.123456789

template <class Formatter>
std::string line_of(log_record const& record, std::size_t size = 2047, wall_time at = {},
                    bool colours = false) {
    std::array<char, 4096> place;
    place.fill('#');
    troupe::log_line line{{place.data(), size}, colours};
    Formatter{}.format(record, at, line);
    CHECK(line.size() <= size);
    CHECK(place[size] == '#');
    return std::string{line.text()};
}
template <class Formatter = troupe::json_formatter<>>
json_value json_of(log_record const& record, std::size_t size = 2047, wall_time at = {}) {
    std::string const text = line_of<Formatter>(record, size, at);
    INFO(text);
    auto const parsed = strict_json::parse(text);
    REQUIRE(parsed);
    REQUIRE(parsed->is == json_value::kind::object);
    return *parsed;
}
std::string console_of(log_record const& record, std::size_t size = 1023) {
    return line_of<troupe::console_formatter>(record, size);
}

/// What people and programs may be given, and a line has to survive.
constexpr std::string_view hostile[] = {
    "a\nb\r\nc"sv,
    "quote \" and \\ backslash"sv,
    "\x1b[31mred\x1b[0m"sv,
    "\0\x01\x1f\x7f"sv,
    "\xff\xfe\xc0\x80 \xed\xa0\x80 \xf5"sv,    // no UTF-8: overlong, a surrogate, too large
    "caf\xc3"sv,                               // half a character
    "\xc2\x85\xc2\x9b"sv,                      // NEL and CSI
    "\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xae"sv,  // separators of lines and paragraphs, right to left
    "\"}{\"a\":1"sv,
    "key=value other=\"x\""sv,
    "\xf0\x9f\x8e\xad\xc3\xa9\xe2\x82\xac"sv,  // characters of four, two and three bytes
};

bool is_quiet(std::string_view text) {
    while (!text.empty()) {
        auto const c = troupe::detail::first_character(text);
        if (c.controls || !c.valid) return false;
        text.remove_prefix(c.bytes.size());
    }
    return true;
}

TEST_CASE("a line for people has what the record has") {
    CHECK(console_of({.level = log_level::error,
                      .id = log_event::actor_failed,
                      .event = "actor failed",
                      .actor = "account",
                      .path = "bank/alice",
                      .message = "deposit",
                      .detail = "no money"}) ==
          "troupe error: actor failed path=bank/alice actor=account message=deposit "
          "detail=\"no money\"");
    log_field const fields[] = {
        {"cents", 500}, {"to", "bob"}, {"ok", true}, {"rate", 0.1}, {"who", ""}};
    CHECK(console_of({.event = "transferred", .fields = {fields, 5}}) ==
          "info: transferred cents=500 to=bob ok=true rate=0.1 who=\"\"");
}

TEST_CASE("a line for people has durations in the unit that fits") {
    using namespace std::chrono_literals;
    log_field const fields[] = {
        {"a", 17ns}, {"b", 1500ns}, {"c", -2500us}, {"d", 12s}, {"e", troupe::duration{0}}};
    CHECK(console_of({.event = "x", .fields = {fields, 5}}) ==
          "info: x a=17ns b=1.5us c=-2.5ms d=12s e=0ns");
}

TEST_CASE("a line for people has colours and the time of day if they are wanted") {
    log_record const r{.level = log_level::warning, .event = "x"};
    CHECK(line_of<troupe::console_formatter>(r, 1023, noon) == "12:00:00.123 warning: x");
    CHECK(line_of<troupe::console_formatter>(r, 1023, {}, true) == "\x1b[33mwarning\x1b[0m: x");
    for (int level = 0; level < 5; ++level) {
        log_record const  of{.level = static_cast<log_level>(level), .event = "x"};
        std::string const text = line_of<troupe::console_formatter>(of, 1023, {}, true);
        CHECK(text.starts_with("\x1b["));
        CHECK(text.ends_with(std::string{to_string(of.level)} + "\x1b[0m: x"));
    }
}

TEST_CASE("in a line for people nothing controls the terminal, and no value looks like a field") {
    for (std::string_view const bytes : hostile) {
        log_field const   fields[] = {{bytes, bytes}};
        std::string const text = console_of({.event = bytes,
                                             .actor = bytes,
                                             .path = bytes,
                                             .message = bytes,
                                             .detail = bytes,
                                             .fields = {fields, 1}});
        INFO(text);
        CHECK(is_quiet(text));
    }
    CHECK(console_of({.event = "a\nb", .detail = "a\nb\r\x1b[31m\x7f"}) ==
          "info: a\\nb detail=\"a\\nb\\r\\x1b[31m\\x7f\"");
    CHECK(console_of({.event = "x", .detail = "no path=y \"\\"}) ==
          "info: x detail=\"no path=y \\\"\\\\\"");
    CHECK(console_of({.event = "x", .detail = "caf\xc3\xa9\xc2\x9b\xe2\x80\xa8\xff"}) ==
          "info: x detail=\"caf\xc3\xa9\\x9b\\u2028\\xff\"");
    // The mark of Arabic letters turns the direction, too.
    CHECK(console_of({.event = "a\xd8\x9c!"}) == "info: a\\u061c!");
    CHECK(line_of<troupe::json_formatter<>>({.event = "a\xd8\x9c!"}).find("a\\u061c!") !=
          std::string::npos);
}

TEST_CASE("a line for people that is too long is cut, and shows it") {
    CHECK(console_of({.event = "x", .detail = std::string(300, 'd')}) ==
          "info: x detail=" + std::string(253, 'd') + "...");
    // What is not shown changes nothing, and is not looked at.
    CHECK(console_of({.event = "x", .detail = std::string(300, 'd') + " \n="}) ==
          "info: x detail=" + std::string(253, 'd') + "...");
    for (std::size_t size = 40; size < 140; ++size) {
        log_field const   fields[] = {{"first", std::string_view{"\xe2\x82\xac\xe2\x82\xac\n\xff"}},
                                      {"second", 123456789}};
        std::string const text =
            console_of({.event = "0123456789", .path = "p/q", .fields = {fields, 2}}, size);
        INFO(size << ": " << text);
        CHECK(is_quiet(text));
        bool const whole = text.ends_with("second=123456789");
        CHECK(whole != text.ends_with("..."));
    }
}

TEST_CASE("a line of JSON has what the record has, under fixed names") {
    json_value const all = json_of({.level = log_level::error,
                                    .id = log_event::actor_failed,
                                    .event = "actor failed",
                                    .actor = "account",
                                    .path = "bank/alice",
                                    .message = "deposit",
                                    .detail = "no money",
                                    .time = {42},
                                    .worker = 3},
                                   2047, noon);
    CHECK(all["time"] == "2026-11-30T12:00:00.123456Z");
    CHECK(all["level"] == "error");
    CHECK(all["event"] == "actor failed");
    CHECK(all["actor"] == "account");
    CHECK(all["path"] == "bank/alice");
    CHECK(all["message"] == "deposit");
    CHECK(all["detail"] == "no money");
    CHECK(all["worker"] == "3");
    CHECK(all["clock_ns"] == "42");
    CHECK(all.members.size() == 9);
    json_value const least = json_of({.event = "x"});
    CHECK(least.members.size() == 3);  // level, event, clock_ns
}

TEST_CASE("fields of JSON are numbers where they are numbers") {
    log_field const fields[] = {
        {"i", std::numeric_limits<std::int64_t>::min()},
        {"n", std::numeric_limits<std::uint64_t>::max()},
        {"r", 0.1},
        {"tiny", 5e-324},
        {"huge", -1.5e300},
        {"nan", std::numeric_limits<double>::quiet_NaN()},
        {"inf", -std::numeric_limits<double>::infinity()},
        {"b", false},
        {"took", troupe::duration{1500}},
        {"s", troupe::secret<std::string>{"hunter2"}},
        {"cause", log_level::critical},
    };
    json_value const        all = json_of({.event = "x", .fields = {fields, 11}});
    json_value const* const inside = all.find("fields");
    REQUIRE(inside != nullptr);
    CHECK((*inside)["i"] == "-9223372036854775808");
    CHECK((*inside)["n"] == "18446744073709551615");
    CHECK((*inside)["r"] == "0.1");
    CHECK(std::stod((*inside)["tiny"].substr(0, 3)) > 4);
    CHECK((*inside)["huge"] == "-1.5e+300");
    CHECK((*inside)["nan"] == "NaN");
    CHECK(inside->find("nan")->is == json_value::kind::string);
    CHECK((*inside)["inf"] == "-Infinity");
    CHECK((*inside)["b"] == "false");
    CHECK((*inside)["took_ns"] == "1500");
    CHECK((*inside)["s"] == "[secret]");
    CHECK((*inside)["cause"] == "critical");
}

TEST_CASE("a locale with another decimal point changes nothing") {
    std::string const before = std::setlocale(LC_NUMERIC, nullptr);
    for (char const* name : {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "C"}) {
        if (std::setlocale(LC_NUMERIC, name) == nullptr) continue;
        log_field const fields[] = {{"r", 1234.5}};
        CHECK((*json_of({.event = "x", .fields = {fields, 1}}).find("fields"))["r"] == "1234.5");
    }
    std::setlocale(LC_NUMERIC, before.c_str());
}

TEST_CASE("whatever bytes a record has, JSON is one line and parses") {
    for (std::string_view const bytes : hostile) {
        log_field const   fields[] = {{bytes, bytes}, {"after", 1}};
        log_record const  record{.event = bytes,
                                 .actor = bytes,
                                 .path = bytes,
                                 .message = bytes,
                                 .detail = bytes,
                                 .fields = {fields, 2}};
        std::string const text = line_of<troupe::json_formatter<>>(record);
        INFO(text);
        CHECK(is_quiet(text));
        json_value const all = json_of(record);
        CHECK(all.members.size() == 8);
        CHECK((*all.find("fields"))["after"] == "1");
    }
    CHECK(json_of({.event = "a\"b\\c\nd\x1b"})["event"] == "a\"b\\c\nd\x1b");
    CHECK(json_of({.event = "\xff\xc3"})["event"] == "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST_CASE("JSON that is too long is cut at any length without breaking, and says so") {
    log_field const fields[] = {
        {"first", std::string_view{"\xe2\x82\xac\n\xff\"\\ \xf0\x9f\x8e\xad"}},
        {"second", 123456789},
        {"third", std::string_view{"the third"}}};
    log_record const record{
        .event = "event\n\xe2\x82\xac", .actor = "actor", .path = "p/q", .fields = {fields, 3}};
    std::string const whole = line_of<troupe::json_formatter<>>(record, 2047, noon);
    CHECK(whole.find("cut") == std::string::npos);
    for (std::size_t size = 16; size <= whole.size() + 20; ++size) {
        std::string const text = line_of<troupe::json_formatter<>>(record, size, noon);
        INFO(size << ": " << text);
        auto const parsed = strict_json::parse(text);
        REQUIRE(parsed);
        CHECK(is_quiet(text));
        CHECK((text == whole) == ((*parsed)["cut"] != "true"));
    }
    // Values that are long do not push out what comes after them.
    std::string const long_text(5000, 'x');
    log_field const   long_fields[] = {{long_text, long_text}, {"after", 1}};
    json_value const  all =
        json_of({.event = long_text, .detail = long_text, .fields = {long_fields, 2}});
    CHECK(all["event"] == std::string(253, 'x') + "...");
    CHECK(all["detail"] == all["event"]);
    CHECK((*all.find("fields"))["after"] == "1");
    CHECK(all.find("fields")->members[0].key == std::string(61, 'x') + "...");
    CHECK(all["cut"] == "true");
}

struct constant_labels {
    static constexpr std::string_view service = "bank";
    static constexpr char const*      version = "1.2";
};
struct labels_at_start {
    std::string environment = std::string{"sta"} + "ging";
};

TEST_CASE("each line of JSON has the labels of the program") {
    json_value const bank = json_of<troupe::json_formatter<constant_labels>>({.event = "x"});
    CHECK(bank["service"] == "bank");
    CHECK(bank["version"] == "1.2");
    CHECK(bank.find("environment") == nullptr);
    json_value const staged = json_of<troupe::json_formatter<labels_at_start>>({.event = "x"});
    CHECK(staged["environment"] == "staging");
}

TEST_CASE("the calendar is right before 1970, at the end of a leap year and far away") {
    auto const text = [](std::int64_t seconds) {
        return json_of({.event = "x"}, 2047, {seconds * 1'000'000'000 + 1000})["time"];
    };
    CHECK(text(0) == "1970-01-01T00:00:00.000001Z");
    CHECK(text(-1) == "1969-12-31T23:59:59.000001Z");
    CHECK(text(951'782'399) == "2000-02-28T23:59:59.000001Z");
    CHECK(text(951'782'400) == "2000-02-29T00:00:00.000001Z");
    CHECK(text(1'735'603'200) == "2024-12-31T00:00:00.000001Z");
    CHECK(text(4'107'542'400) == "2100-03-01T00:00:00.000001Z");
    auto const limit = [](std::int64_t nanoseconds) {
        return json_of({.event = "x"}, 2047, {nanoseconds})["time"];
    };
    CHECK(limit(std::numeric_limits<std::int64_t>::min()) == "1677-09-21T00:12:43.145224Z");
    CHECK(limit(std::numeric_limits<std::int64_t>::max()) == "2262-04-11T23:47:16.854775Z");
}

struct no_formatter {};
struct throwing_formatter {
    void format(log_record const&, wall_time, troupe::log_line&) const {}
};
TEST_CASE("a log formatter formats without throwing") {
    STATIC_REQUIRE(troupe::log_formatter<troupe::console_formatter>);
    STATIC_REQUIRE(troupe::explain_log_formatter<troupe::json_formatter<constant_labels>>());
    STATIC_REQUIRE_FALSE(troupe::log_formatter<no_formatter>);
    STATIC_REQUIRE_FALSE(troupe::log_formatter<throwing_formatter>);
}

}  // namespace test_log_formatters
