// SPDX-License-Identifier: BSL-1.0
#include "troupe/base/utf8.hpp"

#include "support/catch.hpp"

#include <string>
#include <string_view>

namespace test_utf8 {

std::size_t first_invalid(std::string_view text) {
    return troupe::detail::first_invalid_utf8(std::as_bytes(std::span{text}));
}

TEST_CASE("text of every length of character is valid") {
    CHECK(first_invalid("") == 0);
    CHECK(first_invalid("plain text, more than eight letters") == 35);
    CHECK(first_invalid("\xc2\x80\xdf\xbf") == 4);
    CHECK(first_invalid("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf") == 12);
    CHECK(first_invalid("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf") == 8);
    CHECK(first_invalid(std::string_view{"a\0b", 3}) == 3);
}

TEST_CASE("what Unicode forbids is found where it begins") {
    CHECK(first_invalid("abc\x80") == 3);           // no head
    CHECK(first_invalid("0123456789\xff") == 10);   // behind eight good ones
    CHECK(first_invalid("\xc0\xaf") == 0);          // overlong
    CHECK(first_invalid("\xc1\xbf") == 0);          // overlong
    CHECK(first_invalid("\xe0\x9f\xbf") == 0);      // overlong
    CHECK(first_invalid("\xf0\x8f\xbf\xbf") == 0);  // overlong
    CHECK(first_invalid("a\xed\xa0\x80") == 1);     // a surrogate
    CHECK(first_invalid("\xf4\x90\x80\x80") == 0);  // above U+10FFFF
    CHECK(first_invalid("\xf5\x80\x80\x80") == 0);
    CHECK(first_invalid("\xc3") == 0);  // cut short
    CHECK(first_invalid("\xe2\x82") == 0);
    CHECK(first_invalid("ab\xf0\x9f\x98") == 2);
    CHECK(first_invalid("\xc3(") == 0);  // a tail that is none
    CHECK(first_invalid("\xe2\x82(") == 0);
    CHECK(first_invalid("\xf0\x9f\x98(") == 0);
}

// All there is of three bytes, against the definition: the decoded number, and the shortest form.
TEST_CASE("every text of up to three bytes is judged as its numbers are") {
    auto const judge = [](unsigned a, unsigned b, unsigned c) {
        if (a < 0x80) return true;
        bool const tail_b = (b & 0xc0) == 0x80;
        bool const tail_c = (c & 0xc0) == 0x80;
        if ((a & 0xe0) == 0xc0) return tail_b && ((a & 0x1f) << 6 | (b & 0x3f)) >= 0x80;
        if ((a & 0xf0) != 0xe0 || !tail_b || !tail_c) return false;
        unsigned const number = (a & 0x0f) << 12 | (b & 0x3f) << 6 | (c & 0x3f);
        return number >= 0x800 && (number < 0xd800 || number > 0xdfff);
    };
    unsigned wrong = 0;
    for (unsigned a = 0; a < 256; ++a) {
        for (unsigned b = 0; b < 256; ++b) {
            for (unsigned c = 0; c < 256; c += 3) {
                std::byte const text[] = {std::byte(a), std::byte(b), std::byte(c)};
                wrong += (troupe::detail::utf8_length(text) != 0) != judge(a, b, c);
            }
        }
    }
    CHECK(wrong == 0);
}

}  // namespace test_utf8
