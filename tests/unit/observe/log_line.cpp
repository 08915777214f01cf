// SPDX-License-Identifier: BSL-1.0
#include "troupe/observe/log_line.hpp"

#include "support/catch.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace test_log_line {

using troupe::log_line;
using troupe::detail::first_character;
using troupe::detail::put_text;

TEST_CASE("what is put into a line stands there whole or not at all") {
    char     place[8];
    log_line line{place};
    CHECK(line.put("abc"));
    CHECK(line.room() == 5);
    CHECK_FALSE(line.put("123456"));
    CHECK(line.text() == "abc");
    CHECK(line.is_cut());
    CHECK(line.put("12345"));
    CHECK_FALSE(line.put('x'));
    CHECK(line.text() == "abc12345");
    line.back_to(3);
    CHECK(line.text() == "abc");
    CHECK_FALSE(line.colours());
    CHECK(log_line{place, true}.colours());
}

TEST_CASE("room that is kept back is not used until it is given back") {
    char     place[4];
    log_line line{place};
    CHECK_FALSE(line.keep_back(5));
    CHECK(line.keep_back(3));
    CHECK_FALSE(line.put("ab"));
    CHECK(line.put('a'));
    line.give_back(3);
    CHECK(line.put("bcd"));
}

template <class Number>
std::string written(Number number) {
    char     place[64];
    log_line line{place};
    CHECK(line.put(number));
    return std::string{line.text()};
}

TEST_CASE("numbers are written so that they can be read again") {
    CHECK(written(std::uint64_t{0}) == "0");
    CHECK(written(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
    CHECK(written(std::int64_t{-7}) == "-7");
    CHECK(written(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
    CHECK(written(0.1) == "0.1");
    CHECK(written(1.0 / 3) == "0.3333333333333333");
    CHECK(written(-2e100) == "-2e+100");
    CHECK(written(std::numeric_limits<double>::infinity()) == "Infinity");
    CHECK(written(std::numeric_limits<double>::quiet_NaN()) == "NaN");
    for (double const d : {1e-310, 123456.789, 4.9e-324, 1.7976931348623157e308}) {
        CHECK(std::strtod(written(d).c_str(), nullptr) == d);
    }
    char     place[3];
    log_line line{place};
    CHECK_FALSE(line.put(std::int64_t{-123}));
    CHECK(line.size() == 0);  // not even its sign
}

TEST_CASE("a character is valid, or one byte that is not; some control what is shown") {
    CHECK(first_character("a").bytes == "a");
    CHECK(first_character("\xe2\x82\xac!").bytes == "\xe2\x82\xac");
    CHECK_FALSE(first_character("\xe2\x82").valid);
    CHECK(first_character("\xe2\x82").bytes.size() == 1);
    CHECK(first_character("\n").controls);
    CHECK(first_character("\x7f").controls);
    CHECK(first_character("\xc2\x9b").controls);
    CHECK(first_character("\xc2\x9b").code == 0x9b);
    CHECK_FALSE(first_character("\xc2\xa0").controls);
    CHECK(first_character("\xe2\x80\xae").code == 0x202e);
    CHECK(first_character("\xe2\x81\xa6").controls);
    CHECK(first_character("\xe2\x80\x8f").controls);
}

bool put_one(log_line& line, troupe::detail::log_character const& c) { return line.put(c.bytes); }

TEST_CASE("a text is cut between two characters, and only if it does not fit") {
    auto const cut = [](std::string_view text, std::size_t room, std::size_t most = 99) {
        char       place[64];
        log_line   line{{place, room}};
        bool const fits = put_text(line, text, most, 0, &put_one);
        return fits ? std::string{line.text()} : "none";
    };
    CHECK(cut("abcdef", 6) == "abcdef");
    CHECK(cut("abcdef", 5) == "ab...");
    CHECK(cut("abcdef", 3) == "...");
    CHECK(cut("abcdef", 2) == "none");
    CHECK(cut("", 0).empty());
    CHECK(cut("\xe2\x82\xac\xe2\x82\xac", 5) == "...");
    CHECK(cut("\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 8) == "\xe2\x82\xac...");
    CHECK(cut("abcdef", 60, 5) == "ab...");
    CHECK(cut("abcde", 60, 5) == "abcde");
}

}  // namespace test_log_line
