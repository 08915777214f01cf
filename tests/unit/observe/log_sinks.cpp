// SPDX-License-Identifier: BSL-1.0
#include "troupe/observe/log_sinks.hpp"

#include "support/catch.hpp"
#include "support/strict_json.hpp"

#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#if defined(__unix__)
#include <unistd.h>
#endif

namespace test_log_sinks {

using troupe::log_event;
using troupe::log_field;
using troupe::log_level;
using troupe::log_record;

/// Counts, and keeps the fields it was shown.
template <log_level Floor>
struct counting {
    static constexpr log_level                       floor = Floor;
    int                                              records = 0;
    std::vector<std::pair<std::string, std::string>> seen{};

    void write(log_record const& r) noexcept {
        ++records;
        for (log_field const f : r.fields) {
            seen.emplace_back(f.key, f.value.is() == troupe::log_value::kind::secret
                                         ? std::string_view{"*"}
                                         : f.value.text());
        }
    }
};

log_record at(log_level level) { return {.level = level, .event = "x"}; }

#if defined(__unix__)
/// What `write` puts on the standard error stream.
template <class Write>
std::string captured(Write write) {
    std::fflush(stderr);
    int const  before = dup(2);
    std::FILE* file = std::tmpfile();
    dup2(fileno(file), 2);
    write();
    std::fflush(stderr);
    dup2(before, 2);
    close(before);
    std::string text;
    std::rewind(file);
    for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) {
        text.push_back(static_cast<char>(c));
    }
    std::fclose(file);
    return text;
}

/// What stands in a file after it was written to.
std::string text_of(std::FILE* file) {
    std::string text;
    std::rewind(file);
    for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) {
        text.push_back(static_cast<char>(c));
    }
    return text;
}

TEST_CASE("the console log writes a line for each record, and wants those from a warning up") {
    STATIC_REQUIRE(troupe::console_log::floor == log_level::warning);
    troupe::console_log sink{false};
    CHECK(captured([&] {
              sink.write({.level = log_level::error,
                          .id = log_event::actor_failed,
                          .event = "actor failed",
                          .actor = "account",
                          .path = "alice",
                          .message = "deposit",
                          .detail = "no money"});
              sink.write({.level = log_level::warning, .event = "a\nb"});
          }) == "troupe error: actor failed path=alice actor=account message=deposit "
                "detail=\"no money\"\nwarning: a\\nb\n");
}

TEST_CASE("a record that is too long is cut and still one line") {
    troupe::console_log    sink{false};
    std::vector<log_field> fields;
    for (int i = 0; i < 100; ++i) fields.push_back({"a field with a long name", i});
    std::string const text = captured([&] {
        sink.write({.event = std::string(5000, 'e'), .fields = {fields.data(), fields.size()}});
    });
    CHECK(text.size() <= 1024);
    CHECK(text.find('\n') == text.size() - 1);
    CHECK(text.ends_with(" ...\n"));
}

struct no_file {
    static std::FILE* file() noexcept { return nullptr; }
};
struct no_stream {
    static std::FILE* file() { throw 1; }
};

TEST_CASE("a stream log whose file could not be opened writes to the standard error stream") {
    std::string const text = captured([] {
        troupe::stream_log<troupe::console_formatter, no_file> sink;
        sink.write({.event = "one"});
        troupe::stream_log<troupe::console_formatter> other{nullptr, false};
        other.write({.event = "two"});
    });
    CHECK(text.find("info: one\n") != std::string::npos);
    CHECK(text.find("info: two\n") != std::string::npos);
}

#if TROUPE_HAS_EXCEPTIONS
TEST_CASE("a stream that cannot be had may say so before there is a log") {
    using log = troupe::stream_log<troupe::console_formatter, no_stream>;
    STATIC_REQUIRE(troupe::log_sink<troupe::redacted<log>>);
    CHECK_THROWS_AS(log{}, int);
    CHECK_THROWS_AS(troupe::redacted<log>{}, int);
}
#endif

TEST_CASE("a stream that takes nothing costs the lines, and nothing else") {
    std::FILE* const full = std::fopen("/dev/full", "w");
    if (full == nullptr) return;
    troupe::stream_log<troupe::json_formatter<>> sink{full};
    for (int i = 0; i < 1000; ++i) sink.write({.event = "lost"});
    std::fclose(full);
    // And one that was closed behind the back of the sink.
    std::FILE* const closed = std::tmpfile();
    close(fileno(closed));
    troupe::stream_log<troupe::json_formatter<>> other{closed};
    for (int i = 0; i < 1000; ++i) other.write({.event = "lost"});
    std::fclose(closed);
    SUCCEED();
}

TEST_CASE("the null log says nothing") {
    troupe::null_log sink;
    CHECK(captured([&] { sink.write({.level = log_level::critical, .event = "x"}); }).empty());
}

TEST_CASE("a stream log writes each record at once, as a line of its formatter") {
    std::FILE*                                   file = std::tmpfile();
    troupe::stream_log<troupe::json_formatter<>> sink{file};
    sink.write({.event = "one\n"});
    int const fd = fileno(file);
    char      byte = 0;
    CHECK(pread(fd, &byte, 1, 0) == 1);  // not only in the buffer of the stream
    sink.write({.event = std::string(10'000, '\x01')});
    std::string const text = text_of(file);
    std::fclose(file);
    std::size_t const end = text.find('\n');
    REQUIRE(end != std::string::npos);
    auto const first = troupe_test::strict_json::parse(text.substr(0, end));
    REQUIRE(first);
    CHECK((*first)["event"] == "one\n");
    CHECK((*first)["time"].size() == 27);
    CHECK((*first)["time"].ends_with('Z'));
    std::string const rest = text.substr(end + 1);
    CHECK(rest.find('\n') == rest.size() - 1);
    CHECK(troupe_test::strict_json::parse(rest.substr(0, rest.size() - 1)));
}
#endif

TEST_CASE("a level stands on the sink, in place of its own") {
    using louder = troupe::leveled<troupe::console_log, log_level::debug>;
    STATIC_REQUIRE(troupe::log_sink<louder>);
    STATIC_REQUIRE(troupe::detail::log_floor_of<louder>() == 0);
    STATIC_REQUIRE(troupe::detail::log_floor_of<
                       troupe::leveled<counting<log_level::debug>, log_level::critical>>() == 4);
}

TEST_CASE("of several sinks each gets what is not below its floor") {
    troupe::tee_log<counting<log_level::error>,
                    troupe::tee_log<troupe::null_log, counting<log_level::info>>>
        both;
    STATIC_REQUIRE(decltype(both)::floor == log_level::info);
    for (int level = 0; level < 5; ++level) both.write(at(static_cast<log_level>(level)));
    CHECK(both.first().records == 2);
    CHECK(both.second().second().records == 4);
    STATIC_REQUIRE(
        troupe::detail::log_floor_of<troupe::tee_log<troupe::null_log, troupe::null_log>>() ==
        troupe::detail::log_nothing);
}

TEST_CASE("a secret does not reach a sink under any usual name") {
    using troupe::detail::key_has_word;
    for (std::string_view const key :
         {"password", "PASSWORD", "userPassword", "db.password", "X-Api-Key", "apiKey",
          "Authorization", "proxy-authorization", "Set-Cookie", "access_token", "clientSecret",
          "PRIVATE KEY", "credentials"}) {
        INFO(key);
        CHECK(troupe::detail::is_called_like_a_secret<>(key));
    }
    for (std::string_view const key : {"", "name", "pass", "keys", "api", "_", "cents"}) {
        INFO(key);
        CHECK_FALSE(troupe::detail::is_called_like_a_secret<>(key));
    }
    CHECK(key_has_word("ppassword", "password"));
    CHECK_FALSE(key_has_word("passwor", "password"));

    troupe::redacted<troupe::redacted<counting<log_level::debug>, "iban">, "pin"> sink;
    log_field const fields[] = {{"to", "bob"},
                                {"Pass-Word", "a"},
                                {"IBAN", "b"},
                                {"pin", "c"},
                                {"quiet", troupe::secret<std::string>{"d"}},
                                {"detail", "password=e"}};
    sink.write({.event = "x", .fields = {fields, 6}});
    std::vector<std::pair<std::string, std::string>> const expected{
        {"to", "bob"}, {"Pass-Word", "*"}, {"IBAN", "*"},
        {"pin", "*"},  {"quiet", "*"},     {"detail", "password=e"}};  // texts are not looked into
    CHECK(sink.seen == expected);
}

TEST_CASE("an audit gets what concerns security, and nothing else") {
    troupe::security_log<counting<log_level::debug>> audit;
    audit.write({.level = log_level::critical, .event = "said"});
    int security = 0;
    for (troupe::log_event_row const& row : troupe::log_events) {
        audit.write({.level = row.level, .id = row.id, .event = row.text});
        security += row.topic == troupe::log_topic::security ? 1 : 0;
    }
    CHECK(security >= 2);
    CHECK(audit.records == security);
}

TEST_CASE("there is a log for development and one for production") {
    STATIC_REQUIRE(troupe::development_log::floor == log_level::debug);
    STATIC_REQUIRE(troupe::production_log::floor == log_level::info);
    STATIC_REQUIRE(troupe::log_sink<troupe::development_log>);
    STATIC_REQUIRE(troupe::log_sink<troupe::production_log>);
}

}  // namespace test_log_sinks
