// SPDX-License-Identifier: BSL-1.0
#include "troupe/remote/node_error.hpp"

#include <string>

#include "support/catch.hpp"

namespace test_node_error {

using troupe::detail::fault_of_key;

TEST_CASE("the words of an error say what and about what, and nothing that a terminal obeys") {
    CHECK(std::string{troupe::node_error{"what", "about"}.what()} == "what: about");
    CHECK(std::string{troupe::node_error{"what", ""}.what()} == "what");
    CHECK(std::string{troupe::node_error{"what", "a\x1b[2Jb\n"}.what()} == "what: a?[2Jb?");
    CHECK(std::string{troupe::node_error{"what", std::string(1'000, 'x')}.what()}.size() == 319);
}

TEST_CASE("a key is segments of letters, digits, dots, dashes and underscores") {
    for (char const* good : {"a", "a/b", "Region-1/users_2.x", "0", "a/b/c/d"}) {
        CHECK(fault_of_key(good) == nullptr);
    }
    for (char const* bad : {"", "/", "/a", "a/", "a//b", "a b", "a\n", "\xc3\xa4", "a?b", "a\\b"}) {
        CHECK(fault_of_key(bad) != nullptr);
    }
    CHECK(fault_of_key(std::string(200, 'k')) == nullptr);
    CHECK(fault_of_key(std::string(201, 'k')) != nullptr);
    CHECK(fault_of_key(std::string_view{"a\0b", 3}) != nullptr);
}

}  // namespace test_node_error
