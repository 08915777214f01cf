// SPDX-License-Identifier: BSL-1.0
#pragma once

// What proxies, links, inlets and the node say to each other. They are actors of one system, and
// these are their messages.

#include <cstdint>
#include <string>
#include <utility>

#include "troupe/actor/ref.hpp"
#include "troupe/actor/any_ref.hpp"
#include "troupe/actor/terminated.hpp"
#include "troupe/port/transport.hpp"
#include "troupe/remote/link_options.hpp"
#include "troupe/remote/outbox.hpp"
#include "troupe/remote/wire.hpp"

namespace troupe::inline TROUPE_ABI {

/// What becomes of a reference to a remote actor when the connection goes or the actor ends.
enum class when_lost : std::uint8_t {
    reconnect,  ///< it is for whoever is behind the key, now or later
    end,        ///< it ends, too: who watches it is told
};

namespace detail {

/// Holds an outbox.
class outbox_handle {
public:
    outbox_handle() noexcept = default;
    explicit outbox_handle(outbox* taken) noexcept : box_(taken) {}
    outbox_handle(outbox_handle const& other) noexcept : box_(other.box_) {
        if (box_ != nullptr) box_->hold();
    }
    outbox_handle(outbox_handle&& other) noexcept : box_(std::exchange(other.box_, nullptr)) {}
    outbox_handle& operator=(outbox_handle other) noexcept {
        std::swap(box_, other.box_);
        return *this;
    }
    ~outbox_handle() {
        if (box_ != nullptr) box_->let_go();
    }
    outbox*  operator->() const noexcept { return box_; }
    outbox&  operator*() const noexcept { return *box_; }
    explicit operator bool() const noexcept { return box_ != nullptr; }

private:
    outbox* box_ = nullptr;
};

/// The transport has something.
struct io_ready {};
/// A deadline may be over.
struct look_again {};
/// Comes each heartbeat: what there was no memory for is done now.
struct pulse {};
/// What has gathered is sent.
struct flush_frames {};

/// A proxy: here I am.
struct open_channel {
    std::uint32_t    id = 0;
    outbox_handle    box;
    any_ref          proxy;
    std::string      key;
    std::uint64_t    fingerprint = 0;
    std::string_view schema;
    when_lost        then = when_lost::reconnect;
    bool             promised = false;  // its link was given for this
};
/// A proxy: there are frames.
struct outbox_ready {
    std::uint32_t id = 0;
};
/// A proxy has ended.
struct end_channel {
    std::uint32_t id = 0;
};
/// A channel was refused, or its actor has ended: perhaps somebody is there now.
struct reopen_channel {
    std::uint32_t id = 0;
    std::uint64_t connects = 0;  // of this connection, not of a later one
};
/// A proxy waits until it may send more, or may not at all.
struct await_room {
    std::uint32_t id = 0;
};
/// The link: this became of the channel.
struct channel_news {
    enum class kind : std::uint8_t { opened, refused, ended, lost } what = kind::lost;
    std::string words;
    bool        final = false;  // it will not become better by itself: another protocol
};

/// For an inlet: the other side sends no more.
struct no_more {};
/// The answer to an ask, as a frame.
struct outgoing {
    wire_slice    bytes;
    std::uint32_t channel = 0;
    std::uint32_t session = 0;  // of the connection that has brought the ask, as below
};
/// An inlet: so much was handed on.
struct inlet_progress {
    std::uint32_t channel = 0;
    std::uint32_t session = 0;
    std::uint32_t bytes = 0;
    std::uint64_t messages = 0;  // since it began
};
/// An inlet: its actor has ended.
struct inlet_ended {
    std::uint32_t channel = 0;
    std::uint32_t session = 0;
    ended_by      how = ended_by::unknown;
    std::string   words;
};
/// An inlet: bytes that mean nothing.
struct inlet_fault {
    std::uint32_t channel = 0;
    std::uint32_t session = 0;
    std::string   words;
};

/// A link wants a connection; the node answers with `adopt`.
struct connect_me {
    endpoint      to;
    cell*         link = nullptr;
    std::uint64_t incarnation = 0;
};
/// A connection for a link, or why there is none.
struct adopt {
    wire_holder     made;
    transport_error why{};
};
/// The link ends, with everything on it.
struct close_link {};
/// The other side has connected anew: this connection is none any more.
struct replaced {};

}  // namespace detail

/// Asks a link for the outcome of connecting: at once when it is up.
struct await_connection {};
/// Asks a link how it stands.
struct get_link_status {};
/// Asks a link to end in order, for at most this long.
struct drain_link {
    duration within{};
};

}  // namespace troupe::inline TROUPE_ABI
