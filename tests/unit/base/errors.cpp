// SPDX-License-Identifier: BSL-1.0
#include "troupe/base/errors.hpp"

#include "support/catch.hpp"

#include <set>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace test_errors {

using namespace troupe;

template <class Code>
std::set<std::string> words(Code last) {
    std::set<std::string> all;
    for (int i = 0; i <= static_cast<int>(last); ++i) {
        all.insert(std::string{to_string(static_cast<Code>(i))});
    }
    return all;
}

TEST_CASE("every status, cause and code has words of its own") {
    CHECK(words(send_status::timed_out).size() == 9);
    CHECK(words(drop_cause::handed_back).size() == drop_causes);
    CHECK(words(spawn_errc::constructor).size() == 6);
    CHECK(words(ask_errc::restarted).size() == 11);
    CHECK(words(send_status::timed_out).count("?") == 0);
    CHECK(words(drop_cause::handed_back).count("?") == 0);
    CHECK(words(spawn_errc::constructor).count("?") == 0);
    CHECK(words(ask_errc::restarted).count("?") == 0);
    CHECK(to_string(static_cast<ask_errc>(200)) == "?");
}

TEST_CASE("a spawn error names the actor and the reason") {
    spawn_error const error{spawn_errc::name_taken, "users::account", {}, "alice"};
    CHECK(error.code() == spawn_errc::name_taken);
    CHECK(error.nested() == nullptr);
    CHECK(std::string{error.what()} ==
          "troupe: spawn of users::account: the name \"alice\" is taken by a living sibling");
    spawn_error const bad{spawn_errc::name_invalid, "account", {}, "a/b"};
    CHECK(std::string{bad.what()} ==
          "troupe: spawn of account: the name \"a/b\" is invalid; a name has 1 to 255 bytes, "
          "without '/' and control bytes");
    spawn_error const other{spawn_errc::stopped, "account", {}, "alice"};
    CHECK(std::string{other.what()} == "troupe: spawn of account: stopped");
}

TEST_CASE("an ask error names the message and the reason") {
    ask_error const error{ask_errc::expired, "bank::withdraw"};
    CHECK(error.code() == ask_errc::expired);
    CHECK(error.message_type() == "bank::withdraw");
    CHECK(std::string{error.what()} == "troupe: ask of bank::withdraw: expired");
}

TEST_CASE("a name that is too long is cut and the reason stays") {
    std::string const long_name(300, 'n');
    spawn_error const spawn{spawn_errc::constructor, long_name};
    CHECK_THAT(spawn.what(), troupe_test::contains("troupe: spawn of nnn"));
    CHECK_THAT(spawn.what(), troupe_test::contains("nn...: constructor failed"));
    ask_error const ask{ask_errc::frame_too_large, long_name};
    CHECK_THAT(ask.what(), troupe_test::contains("nn...: frame too large"));
    for (std::size_t length = 0; length < 260; ++length) {
        spawn_error const error{spawn_errc::stopped, std::string_view{long_name}.substr(0, length)};
        std::string const text = error.what();
        CHECK(text.size() < 240);
        CHECK(text.substr(text.size() - 9) == ": stopped");
    }
}

TEST_CASE("a name in an error is cut between characters, and its control bytes are not printed") {
    std::string const long_type(300, 'n');
    for (std::size_t length = 0; length < 260; ++length) {
        std::string name(length, 'a');
        if (length > 61) name[61] = '\xa9', name[60] = '\xc3';
        spawn_error const error{spawn_errc::name_invalid, long_type, {}, name};
        std::string const text = error.what();
        CHECK(text.size() < 240);
        CHECK_THAT(text, troupe_test::contains("nn...: the name \"a") ||
                             troupe_test::contains("nn...: the name \"\" is"));
        CHECK_THAT(text, troupe_test::contains("and control bytes"));
        if (length > 64) CHECK_THAT(text, troupe_test::contains("a...\" is invalid"));
    }
    using std::string_view_literals::operator""sv;
    spawn_error const error{spawn_errc::name_invalid, "account", {}, "\x1b[31m\0\x7f"sv};
    CHECK_THAT(error.what(), troupe_test::contains("the name \"?[31m??\" is invalid"));
}

TEST_CASE("errors are made and copied without throwing, so that they can report lost memory") {
    STATIC_REQUIRE(std::is_nothrow_constructible_v<spawn_error, spawn_errc, std::string_view>);
    STATIC_REQUIRE(std::is_nothrow_constructible_v<ask_error, ask_errc, std::string_view>);
    STATIC_REQUIRE(std::is_nothrow_copy_constructible_v<spawn_error>);
    STATIC_REQUIRE(std::is_nothrow_copy_constructible_v<ask_error>);
    STATIC_REQUIRE(std::is_nothrow_copy_assignable_v<ask_error>);
    ask_error first{ask_errc::failed, "a"};
    {
        ask_error const second{ask_errc::cycle, "b"};
        first = second;
    }
    CHECK(std::string{first.what()} == "troupe: ask of b: cycle");
}

TEST_CASE("the exception behind an error travels with it") {
    std::exception_ptr nested;
    try {
        throw std::runtime_error{"disk"};
    } catch (...) { nested = std::current_exception(); }
    try {
        throw ask_error{ask_errc::failed, "write", nested};
    } catch (ask_error const& error) {
        CHECK_THROWS_WITH(std::rethrow_exception(error.nested()), "disk");
    }
    CHECK_THROWS_WITH(
        std::rethrow_exception(spawn_error{spawn_errc::constructor, "x", nested}.nested()), "disk");
}

TEST_CASE("all errors are caught as std::exception") {
    CHECK_THROWS_AS(throw config_error{"workers"}, std::exception);
    CHECK_THROWS_AS(throw spawn_error{spawn_errc::stopped}, std::exception);
    CHECK_THROWS_AS(throw ask_error{ask_errc::refused}, std::exception);
    CHECK_THROWS_WITH(throw config_error{"troupe: workers must be 1 to 256"},
                      "troupe: workers must be 1 to 256");
}

}  // namespace test_errors
