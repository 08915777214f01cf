// SPDX-License-Identifier: BSL-1.0
#include "troupe/testing/memory_log.hpp"

#include "support/catch.hpp"

#include <string>
#include <thread>

namespace test_memory_log {

using troupe::log_event;
using troupe::log_field;
using troupe::log_level;
using troupe::memory_log;

TEST_CASE("a memory log keeps copies of what it is told, and can be asked for them") {
    memory_log log;
    {
        std::string const event = "transferred";
        std::string const to = "bob";
        log_field const   fields[] = {
            {"cents", -500}, {"to", to},   {"pin", troupe::secret<int>{1234}}, {"big", 5u},
            {"rate", 0.5},   {"ok", true}, {"took", troupe::duration{7}}};
        log.write({.event = event,
                   .actor = "account",
                   .path = "bank/alice",
                   .message = "transfer",
                   .detail = "all of it",
                   .fields = {fields, 7},
                   .time = {9},
                   .worker = 2});
    }
    log.write({.level = log_level::warning, .id = log_event::dead_letter, .event = "dead letter"});
    CHECK(log.size() == 2);
    CHECK(log.count(log_level::warning) == 1);
    CHECK(log.count(log_event::said) == 1);
    CHECK(log.count("dead letter") == 1);
    CHECK(log.count("nothing") == 0);
    CHECK_FALSE(log.last("nothing"));
    auto const last = log.last("transferred");
    REQUIRE(last);
    CHECK(last->actor == "account");
    CHECK(last->path == "bank/alice");
    CHECK(last->message == "transfer");
    CHECK(last->detail == "all of it");
    CHECK(last->time.nanoseconds == 9);
    CHECK(last->worker == 2);
    CHECK((*last)["cents"] == "-500");
    CHECK((*last)["to"] == "bob");
    CHECK((*last)["pin"] == "[secret]");
    CHECK((*last)["big"] == "5");
    CHECK((*last)["rate"] == "0.5");
    CHECK((*last)["ok"] == "true");
    CHECK((*last)["took"] == "7");
    CHECK((*last)["none"].empty());
    CHECK(log.records().size() == 2);
    CHECK(log.records()[1].id == log_event::dead_letter);
    CHECK(log.last(log_event::dead_letter)->level == log_level::warning);
    log.clear();
    CHECK(log.size() == 0);
    CHECK(log.records().empty());
}

TEST_CASE("a memory log is bounded: the oldest go, and are counted") {
    memory_log log;
    for (int i = 0; i < static_cast<int>(memory_log::kept_max) + 5; ++i) {
        log.write({.event = std::to_string(i)});
    }
    CHECK(log.size() == memory_log::kept_max + 5);
    CHECK(log.lost() == 5);
    CHECK(log.records().size() == memory_log::kept_max);
    CHECK(log.records().front().event == "5");
    CHECK_FALSE(log.last("4"));
    CHECK(log.last("5"));
}

TEST_CASE("a memory log may be written by several threads") {
    memory_log  log;
    std::thread threads[2];
    for (std::thread& t : threads) {
        t = std::thread{[&log] {
            for (int i = 0; i < 500; ++i) log.write({.event = "x"});
        }};
    }
    for (std::thread& t : threads) t.join();
    CHECK(log.size() == 1000);
    CHECK(log.count("x") == memory_log::kept_max);
}

}  // namespace test_memory_log
