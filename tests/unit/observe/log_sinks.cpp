// SPDX-License-Identifier: BSL-1.0
#include "troupe/observe/log_sinks.hpp"

#include "support/catch.hpp"

#include <cstdio>
#include <string>

#if defined(__unix__)
#include <unistd.h>
#endif

namespace test_log_sinks {

using troupe::log_level;
using troupe::log_record;

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

TEST_CASE("a record is one line with the fields it has") {
    troupe::console_log sink;
    CHECK(captured([&] {
              sink.write({.level = log_level::error,
                          .event = "actor failed",
                          .actor = "account",
                          .message = "deposit",
                          .detail = "no money"});
          }) == "troupe error: actor failed actor=account message=deposit detail=no money\n");
    CHECK(captured([&] {
              sink.write(
                  {.level = log_level::warning, .event = "dead letter", .message = "deposit"});
          }) == "troupe warning: dead letter message=deposit\n");
}

TEST_CASE("control bytes do not begin a second line") {
    troupe::console_log sink;
    CHECK(captured([&] {
              sink.write(
                  {.level = log_level::critical, .event = "x", .detail = "a\nb\r\x1b[31m\x7f"});
          }) == "troupe critical: x detail=a?b??[31m?\n");
}

TEST_CASE("a record that is too long is cut and still one line") {
    troupe::console_log sink;
    std::string const   text = captured([&] {
        sink.write({.level = log_level::error, .event = std::string(5000, 'e'), .actor = "a"});
    });
    CHECK(text.size() == 512);
    CHECK(text.back() == '\n');
    CHECK(text.find('\n') == text.size() - 1);
}

TEST_CASE("the null log says nothing") {
    troupe::null_log sink;
    CHECK(captured([&] { sink.write({.level = log_level::critical, .event = "x"}); }).empty());
}
#endif

}  // namespace test_log_sinks
