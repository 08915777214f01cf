// SPDX-License-Identifier: BSL-1.0
#pragma once

// Where messages from another process come in for one actor: an actor of its own, so that a full
// mailbox holds nobody but those who send to it. It decodes what its link has cut out of the
// stream, sends it on, and says how much it has sent on. Answers go back past it.
// More: docs/design/0009-plug-in-points-and-remoting.md

#include <cstdint>
#include <exception>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

#include "troupe/actor/context.hpp"
#include "troupe/actor/delivery.hpp"
#include "troupe/actor/request.hpp"
#include "troupe/actor/terminated.hpp"
#include "troupe/mailbox/policies.hpp"
#include "troupe/message/binary_codec.hpp"
#include "troupe/message/fingerprint.hpp"
#include "troupe/remote/channel.hpp"
#include "troupe/remote/frame.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// How an ask has ended, on the wire: 0 answered, else 1 + ask_errc.
inline constexpr std::uint8_t answer_ok = 0;
constexpr std::uint8_t        answer_status(ask_errc code) noexcept {
    return static_cast<std::uint8_t>(1 + static_cast<std::uint8_t>(code));
}

/// Where answers go: the link, as long as it is the one that has brought the ask.
struct answer_route {
    cell*         link = nullptr;
    std::uint64_t incarnation = 0;
    std::uint32_t channel = 0;
    std::uint32_t session = 0;  // which connection of the link
    cell*         inlet = nullptr;
    std::uint64_t inlet_incarnation = 0;
};

/// Builds a frame in a chunk of its own and gives it to the link. `put` writes the body, and is
/// called again when the first place was too small. False: nobody is there, or there is no memory.
template <class Put>
bool send_to_link(answer_route const& to, frame_kind kind, std::size_t first_guess,
                  Put const& put) noexcept {
    visit const here{to.link, to.incarnation};
    core* const home = here.system();
    if (home == nullptr || here.refusal() != send_status::accepted) return false;
    for (std::size_t room = first_guess;;) {
        wire_chunk* const chunk = wire_chunk::take(*home, room);
        if (chunk == nullptr) return false;
        frame_writer frame{{chunk->data(), chunk->room()}, kind};
        put(frame.body());
        std::size_t const end = frame.end();
        wire_slice        slice{chunk, 0, end};
        if (end > chunk->room()) {
            room = end;
            continue;
        }
        return deliver_by<outgoing>(to.link, to.incarnation, send_mode::internal, never,
                                    outgoing{std::move(slice), to.channel, to.session})
                   .status() == send_status::accepted;
    }
}

/// Sends an answer. One for which there is no memory would be waited for: then the whole channel
/// ends, which takes none, and with it all that was asked through it.
template <class Put>
void answer(answer_route const& to, std::size_t first_guess, Put const& put) noexcept {
    if (send_to_link(to, frame_kind::answer, first_guess, put)) return;
    // acquire: as everybody who asks whether an actor lives. All asks of a link that has gone have
    // ended.
    if (to.link->incarnation.load(memory_order_acquire) != to.incarnation) return;
    visit const here{to.inlet, to.inlet_incarnation};
    if (here.system() != nullptr) {
        here.system()->request_stop(here.on(), *to.inlet, to.inlet_incarnation);
    }
}

/// An answer that is not a value. `words` are for people.
TROUPE_COLD inline void answer_with(answer_route const& to, std::uint64_t ask, ask_errc code,
                                    std::string_view words) noexcept {
    if (words.size() > 1024) words = words.substr(0, 1024);
    answer(to, 64 + words.size(), [&](byte_writer& body) {
        write_number(body, to.channel);
        write_number(body, ask);
        write_number(body, answer_status(code));
        write_text(body, words);
    });
}

/// The words of an exception that a handler has thrown.
TROUPE_COLD inline std::string words_of([[maybe_unused]] std::exception_ptr const& thrown) {
#if TROUPE_HAS_EXCEPTIONS
    if (thrown) {
        try {
            std::rethrow_exception(thrown);
        } catch (std::exception const& e) { return e.what(); } catch (...) {
        }
    }
#endif
    return {};
}

/// Behind the value of a slot: takes the outcome of an ask back to the other process.
struct answer_relay : relay {
    answer_route  route;
    std::uint64_t ask = 0;
    void (*encode)(void const* value, byte_writer& to) noexcept = nullptr;  // null: no value

    static void pass(core& home, worker* w, reply_slot& slot, relay& self) noexcept {
        auto&               me = static_cast<answer_relay&>(self);
        std::uint32_t const state =
            reply_slot::outcome(slot.state.load(memory_order_acquire));  // acquire: the value
        if (state == reply_slot::answered) {
            answer(me.route, 64, [&](byte_writer& body) {
                write_number(body, me.route.channel);
                write_number(body, me.ask);
                write_number(body, answer_ok);
                if (me.encode != nullptr) me.encode(slot.value(), body);
            });
        } else {
            auto const  code = static_cast<ask_errc>(state - reply_slot::first_error);
            std::string words;
            if (code == ask_errc::failed) {
                TROUPE_TRY { words = words_of(*static_cast<std::exception_ptr*>(slot.value())); }
                TROUPE_CATCH_ALL {}
            }
            answer_with(me.route, me.ask, code, words);
        }
        home.leave_slot(w, slot, true);
    }
};

/// One message that has come: what a row of a table needs to hand it on.
struct arrival {
    cell*          target;
    std::uint64_t  incarnation;
    answer_route   route;
    std::uint64_t  ask = 0;  // 0: nobody waits
    correlation_id correlation{};
};

/// What an inlet knows of one message of its actor's protocol.
struct inlet_row {
    std::uint32_t    wire_id;
    std::string_view message;
    /// Decodes and sends. `error` says what was wrong, and then nothing was sent.
    bool (*hand_on)(arrival const& what, byte_reader& from, codec_error& error);
};

template <class Reply, class Codec>
void encode_reply(void const* value, byte_writer& to) noexcept {
    Codec{}.encode(*static_cast<Reply const*>(value), to);
}

/// Sends a decoded message with a slot whose outcome goes back over the wire.
template <class Reply, class Message, class Codec>
void ask_for_peer(arrival const& what, Message&& message) {
    visit here{what.target, what.incarnation};
    if (here.refusal() != send_status::accepted) {
        static_cast<void>(turn_away(here, info_of<Message>, what.incarnation));
        answer_with(what.route, what.ask, ask_errc::target_gone, {});
        return;
    }
    core&                 home = *here.system();
    constexpr std::size_t value_bytes = [] {
        std::size_t bytes = sizeof(std::exception_ptr);
        if constexpr (!std::is_void_v<Reply>) bytes = sizeof(Reply) > bytes ? sizeof(Reply) : bytes;
        return (bytes + 15) / 16 * 16;
    }();
    constexpr std::uint8_t slot_size =
        size_class_of(sizeof(reply_slot) + value_bytes + sizeof(answer_relay));
    static_assert(slot_size != no_size_class,
                  "troupe: the reply is too large to be sent to another process (32 KiB)");
    reply_slot* const slot = home.open_slot(here.on(), slot_size);
    node*             n = nullptr;
    if (slot != nullptr) {
        n = take_node(home, here.on(), *what.target, what.incarnation, info_of<Message>,
                      info_with_envelope<Message>);
    }
    if (n == nullptr) {
        if (slot != nullptr) home.free_slot(here.on(), *slot);
        static_cast<void>(count_unbuilt(here, *what.target, what.incarnation, info_of<Message>));
        answer_with(what.route, what.ask, ask_errc::pool_exhausted, {});
        return;
    }
    new (n->message()) Message(static_cast<Message&&>(message));
    correlate(*n, what.correlation);
    auto* const back = new (static_cast<std::byte*>(slot->value()) + value_bytes) answer_relay;
    back->pass_on = &answer_relay::pass;
    back->route = what.route;
    back->ask = what.ask;
    if constexpr (!std::is_void_v<Reply>) {
        back->encode = &encode_reply<Reply, Codec>;
        if constexpr (!std::is_trivially_destructible_v<Reply>) {
            slot->destroy_value = &destroy_value<Reply>;
        }
    }
    slot->request = &info_of<Message>;
    slot->pass_to(*back);
    n->reply = slot;
    static_cast<void>(submit_built(home, here.on(), *what.target, *n, send_mode::normal, never));
}

template <class Codec, class Reply, class Message>
bool hand_on(arrival const& what, byte_reader& from, codec_error& error) {
    static_assert(std::is_nothrow_move_constructible_v<Message>,
                  "troupe: a message that comes from another process must be nothrow move "
                  "constructible");
    result<Message, codec_error> decoded = decode_whole<Message>(Codec{}, from.rest());
    if (!decoded) {
        error = decoded.error();
        return false;
    }
    if (what.ask != 0) {
        ask_for_peer<Reply, Message, Codec>(what, static_cast<Message&&>(*decoded));
    } else if (what.correlation) {
        any_send letter{what.target, what.incarnation, info_of<Message>,
                        info_with_envelope<Message>};
        if (node* const n = letter.to()) {
            new (n->message()) Message(static_cast<Message&&>(*decoded));
            correlate(*n, what.correlation);
        }
        static_cast<void>(letter.submit(send_mode::normal, never));
    } else {
        static_cast<void>(
            deliver<Message>(what.target, what.incarnation, static_cast<Message&&>(*decoded)));
    }
    return true;
}

template <class Protocol, class Codec>
struct inlet_table;
template <class... Replies, class... Messages, class Codec>
struct inlet_table<protocol<Replies(Messages)...>, Codec> {
    static constexpr inlet_row rows[] = {
        {wire_id<Messages>, type_name<Messages>(), &hand_on<Codec, Replies, Messages>}...};
};

/// Bytes that the link has cut out of the stream: whole frames for this actor, one after the other.
struct inbound {
    wire_slice frames;
    time_point arrived;
};
/// There are more of them.
struct take_more {};

/// What an inlet is made with.
struct inlet_setup {
    any_ref          target;
    inlet_row const* rows = nullptr;
    std::size_t      row_count = 0;
    answer_route     route;
    std::uint32_t    window = 0;
    /// Of the link, which outlives its inlets: the other side asks, and does not read the answers.
    atomic<bool> const* unread = nullptr;
};

/// See the head of this file. Its link watches it: whatever ends it, the other side is told.
/// `Wire`: as of basic_link.
template <class Wire>
class basic_inlet {
public:
    static constexpr std::string_view shown_as = "troupe::inlet";
    using protocol = troupe::protocol<void(inbound), void(take_more), void(no_more)>;
    using mailbox_type = unbounded_mailbox;  // bounded by the window of the channel

    explicit basic_inlet(inlet_setup const& setup) noexcept : setup_(setup) {}

    void started(context<basic_inlet>& self) {
        setup_.route.inlet = ref_access::cell_of(any_ref{self.ref()});
        setup_.route.inlet_incarnation = self.ref().identity();
        if (self.watch(setup_.target) != watch_status::watching) {
            self.fail("remote: no memory to watch the actor");
        }
    }
    void on(inbound&& arrived, context<basic_inlet>& self) {
        if (!waiting_.push(std::move(arrived.frames))) {
            self.fail("remote: no memory for what has arrived");
            return;
        }
        arrived_ = arrived.arrived;
        if (!again_) take(self);
    }
    void on(take_more, context<basic_inlet>& self) {
        again_ = false;
        take(self);
    }
    /// Of an actor that has ended, or a connection that has gone: the other side counts them.
    template <class Message>
    void hand_back(Message&&) noexcept {}
    void on(no_more, context<basic_inlet>& self) {
        last_ = true;
        if (!again_) take(self);
    }
    void on(terminated const& gone, context<basic_inlet>& self) {
        if (last_) return self.stop();
        std::string words;
        if (gone.how == ended_by::failure) words = std::string{gone.why.what()};
        if (!tell(inlet_ended{setup_.route.channel, setup_.route.session, gone.how,
                              std::move(words)})) {
            self.stop();
        }
    }

private:
    static constexpr int batch = 64;  // so many are over the bound of a full mailbox at the most

    template <class Message>
    bool tell(Message&& message) noexcept {
        return deliver_by<Message>(setup_.route.link, setup_.route.incarnation, send_mode::internal,
                                   never, static_cast<Message&&>(message))
                   .status() == send_status::accepted;
    }
    void take(context<basic_inlet>& self);
    void hand_on_one(std::span<std::byte const> frame, context<basic_inlet>& self);

    void fault(arrival const& what, std::string_view words);

    inlet_setup   setup_;
    time_point    arrived_;  // of what has come last: an ask that waits here is no younger
    slice_queue   waiting_;
    std::uint64_t messages_ = 0;
    std::uint32_t unsaid_ = 0;  // bytes handed on since the last inlet_progress
    bool          again_ = false;
    bool          last_ = false;  // nothing comes behind what waits
};

/// When the mailbox of its actor is full the inlet is muted behind this, and goes on when there is
/// room.
template <class Wire>
void basic_inlet<Wire>::take(context<basic_inlet>& self) {
    for (int taken = 0; !waiting_.empty();) {
        if (taken == batch) {
            // Without memory for that it goes on at once.
            again_ = self.ref().try_send(take_more{}) == send_status::accepted;
            if (again_) break;
            taken = 0;
        }
        wire_slice&       first = waiting_[0];
        auto const        bytes = first.bytes();
        std::size_t const whole = std::size_t{4} + number_at(bytes.data());
        // relaxed: a hint. When it is over the link sends take_more.
        if (std::to_integer<std::uint8_t>(bytes[4]) == static_cast<std::uint8_t>(frame_kind::ask) &&
            setup_.unread->load(memory_order_relaxed)) {
            break;
        }
        hand_on_one(bytes.first(whole), self);
        ++taken;
        ++messages_;
        unsaid_ += static_cast<std::uint32_t>(whole);
        first.drop_front(whole);
        if (first.size() == 0) waiting_.pop();
    }
    if (unsaid_ >= setup_.window / 4 || (waiting_.empty() && unsaid_ != 0)) {
        // Without memory for it the link asks again with its next heartbeat.
        if (tell(inlet_progress{setup_.route.channel, setup_.route.session, unsaid_, messages_})) {
            unsaid_ = 0;
        }
    }
    if (last_ && waiting_.empty()) self.stop();
}

template <class Wire>
void basic_inlet<Wire>::hand_on_one(std::span<std::byte const> whole, context<basic_inlet>& self) {
    frame         f;
    arrival       what{ref_access::cell_of(setup_.target), setup_.target.identity(), setup_.route};
    std::uint32_t channel = 0;
    std::uint32_t id = 0;
    std::uint32_t left_ms = 0;
    static_cast<void>(split_frame(whole, f));  // the link has looked at it
    byte_reader from{f.body};
    bool        fine = read_number(from, channel) && read_number(from, id);
    if (f.kind == frame_kind::ask) {
        fine = fine && read_number(from, what.ask) && read_number(from, left_ms);
        if (left_ms != 0 && self.now() - arrived_ >= std::chrono::milliseconds{left_ms}) {
            // Whoever asked has given up: it is not begun any more.
            answer_with(what.route, what.ask, ask_errc::expired, {});
            return;
        }
    }
    if (fine && f.correlated) {
        fine = read_number(from, what.correlation.high) && read_number(from, what.correlation.low);
    }
    if (!fine) return fault(what, "frame: cut short");
    codec_error error;
    for (std::size_t i = 0; i < setup_.row_count; ++i) {
        inlet_row const& row = setup_.rows[i];
        if (row.wire_id != id) continue;
        if (row.hand_on(what, from, error)) return;
        error.type = row.message;
        return fault(what, codec_error_text{error}.view());
    }
    fault(what, codec_error_text::unknown_type_id(id).view());
}

/// Bytes that mean nothing: the message is dropped and counted, and the connection goes on.
template <class Wire>
TROUPE_COLD void basic_inlet<Wire>::fault(arrival const& what, std::string_view words) {
    if (what.ask != 0) answer_with(what.route, what.ask, ask_errc::refused, words);
    static_cast<void>(
        tell(inlet_fault{setup_.route.channel, setup_.route.session, std::string{words}}));
}

}  // namespace troupe::inline TROUPE_ABI::detail
