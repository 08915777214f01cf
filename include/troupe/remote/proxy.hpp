// SPDX-License-Identifier: BSL-1.0
#pragma once

// A remote actor, here: an actor with the same protocol that encodes what it is sent and gives it
// to its link. Its mailbox bounds what waits for the other side, and mutes who sends too much.
// More: docs/design/0009-plug-in-points-and-remoting.md

#include <coroutine>
#include <cstdint>
#include <exception>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

#include "troupe/actor/turn.hpp"
#include "troupe/message/binary_codec.hpp"
#include "troupe/message/fingerprint.hpp"
#include "troupe/remote/channel.hpp"
#include "troupe/remote/frame.hpp"
#include "troupe/remote/node_core.hpp"

namespace troupe::inline TROUPE_ABI {

/// What a handler in another process has thrown, as far as it can be told here: `what()` are its
/// words. Where an error is part of what an actor promises, let it be a value of the reply type.
class remote_failure : public std::exception {
public:
    explicit remote_failure(std::string words) noexcept : words_(std::move(words)) {}
    char const* what() const noexcept override { return words_.c_str(); }

private:
    std::string words_;
};

/// Asks a remote reference whether somebody is behind it: `node.resolution_of(ref)`.
/// What is known now: it does not wait for the answer of the other side.
struct resolution {
    bool        open = false;
    std::string words{};  ///< why not: refused, not connected yet, another protocol
};

/// Asks a proxy for that.
struct get_resolution {};

namespace detail {

/// What a proxy knows of one message of its protocol.
struct proxy_row {
    std::uint32_t id;       // of the message here
    std::uint32_t wire_id;  // there
    void (*encode)(void const* message, byte_writer& to) noexcept;
    pending_ask::decoder decode;  // null: the reply is nothing
};

template <class Codec, class Message>
void encode_message(void const* message, byte_writer& to) noexcept {
    Codec{}.encode(*static_cast<Message const*>(message), to);
}
/// False: the bytes are no such value, and nothing was built.
template <class Codec, class Reply>
bool decode_reply(byte_reader& from, void* value) noexcept {
    static_assert(std::is_nothrow_move_constructible_v<Reply>,
                  "troupe: a reply that comes from another process must be nothrow move "
                  "constructible");
    result<Reply, codec_error> decoded = decode_whole<Reply>(Codec{}, from.rest());
    if (!decoded) return false;
    new (value) Reply(static_cast<Reply&&>(*decoded));
    return true;
}
template <class Codec, class Reply>
consteval pending_ask::decoder decoder_of() {
    if constexpr (std::is_void_v<Reply>) return nullptr;
    else return &decode_reply<Codec, Reply>;
}

/// What a proxy is made with.
struct proxy_setup {
    core*            home = nullptr;
    cell*            link = nullptr;
    std::uint64_t    link_incarnation = 0;
    std::uint32_t    channel = 0;
    std::uint32_t    frame_max = 0;
    std::uint32_t    window = 0;  // what may gather before the channel is open
    std::string      key;
    std::uint64_t    fingerprint = 0;
    std::string_view schema;
    when_lost        then = when_lost::reconnect;
    bool             promised = false;  // as of open_channel
};

/// The part of a proxy that is the same for all protocols.
class proxy_base {
public:
    explicit proxy_base(proxy_setup const& setup) : setup_(setup) {
        box_ = outbox_handle{outbox::make(*setup.home)};
        // relaxed: nobody else knows it yet
        if (box_) {
            box_->granted.store(setup.window < outbox::unopened_max ? setup.window
                                                                    : outbox::unopened_max,
                                memory_order_relaxed);
        }
    }
    ~proxy_base() {
        any_ref const link = ref_access::make<any_ref>(*setup_.link, setup_.link_incarnation);
        if (lives(link)) static_cast<void>(tell(end_channel{setup_.channel}));
    }
    proxy_base(proxy_base const&) = delete;
    proxy_base& operator=(proxy_base const&) = delete;

    /// Tells the link; false: it has ended, or there was no memory.
    bool begin(any_ref self) {
        if (!box_) return false;
        return tell(open_channel{setup_.channel, box_, self, setup_.key, setup_.fingerprint,
                                 setup_.schema, setup_.then, setup_.promised});
    }

    /// A message of the protocol.
    /// `Never` is void: a template, so that who has no remote actors does not compile it.
    template <class Never>
    ending pass(cell& c, worker& w, node& n, proxy_row const& row) noexcept;
    ending hear(cell& c, worker& w, channel_news& news) noexcept;
    void   answer_resolution(worker& w, node& n) noexcept;

private:
    template <class Message>
    bool tell(Message&& message) noexcept {
        return deliver_by<Message>(setup_.link, setup_.link_incarnation, send_mode::internal, never,
                                   static_cast<Message&&>(message))
                   .status() == send_status::accepted;
    }
    std::size_t encode(node& n, proxy_row const& row, std::uint64_t ask,
                       std::uint32_t left_ms) noexcept;
    bool        pass_ask(cell& c, worker& w, node& n, proxy_row const& row) noexcept;
    ending      lose(worker& w, node& n, ask_errc why) noexcept;
    template <class Never>
    task<Never> room();
    template <class Never>
    ending wait_for_room(cell& c, worker& w) noexcept;

    proxy_setup   setup_;
    outbox_handle box_;
    std::uint64_t asks_ = 0;
    std::string   words_ = "not connected yet";
    bool          said_refused_ = false;
};

template <class Protocol, class Codec>
struct proxy_table;
template <class... Replies, class... Messages, class Codec>
struct proxy_table<protocol<Replies(Messages)...>, Codec> {
    static constexpr proxy_row rows[] = {{type_hash<Messages>, wire_id<Messages>,
                                          &encode_message<Codec, Messages>,
                                          decoder_of<Codec, Replies>()}...};
};

template <class Protocol>
struct with_channel_messages;
template <class... Signatures>
struct with_channel_messages<protocol<Signatures...>> {
    using type = protocol<Signatures..., void(channel_news), resolution(get_resolution)>;
};

}  // namespace detail

/// See the head of this file. `node::resolve` makes it.
template <class Protocol, class Codec>
class remote_actor : public detail::proxy_base {
public:
    static constexpr std::string_view shown_as = "troupe::remote_actor";
    using protocol = typename detail::with_channel_messages<Protocol>::type;
    using envelope_type = with_correlation;  // it goes over the wire
    using detail::proxy_base::proxy_base;
    void started(context<remote_actor>& self) {
        if (!begin(self.ref()))
            self.fail("remote: the connection has ended, or there is no memory for the channel");
    }
};

namespace detail {

template <class Protocol, class Codec, class... Signatures>
struct handlers_of<remote_actor<Protocol, Codec>, protocol<Signatures...>> {
    static ending handle(cell& c, worker& w, node& n, message_info const& info) noexcept {
        auto& actor = *static_cast<remote_actor<Protocol, Codec>*>(c.body);
        for (proxy_row const& row : proxy_table<Protocol, Codec>::rows) {
            if (row.id == info.id) return actor.template pass<void>(c, w, n, row);
        }
        if (info.id == type_hash<channel_news>) {
            return actor.hear(c, w, n.message_as<channel_news>());
        }
        actor.answer_resolution(w, n);
        return ending::done;
    }
};
/// A proxy waits for room as a coroutine handler would.
struct proxy_fiber;
template <>
struct handlers_of<proxy_fiber, void> {
    static ending begin(cell& c, worker& w, task<void> started) noexcept {
        if (!started.handle_) return ending::done;
        fiber& f = run_as_fiber(started.handle_);
        if (f.done() || f.failed) return ending::done;
        started.handle_ = nullptr;  // the cell owns it now
        f.conclude = [](cell&, worker&, fiber& ended) noexcept {
            // Whatever came of it: the message was written before.
            task<void> const whole{
                std::coroutine_handle<promise_of<void>>::from_address(ended.outermost.address())};
        };
        c.awaiting = &f;
        w.counters.suspended.add(1);
        return ending::suspended;
    }
};

/// Encodes a message at the end of the outbox, where nobody sees it yet; gives the bytes of its
/// frame, or 0: it is too large, or there is no memory.
inline std::size_t proxy_base::encode(node& n, proxy_row const& row, std::uint64_t ask,
                                      std::uint32_t left_ms) noexcept {
    correlation_id const belongs = correlation_of(n);
    for (std::size_t least = 64;;) {
        std::span<std::byte> const place = box_->place(least);
        if (place.empty()) return 0;
        frame_writer f{place, ask == 0 ? frame_kind::message : frame_kind::ask,
                       belongs ? frame_correlated : std::uint8_t{0}};
        write_number(f.body(), setup_.channel);
        write_number(f.body(), row.wire_id);
        if (ask != 0) {
            write_number(f.body(), ask);
            write_number(f.body(), left_ms);
        }
        if (belongs) {
            write_number(f.body(), belongs.high);
            write_number(f.body(), belongs.low);
        }
        row.encode(n.message(), f.body());
        std::size_t const end = f.end();
        if (end - 4 > setup_.frame_max) return 0;
        if (end <= place.size()) return end;
        least = end;
    }
}

template <class Never>
ending proxy_base::pass(cell& c, worker& w, node& n, proxy_row const& row) noexcept {
    // acquire: pairs with the link
    channel_phase const phase = box_->phase.load(memory_order_acquire);
    if (phase == channel_phase::down) return lose(w, n, ask_errc::link_lost);
    if (phase == channel_phase::nobody || phase == channel_phase::draining) {
        return lose(w, n, ask_errc::target_gone);
    }
    if (n.reply == nullptr) {
        std::size_t const bytes = encode(n, row, 0, 0);
        if (bytes == 0) return lose(w, n, ask_errc::refused);
        box_->add(bytes);
    } else if (!pass_ask(c, w, n, row)) {
        return lose(w, n, ask_errc::refused);
    }
    if (box_->must_tell() && !tell(outbox_ready{setup_.channel})) box_->not_told();
    return box_->is_over() ? wait_for_room<Never>(c, w) : ending::done;
}

/// The same for one that wants an answer. False: it cannot be sent.
inline bool proxy_base::pass_ask(cell& c, worker& w, node& n, proxy_row const& row) noexcept {
    reply_slot&         slot = *n.reply;
    std::uint64_t const ask = (std::uint64_t{setup_.channel} << 32) | (++asks_ & 0xffffffffu);
    std::uint32_t       left_ms = 0;
    if (slot.timed) {
        duration const left = slot.expiry.deadline - w.owner.now();
        auto const     ms = left.count() / 1'000'000;
        left_ms = ms < 1 ? 1 : ms > INT32_MAX ? 0 : static_cast<std::uint32_t>(ms);
    }
    std::size_t const bytes = encode(n, row, ask, left_ms);
    pending_ask*      pending = nullptr;
    if (bytes == 0 || (pending = pending_ask::make(w.owner)) == nullptr) return false;
    n.reply = nullptr;
    pending->id = ask;
    pending->channel = setup_.channel;
    pending->slot = &slot;
    pending->decode = row.decode;
    // Who waits for it waits for another process from here on: no cycle can be proved through it.
    // seq_cst: as in reply_access::take()
    slot.deferred.store(true, memory_order_seq_cst);
    if ((slot.state.load(memory_order_seq_cst) & reply_slot::asker_waits) != 0 &&
        slot.asker != nullptr) {
        core::drop_edge(slot, c);
    }
    // The link finds the ask before it can have sent the frame.
    box_->add(*pending);
    box_->add(bytes);
    return true;
}

/// The message is not sent: it is counted, and its asker told.
TROUPE_COLD inline ending proxy_base::lose(worker& w, node& n, ask_errc why) noexcept {
    if (reply_slot* const slot = std::exchange(n.reply, nullptr)) {
        w.owner.finish(&w, *slot, reply_slot::error(why));
    }
    box_->lost.fetch_add(1, memory_order_relaxed);  // relaxed: a number
    w.owner.count(metric::link_dropped_messages, why == ask_errc::link_lost     ? "down"
                                                 : why == ask_errc::target_gone ? "nobody"
                                                                                : "size");
    // A link that had no memory for its alarm sets it when it is told something.
    if (why == ask_errc::link_lost && box_->must_tell() && !tell(outbox_ready{setup_.channel})) {
        box_->not_told();
    }
    if (why == ask_errc::refused && !said_refused_) {
        said_refused_ = true;
        w.owner.say(log_level::warning,
                    "message not sent: it is larger than link_options::frame_max, or there is no "
                    "memory",
                    nullptr, {{"message", n.info->name}, {"key", setup_.key}});
    }
    return ending::done;
}

/// Suspends the proxy as a handler that awaits would: its mailbox fills meanwhile.
template <class Never>
TROUPE_COLD ending proxy_base::wait_for_room(cell& c, worker& w) noexcept {
    return handlers_of<proxy_fiber, void>::begin(c, w, room<Never>());
}
template <class Never>
task<Never> proxy_base::room() {
    using room_request = request<void, await_room, built::in_place>;
    while (box_->is_over()) {
        // acquire: pairs with the link
        channel_phase const phase = box_->phase.load(memory_order_acquire);
        if (phase != channel_phase::opening && phase != channel_phase::open) co_return;
        // Its end is waited for, not looked at: a failure ends the wait as well.
        co_await room_request{setup_.link, setup_.link_incarnation, std::in_place, setup_.channel};
    }
}

/// What has become of the channel, for those who ask, and, of a reference that does not outlive its
/// connection, its end.
TROUPE_COLD inline ending proxy_base::hear(cell& c, worker& w, channel_news& news) noexcept {
    words_ = std::move(news.words);
    bool const lost =
        news.what == channel_news::kind::lost || news.what == channel_news::kind::ended;
    bool const for_good = news.what == channel_news::kind::refused && news.final;
    if (for_good || (lost && setup_.then == when_lost::end)) {
        w.owner.fail(w, c, {.who = c, .where = failed_in::handler, .words = words_}, true);
    }
    return ending::done;
}

TROUPE_COLD inline void proxy_base::answer_resolution(worker& w, node& n) noexcept {
    if (n.reply == nullptr) return;
    // acquire: pairs with the link. What it has said since may still be on its way.
    bool const open = box_->phase.load(memory_order_acquire) == channel_phase::open;
    new (n.reply->value()) resolution{open, open ? std::string{} : words_};
    w.owner.finish(&w, *std::exchange(n.reply, nullptr), reply_slot::answered);
}

}  // namespace detail
}  // namespace troupe::inline TROUPE_ABI
