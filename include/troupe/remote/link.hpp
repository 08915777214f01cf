// SPDX-License-Identifier: BSL-1.0
#pragma once

// A connection as an actor: it connects, shakes hands, cuts what comes into frames and hands them
// on, gathers what goes and writes it, keeps its deadlines, and connects again. It never waits for
// another actor. Reading and writing stand in link_io.hpp, its states in link_life.hpp, references
// from here in link_channels.hpp, actors here that are reached from there in link_inlets.hpp, and
// its end in order in link_drain.hpp.
// More: docs/design/0009-plug-in-points-and-remoting.md

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "troupe/actor/context.hpp"
#include "troupe/remote/channel.hpp"
#include "troupe/remote/frame.hpp"
#include "troupe/remote/id_map.hpp"
#include "troupe/remote/inlet.hpp"
#include "troupe/remote/node_core.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// An actor there that is reached from here.
struct out_channel {
    out_channel*               next = nullptr;
    std::uint64_t              id = 0;
    outbox_handle              box;
    any_ref                    proxy;
    std::string                key;
    std::uint64_t              fingerprint = 0;
    std::string_view           schema;
    when_lost                  then = when_lost::reconnect;
    bool                       open = false;
    bool                       refused = false;  // nobody was there: it is asked for again
    bool                       again = false;    // a timer does that
    std::uint64_t              taken = 0;        // bytes out of the outbox
    std::uint64_t              counted = 0;      // messages of the outbox when the connection began
    std::uint64_t              confirmed = 0;  // of those since: the other side has handed them on
    std::uint64_t              framed = 0;     // messages of the outbox that are frames of a link
    std::optional<reply<void>> room;           // the proxy waits for it
};

/// An actor here that is reached from there. It lives until its inlet is known to have ended.
struct in_channel {
    in_channel*   next = nullptr;
    std::uint64_t id = 0;
    served_peer   peer;
    std::uint64_t held = 0;    // bytes that have come, and were not granted again yet
    std::uint32_t unsaid = 0;  // of those: handed on
    std::uint64_t messages = 0;
    std::uint64_t owed = 0;  // asks that are not answered yet

    any_ref const& inlet() const noexcept { return peer.who.inlet; }
};

/// A channel that the other side wants, when what an earlier connection has brought for the same
/// actor is handed on.
struct wanted_channel {
    any_ref       behind;  // the inlet that hands it on
    std::uint32_t id = 0;
    std::uint64_t fingerprint = 0;
    std::string   key;
};

/// A template, though there is one `Wire` only: what a program does not use of it is not compiled.
template <class Wire>
class basic_link {
public:
    static constexpr std::string_view shown_as = "troupe::link";
    using protocol =
        troupe::protocol<void(io_ready), void(look_again), void(pulse), void(flush_frames),
                         void(open_channel), void(outbox_ready), void(end_channel),
                         void(reopen_channel), void(await_room), void(outgoing),
                         void(inlet_progress), void(inlet_ended), void(inlet_fault), void(adopt),
                         void(close_link), void(replaced), connect_result(await_connection),
                         link_status(get_link_status), drain_report(drain_link)>;
    using mailbox_type = unbounded_mailbox;  // bounded by the windows of the channels

    /// One that connects to `to`.
    basic_link(node_handle node, endpoint const& to) : node_(std::move(node)), to_(to) {}
    /// One that is accepted.
    explicit basic_link(node_handle node)
        : node_(std::move(node)), accepted_(true), state_(link_state::connecting) {}
    ~basic_link();

    void stopping(context<basic_link>& self);
    /// What it was still to be told is nobody's loss: no dead letters.
    template <class Message>
    void hand_back(Message&& message) noexcept {
        if constexpr (std::is_same_v<std::remove_cvref_t<Message>, open_channel>) {
            // Its reference would wait for ever.
            message.box->phase.store(channel_phase::down, memory_order_release);  // release: pass()
            static_cast<void>(deliver_by<channel_news>(
                ref_access::cell_of(message.proxy), message.proxy.identity(), send_mode::internal,
                never, channel_news{channel_news::kind::lost, "the connection has ended"}));
        }
    }

    void on(adopt&& made, context<basic_link>& self);
    void on(io_ready, context<basic_link>& self);
    void on(look_again, context<basic_link>& self);
    void on(pulse, context<basic_link>& self);
    void on(flush_frames, context<basic_link>& self);
    void on(close_link, context<basic_link>& self);
    void on(replaced, context<basic_link>& self);
    // channels from here
    void on(open_channel&& asked, context<basic_link>& self);
    void on(outbox_ready ready, context<basic_link>& self);
    void on(end_channel ended, context<basic_link>& self);
    void on(reopen_channel again, context<basic_link>& self);
    void on(await_room waits, reply<void> answer);
    // channels to here
    void on(outgoing&& frame, context<basic_link>& self);
    void on(inlet_progress done, context<basic_link>& self);
    void on(inlet_ended const& gone, context<basic_link>& self);
    void on(inlet_fault const& fault);
    void on(terminated const& gone, context<basic_link>& self);
    // for people
    void        on(await_connection, context<basic_link>& self, reply<connect_result> answer);
    link_status on(get_link_status, context<basic_link>& self);
    void        on(drain_link drain, context<basic_link>& self, reply<drain_report> answer);

private:
    using self_type = context<basic_link>;
    static constexpr std::size_t read_bytes = block_bytes_max - sizeof(wire_chunk);
    static constexpr int         reads_max = 8;  // in one turn
    static constexpr std::size_t gathered_max = 64;
    static constexpr std::size_t flush_bytes = 1u << 16;  // worth a call of the system by itself
    static constexpr std::size_t answers_max = 1u << 20;  // bytes that wait for who does not read

    // link_life.hpp
    void enter(self_type& self, link_state next) noexcept;
    void tell_state() noexcept;
    void connect(self_type& self);
    bool wish_connection(self_type& self);
    void go_on(self_type& self);
    void shake_hands(self_type& self);
    void greeted(self_type& self, hello const& theirs);
    void lose(self_type& self, transport_error const& why, std::string_view words,
              log_event as = log_event::link_down);
    void refuse(self_type& self, frame_fault const& fault);
    void end_session(self_type& self, std::string_view words);
    void tell_connected(connect_result const& what);
    void say_goodbye(self_type& self, std::string_view words, goodbye why = goodbye::in_order);
    bool needed() const noexcept { return out_.size() != 0 || !awaiting_.empty(); }
    void watch_deadlines(self_type& self);
    void catch_up(self_type& self);
    void arm(self_type& self);
    bool arm_pulse(self_type& self);
    void stop_when_empty(self_type& self);
    void retire(self_type& self);
    void tell(log_event what, std::string_view words) noexcept;
    void count(metric what, std::uint64_t n, std::string_view label = {}) noexcept;
    /// Which link, for the numbers. Those that are accepted are one: their peers are any number.
    std::string_view label() const noexcept {
        return accepted_ ? std::string_view{"accepted"} : std::string_view{numbers_.peer};
    }

    /// Which connection of this link it is: what inlets of an earlier one say does not count.
    std::uint32_t session() const noexcept { return static_cast<std::uint32_t>(numbers_.connects); }

    // link_drain.hpp
    void begin_drain(self_type& self);
    bool holds_back() const;
    void finish_when_drained(self_type& self);
    void finish_drain(self_type& self, bool in_time);

    // link_io.hpp
    void read(self_type& self);
    bool make_room(self_type& self);
    void parse(self_type& self);
    void take_frame(self_type& self, frame const& f);
    void hand_run(self_type& self, std::uint32_t channel, std::uint64_t asks, std::size_t begin,
                  std::size_t end);
    void write(self_type& self);
    void push(self_type& self, wire_slice bytes, std::uint64_t frames = 1);
    void note_answers(std::size_t more, std::size_t fewer) noexcept;
    template <class Put>
    void push_frame(self_type& self, frame_kind kind, Put const& put);

    // link_channels.hpp: references from here
    void announce(self_type& self, out_channel& c);
    void opened_by_peer(self_type& self, byte_reader& from);
    void granted_by_peer(byte_reader& from);
    void refused_by_peer(self_type& self, byte_reader& from);
    void ended_by_peer(self_type& self, byte_reader& from);
    void nobody_there(self_type& self, out_channel& c, channel_news::kind what, std::string words,
                      bool final);
    void ask_again(self_type& self, out_channel& c);
    void end_reference(self_type& self, std::uint64_t id);
    void collect(self_type& self, out_channel& c);
    void push_what_fits(self_type& self, out_channel& c, wire_slice const& slice,
                        std::vector<std::uint64_t>& refused);
    void discard(out_channel& c, ask_errc why = ask_errc::link_lost) noexcept;
    void release(out_channel& c) noexcept;
    void news(self_type& self, out_channel& c, channel_news::kind what, std::string words,
              bool final = false);
    void answered_by_peer(self_type& self, byte_reader& from);
    void fail_pending(pending_ask& p, std::string_view words);
    void end_pending(pending_ask& p, ask_errc why) noexcept;
    /// As much of some words as a frame has room for that has `fixed` bytes besides them.
    std::string_view fitting(std::string_view words, std::size_t fixed) const noexcept {
        return words.substr(0, peer_frame_max_ > fixed ? peer_frame_max_ - fixed : 0);
    }

    // link_inlets.hpp: actors here that are reached from there
    void open_for_peer(self_type& self, byte_reader& from);
    void open_inlet(self_type& self, std::uint32_t id, std::uint64_t fingerprint,
                    std::string_view key);
    bool await_earlier(self_type& self, std::uint32_t id, std::uint64_t fingerprint,
                       std::string_view key);
    void open_wanted(self_type& self, any_ref const& behind);
    void refuse_channel(self_type& self, std::uint32_t id, refusal why, std::string_view schema);
    void closed_by_peer(self_type& self, byte_reader& from);
    void dismiss(self_type& self, in_channel& c) noexcept;
    void part_with(in_channel& c) noexcept;
    static void nudge(in_channel const& c) noexcept;
    void        forget(in_channel& c) noexcept;
    void tell_ended(self_type& self, std::uint64_t id, std::uint8_t how, std::string_view words);
    void note_unused(self_type& self);
    void push_small_answer(self_type& self, wire_slice const& large);
    void grant(self_type& self, in_channel& c);

    node_handle node_;
    endpoint    to_;
    bool        accepted_ = false;
    link_state  state_ = link_state::idle;

    // The connection, and what is on its way.
    wire_holder  wire_;
    bool         established_ = false;  // the transport says so
    wire_chunk*  in_ = nullptr;
    std::size_t  filled_ = 0;
    std::size_t  parsed_ = 0;
    slice_queue  queue_;
    std::size_t  queued_bytes_ = 0;
    std::size_t  answers_bytes_ = 0;  // of those
    atomic<bool> unread_{false};      // too many of them
    bool         flush_asked_ = false;
    std::string  peer_name_;

    // Deadlines, on the system's clock; never: not armed.
    time_point    connect_by_ = never;
    time_point    greet_by_ = never;
    time_point    heard_ = {};
    time_point    said_ = {};
    time_point    stalled_ = never;  // since when the other side takes nothing
    time_point    unused_ = never;   // since when nobody needs it
    time_point    retry_at_ = never;
    time_point    drain_by_ = never;
    time_point    up_since_ = {};
    time_point    made_at_ = {};  // the connection; its handshake begins
    time_point    armed_ = never;
    timer         alarm_;
    timer         pulse_;
    duration      peer_heartbeat_{};
    unsigned      failures_ = 0;  // in a row
    std::uint32_t peer_frame_max_ = 0;
    std::uint64_t peer_node_ = 0;

    id_map<out_channel>                out_;
    id_map<in_channel>                 in_channels_;
    id_map<in_channel>                 leaving_;  // by inlet: they still hand something on
    std::vector<wanted_channel>        wanted_;
    id_map<pending_ask>                asks_;
    std::vector<reply<connect_result>> awaiting_;
    std::vector<reply<drain_report>>   draining_;
    drain_report                       drained_;
    bool                               parting_ = false;    // everything is said; not yet heard
    bool                               finishing_ = false;  // the drain
    bool                               ending_ = false;     // the node ends
    std::uint64_t owed_ = 0;  // asks of the other side that are not answered yet

    link_status   numbers_;
    std::uint64_t frames_told_ = 0;  // of frames_sent
    std::uint64_t chance_ = 0;
    std::uint64_t kept_ = 0;  // promises, of those who got this link from the node
};

template <class Wire>
template <class Put>
void basic_link<Wire>::push_frame(self_type& self, frame_kind kind, Put const& put) {
    for (std::size_t room = 64;;) {
        wire_chunk* const chunk = wire_chunk::take(node_->home, room);
        if (chunk == nullptr) {
            lose(self, {transport_errc::no_resources}, "no memory for a frame");
            return;
        }
        frame_writer f{{chunk->data(), chunk->room()}, kind};
        put(f.body());
        std::size_t const end = f.end();
        wire_slice        slice{chunk, 0, end};
        if (end > chunk->room()) {
            room = end;
            continue;
        }
        if (kind == frame_kind::answer) slice.mark_answer();
        push(self, std::move(slice));
        return;
    }
}

using link_actor = basic_link<wire>;

}  // namespace troupe::inline TROUPE_ABI::detail
