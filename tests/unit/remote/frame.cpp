// SPDX-License-Identifier: BSL-1.0
#include "troupe/remote/frame.hpp"

#include <cstddef>
#include <string>
#include <vector>

#include "support/catch.hpp"

namespace test_frame {

using namespace troupe::detail;
using troupe::byte_reader;
using troupe::byte_writer;

std::vector<std::byte> bytes_of(std::initializer_list<int> list) {
    std::vector<std::byte> bytes;
    for (int const b : list) bytes.push_back(static_cast<std::byte>(b));
    return bytes;
}

TEST_CASE("a frame is its length, its kind, no flags, and its body") {
    std::byte    place[32];
    frame_writer f{place, frame_kind::grant};
    write_number(f.body(), std::uint32_t{0x04030201});
    std::size_t const end = f.end();
    REQUIRE(end == 10);
    CHECK(std::vector<std::byte>(place, place + end) ==
          bytes_of({6, 0, 0, 0, static_cast<int>(frame_kind::grant), 0, 1, 2, 3, 4}));
    frame             read;
    frame_look const  look = look_at_frame({place, end}, 100);
    frame_fault const fault = split_frame({place, look.whole}, read);
    CHECK(look.whole == end);
    CHECK_FALSE(look.fault);
    CHECK_FALSE(fault);
    CHECK(read.kind == frame_kind::grant);
    CHECK(read.body.size() == 4);
}

TEST_CASE("a frame that does not fit says how much room it wants") {
    std::byte    place[8];
    frame_writer f{place, frame_kind::message};
    for (int i = 0; i < 10; ++i) write_number(f.body(), std::uint64_t{0});
    CHECK(f.end() == 86);
    CHECK_FALSE(f.body().fits());
}

TEST_CASE("lengths outside the limits are refused before anything is taken for them") {
    auto const words = [](std::initializer_list<int> list) {
        return std::string{look_at_frame(bytes_of(list), 1000).fault.text};
    };
    CHECK(words({0, 0, 0, 0}) == "frame: length 0 outside [2,1000]");
    CHECK(words({1, 0, 0, 0}) == "frame: length 1 outside [2,1000]");
    CHECK(words({0xe9, 3, 0, 0}) == "frame: length 1001 outside [2,1000]");
    CHECK(words({0xff, 0xff, 0xff, 0xff}) == "frame: length 4294967295 outside [2,1000]");
    CHECK(words({0xe8, 3, 0, 0}).empty());
    // Until the length is there nothing is said.
    CHECK(look_at_frame(bytes_of({0xff, 0xff, 0xff}), 1000).whole == 0);
    CHECK_FALSE(look_at_frame(bytes_of({0xff, 0xff, 0xff}), 1000).fault);
}

TEST_CASE("flags and kinds that nobody knows are refused") {
    frame f;
    CHECK(std::string{split_frame(bytes_of({2, 0, 0, 0, 1, 4}), f).text} ==
          "frame: reserved flag 4");
    CHECK(std::string{split_frame(bytes_of({2, 0, 0, 0, 0, 0}), f).text} ==
          "frame: unknown kind 0");
    CHECK(std::string{split_frame(bytes_of({2, 0, 0, 0, 99, 0}), f).text} ==
          "frame: unknown kind 99");
}

TEST_CASE("a hello of another version, or of something else, is refused by name") {
    auto const said = [](std::uint16_t oldest, std::uint16_t newest, std::uint32_t magic) {
        std::byte   place[128];
        byte_writer to{place};
        write_number(to, magic);
        write_number(to, oldest);
        write_number(to, newest);
        hello read;
        return std::string{take_hello(to.written(), read).text};
    };
    CHECK(said(2, 3, wire_magic) == "handshake: version 2 unsupported (have 1..1)");
    CHECK(said(0, 0, wire_magic) == "handshake: version 0 unsupported (have 1..1)");
    CHECK(said(1, 1, 7) == "handshake: not a troupe node");
    CHECK(said(1, 1, wire_magic) == "handshake: hello is cut short");

    std::byte   place[128];
    byte_writer to{place};
    write_hello(to, {1, 4, 77, 1000, 50, "codec"});
    hello read;
    CHECK_FALSE(take_hello(to.written(), read));
    CHECK(read.node == 77);
    CHECK(read.frame_max == 1000);
    CHECK(read.heartbeat_ms == 50);
    CHECK(read.codec == "codec");
}

TEST_CASE("texts end where their bytes do") {
    auto const       bytes = bytes_of({9, 0, 0, 0, 'a', 'b'});
    byte_reader      from{bytes};
    std::string_view text;
    CHECK_FALSE(read_text(from, text));
}

}  // namespace test_frame
