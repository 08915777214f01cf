// SPDX-License-Identifier: BSL-1.0
#include "troupe/remote/loopback_stream.hpp"

#include "support/catch.hpp"

#include <string>

namespace test_loopback_stream {

using namespace std::chrono_literals;
using troupe::loopback_faults;
using troupe::time_point;
using troupe::detail::loopback_chance;
using troupe::detail::loopback_stream;

struct stream : loopback_stream {
    explicit stream(std::size_t capacity) {
        REQUIRE(reserve(capacity));
        restart(1);
    }
    void put(std::string const& text) {
        std::span<std::byte const> const buffers[] = {std::as_bytes(std::span{text})};
        write(buffers, text.size());
    }
    void send(std::string const& text, time_point now = {}, loopback_faults const& f = {}) {
        put(text);
        arrives_later(now, f);
    }
    std::string take(time_point now = {}, std::size_t most = 100) {
        std::byte  place[100];
        auto const size = read(std::span{place, most}, now);
        return {reinterpret_cast<char const*>(place), size};
    }
};

TEST_CASE("a stream gives what was written, however often it goes round") {
    stream s{5};
    for (int i = 0; i < 30; ++i) {
        s.send("abc");
        CHECK(s.room() == 2);
        CHECK(s.take({}, 1) == "a");
        CHECK(s.room() == 3);
        s.send("d");
        CHECK(s.take() == "bcd");
        CHECK_FALSE(s.has_unread());
        CHECK(s.room() == 5);
    }
}

TEST_CASE("what has not arrived is not read, and the end comes after it") {
    stream                s{100};
    loopback_faults const slow{.delay = 10ns};
    s.send("a", {0}, slow);
    s.send("b", {5}, slow);
    s.end({6}, slow, false);
    CHECK(s.next_arrival() == time_point{10});
    CHECK(s.take({9}).empty());
    CHECK(s.take({10}) == "a");
    CHECK(s.next_arrival() == time_point{15});
    CHECK(s.take({15}) == "b");
    CHECK(s.next_arrival() == time_point{16});
    CHECK_FALSE(s.end_is_known({15}));
    CHECK(s.end_is_known({16}));
    CHECK_FALSE(s.ended_by_reset());
    CHECK(s.take({16}).empty());
    CHECK(s.next_arrival() == troupe::detail::never);
}

TEST_CASE("what is sent faster does not overtake what was sent slower") {
    stream s{100};
    s.send("slow", {0}, {.delay = 10ns});
    s.send("fast", {1});
    CHECK(s.take({9}).empty());
    CHECK(s.take({10}) == "slowfast");
}

TEST_CASE("two writes change places, of any length and across the end of the ring") {
    for (std::size_t offset = 0; offset < 9; ++offset) {
        for (std::size_t first = 1; first < 5; ++first) {
            stream s{9};
            s.send(std::string(offset, '.'));
            s.take();
            std::string const a = std::string{"abcd"}.substr(0, first);
            std::string const b = std::string{"12345"}.substr(0, 5 - first);
            s.send(a);
            s.put(b);
            CHECK(s.reorder());
            s.arrives_later({}, {});
            CHECK(s.take() == b + a);
        }
    }
}

TEST_CASE("what somebody has read of is not moved, and what has no room is not doubled") {
    stream s{10};
    s.put("first");
    CHECK_FALSE(s.reorder());  // there was nothing before it
    s.arrives_later({}, {});
    CHECK(s.take({}, 1) == "f");
    s.put("next");
    CHECK_FALSE(s.reorder());
    CHECK_FALSE(s.duplicate());
    s.arrives_later({}, {});
    CHECK(s.take() == "irstnext");
    s.put("twice");
    CHECK(s.duplicate());
    s.arrives_later({}, {});
    CHECK(s.take() == "twicetwice");
}

TEST_CASE("chance repeats itself, and happens about as often as it is said to") {
    loopback_chance a{7}, b{7}, c{8};
    bool            same = true, other = false;
    int             often = 0;
    for (int i = 0; i < 10'000; ++i) {
        auto const drawn = a.next();
        same = same && drawn == b.next();
        other = other || drawn != c.next();
    }
    for (int i = 0; i < 10'000; ++i) often += a.happens(250) ? 1 : 0;
    CHECK(same);
    CHECK(other);
    CHECK(often > 2300);
    CHECK(often < 2700);
    CHECK_FALSE(a.happens(0));
    CHECK(a.happens(1000));
    CHECK(a.below(0) == 0);
}

}  // namespace test_loopback_stream
