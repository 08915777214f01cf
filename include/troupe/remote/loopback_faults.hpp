// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a network in memory is made with, and what can be done to it: the words, and no code.

#include <cstddef>
#include <cstdint>

#include "troupe/base/time.hpp"

namespace troupe::inline TROUPE_ABI {

/// What a `loopback_network` is made with.
struct loopback_options {
    std::size_t   buffer = 64 * 1024;  ///< bytes on their way in each direction; at least 1
    std::size_t   backlog = 128;       ///< connections that wait for one `accept`; more are refused
    std::uint64_t seed = 1;            ///< of all that happens by chance
};

/// A direction of connections: from who has connected to the listener, or back.
enum class loopback_way : std::uint8_t { both, to_listener, from_listener };

/// What goes wrong. Changed at any time, for all connections or those to one address; what has to
/// do with time goes by the clock of the network, and is told by `look_at` of the connections.
struct loopback_faults {
    /// Bytes, and the end, arrive so much later, and a connection takes two of it to come about. In
    /// order: what was sent later never arrives earlier.
    duration      delay{0};
    duration      jitter{0};             ///< up to so much is added, by chance
    std::uint64_t bytes_per_second = 0;  ///< how fast a direction is; zero: as fast as wanted

    std::size_t send_max = SIZE_MAX;     ///< no send takes more; at least 1
    std::size_t receive_max = SIZE_MAX;  ///< no receive gives more; at least 1

    /// A connection that comes is reset when it has taken exactly so many bytes: both sides still
    /// receive what was taken, and then `reset`. `cut_after` of the network does it to connections
    /// that are.
    std::uint64_t cut_after = UINT64_MAX;
    loopback_way  cut_counts = loopback_way::both;  ///< which bytes are counted

    bool refuse = false;          ///< who connects is refused, as if nobody listened
    bool never_connects = false;  ///< nothing comes of connecting: neither yes nor no

    /// Of a thousand sends, how many find that the connection is lost, with all that was on its
    /// way.
    unsigned lose_per_mille = 0;

    // A transport promises all bytes in their order, and these four break the promise: they are for
    // attacks on what decodes the bytes. One send counts as one message. What arrives is wrong, and
    // the connection does not say so.
    unsigned drop_per_mille = 0;       ///< taken, and never arrives
    unsigned duplicate_per_mille = 0;  ///< arrives twice, where there is room for it
    unsigned reorder_per_mille =
        0;  ///< arrives before the one before it, if nobody has read of that
    unsigned flip_bit_per_mille = 0;  ///< one bit of it is another
};

/// What a network has done, since it was made.
struct loopback_counts {
    std::uint64_t connections = 0;  ///< that came about
    std::uint64_t refused = 0;
    std::uint64_t broken = 0;  ///< lost, cut or reset
    std::uint64_t dropped = 0;
    std::uint64_t duplicated = 0;
    std::uint64_t reordered = 0;
    std::uint64_t flipped = 0;
};

}  // namespace troupe::inline TROUPE_ABI
