// SPDX-License-Identifier: BSL-1.0
// The length of a frame is looked at before memory is taken for it: one that is refused costs
// nothing, however large, and one from whoever has not said hello costs nothing either.

#include "support/heap_count.hpp"
#include "support/nodes.hpp"
#include "support/raw_peer.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace test_refused_frames {

using namespace troupe_test;

constexpr std::uint32_t frame_max = 1u << 28;

std::vector<std::byte> beginning_of_a_frame(std::uint32_t length) {
    std::vector<std::byte> bytes(8);
    number_to(bytes.data(), length);
    bytes[4] = static_cast<std::byte>(frame_kind::message);
    return bytes;
}

/// The most bytes that were taken at once while a peer says this; `words`: how it was sent away.
std::size_t most_taken(bool greets, std::uint32_t length, std::string& words) {
    troupe::link_options o = plain_links();
    o.frame_max = frame_max;
    two_sides w{o, o};
    raw_peer  p{w};
    if (greets) p.say(raw_peer::greeting());
    auto const bytes = beginning_of_a_frame(length);
    heap_largest.store(0);
    p.say(bytes);
    std::size_t const most = heap_largest.load();
    words = p.goodbye();
    return most;
}

TEST_CASE("a length that is refused takes no memory") {
    std::string words;
    for (std::uint32_t const length : {0u, 1u, frame_max + 1, 1u << 31, 0xffffffffu}) {
        INFO(length);
        for (bool const greets : {true, false}) {
            CHECK(most_taken(greets, length, words) < (1u << 17));
            CHECK(words == "frame: length " + std::to_string(length) + " outside [2,268435456]");
        }
    }
    // Before the hello nothing large is waited for.
    CHECK(most_taken(false, 1u << 27, words) < (1u << 17));
    CHECK(words == "handshake: not a troupe node");
    // What is allowed is believed: else the above would show nothing.
    CHECK(most_taken(true, 1u << 27, words) >= (1u << 27));
    CHECK(words.empty());
}

}  // namespace test_refused_frames
