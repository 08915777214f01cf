// SPDX-License-Identifier: BSL-1.0
#pragma once

// What chat_server and chat_client agree on: the messages, the keys, and how they are connected.

#include <string>

#include <troupe/troupe.hpp>
#include <troupe/remote.hpp>

namespace chat {

/// To the room.
struct join {
    std::string name;
};
struct say {
    std::string text;
};
using room_protocol = troupe::protocol<void(join), void(say)>;
inline constexpr troupe::actor_key<room_protocol> room_key{"chat/room"};

/// To the screen of somebody in the room.
struct line {
    std::string from;
    std::string text;
};
using screen_protocol = troupe::protocol<void(line)>;
inline constexpr troupe::actor_key<screen_protocol> screen_key{"chat/screen"};

}  // namespace chat
