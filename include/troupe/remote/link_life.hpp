// SPDX-License-Identifier: BSL-1.0
#pragma once

// The states of a link: connecting, the handshake, deadlines, losing it and trying again, the end.

#include <algorithm>
#include <string>
#include <utility>

#include "troupe/config/assert.hpp"
#include "troupe/remote/link.hpp"
#include "troupe/supervision/backoff_delay.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// How a transport wakes a link. One that is gone is not told.
inline void wake_link(void* whom, std::uint64_t which) noexcept {
    auto& c = *static_cast<cell*>(whom);
    // acquire: as everybody who asks whether an actor lives
    if (c.incarnation.load(memory_order_acquire) != which) return;
    static_cast<void>(deliver_by<io_ready>(&c, which, send_mode::internal, never));
}
inline transport_signal signal_of(any_ref const& who) noexcept {
    return {&wake_link, ref_access::cell_of(who), who.identity()};
}

template <class Wire>
void basic_link<Wire>::enter(self_type& self, link_state next) noexcept {
    TROUPE_ASSERT(link_may_step(state_, next), "a link takes a step that is not in its table");
    bool const was_up = state_ == link_state::up;
    state_ = next;
    if (next == link_state::idle || next == link_state::closed) {
        if (pulse_) self.cancel(std::exchange(pulse_, {}));
    }
    if ((next == link_state::up) != was_up) { tell_state(); }
}

/// Of one that was accepted nobody misses it when it has gone.
template <class Wire>
void basic_link<Wire>::tell_state() noexcept {
    if (accepted_) return;
    node_->home.gauge(metric::link_state, label(), state_ == link_state::up ? 1 : 0);
}

template <class Wire>
TROUPE_COLD void basic_link<Wire>::tell(log_event what, std::string_view words) noexcept {
    node_->home.tell(what, {.who = this_thread.acting(),
                            .detail = words,
                            .fields = {{"peer", accepted_ ? peer_name_ : numbers_.peer}}});
}
template <class Wire>
void basic_link<Wire>::count(metric what, std::uint64_t n, std::string_view label) noexcept {
    node_->home.count(what, label, n);
}

/// Begins an attempt.
template <class Wire>
void basic_link<Wire>::connect(self_type& self) {
    if (numbers_.peer.empty()) {
        numbers_.peer = std::string{to_.text()};
        chance_ = self.ref().identity() * 0x9e3779b97f4a7c15u ^ node_->serial;
        tell_state();
    }
    enter(self, link_state::connecting);
    ++numbers_.attempts;
    if (numbers_.attempts > 1 || numbers_.connects != 0) count(metric::link_reconnects, 1, label());
    retry_at_ = never;
    unused_ = never;
    established_ = false;
    connect_by_ = self.now() + node_->options.connect_deadline;
    out_.for_each([](out_channel& c) {
        // release: pairs with the acquire in proxy_base::pass()
        c.box->phase.store(channel_phase::opening, memory_order_release);
    });
    if (!wish_connection(self)) {
        lose(self, {transport_errc::misused}, "the node has ended");
        return;
    }
    arm(self);
}
/// The node connects, and answers with `adopt`. False: it could not be told.
template <class Wire>
bool basic_link<Wire>::wish_connection(self_type& self) {
    cell&         me = *ref_access::cell_of(any_ref{self.ref()});
    connect_me    wish{to_, &me, self.ref().identity()};
    any_ref const node = node_->actor;
    return deliver_by<connect_me>(ref_access::cell_of(node), node.identity(), send_mode::internal,
                                  never, wish)
               .status() == send_status::accepted;
}

template <class Wire>
void basic_link<Wire>::on(adopt&& made, self_type& self) {
    if (state_ != link_state::connecting || wire_) return;  // too late: it closes by itself
    if (!made.made) {
        lose(self, made.why, made.why.detail);
        return;
    }
    wire_ = std::move(made.made);
    made_at_ = self.now();
    if (accepted_) {
        connect_by_ = self.now() + node_->options.connect_deadline;
        numbers_.attempts = 1;
    }
    go_on(self);
}

template <class Wire>
void basic_link<Wire>::on(io_ready, self_type& self) {
    if (wire_) go_on(self);
}

/// Whatever is possible now.
template <class Wire>
void basic_link<Wire>::go_on(self_type& self) {
    if (!established_) {
        result<bool, transport_error> const done = wire_->establish();
        if (!done) {
            lose(self, done.error(), done.error().detail);
            return;
        }
        if (!*done) {
            arm(self);
            return;
        }
        shake_hands(self);
    }
    read(self);
    if (wire_) write(self);
    if (wire_) arm(self);
}

/// The transport is ready: the first frame of each side says who it is.
template <class Wire>
void basic_link<Wire>::shake_hands(self_type& self) {
    established_ = true;
    connect_by_ = never;
    heard_ = said_ = self.now();
    // `never` would mean that it is over.
    greet_by_ =
        std::min(heard_ + node_->options.handshake_deadline, time_point{never.nanoseconds - 1});
    peer_name_ = std::string{wire_->peer_name()};
    if (node_->carries->secures()) {
        node_->home.sample(metric::tls_handshake_seconds, label(), heard_ - made_at_);
    }
    auto const heartbeat =
        std::chrono::duration_cast<std::chrono::milliseconds>(node_->options.heartbeat);
    push_frame(self, frame_kind::hello, [&](byte_writer& body) {
        write_hello(body,
                    {wire_version, wire_version, node_->serial, node_->options.frame_max,
                     static_cast<std::uint32_t>(heartbeat.count() < 1 ? 1 : heartbeat.count()),
                     node_->codec});
    });
}

/// The other side has said who it is.
template <class Wire>
void basic_link<Wire>::greeted(self_type& self, hello const& theirs) {
    frame_fault fault;
    if (theirs.codec != node_->codec) {
        std::snprintf(fault.text, sizeof fault.text, "handshake: codec %.24s there, %.24s here",
                      std::string{theirs.codec}.c_str(), std::string{node_->codec}.c_str());
        fault.reason = "codec";
        refuse(self, fault);
        return;
    }
    constexpr std::uint32_t least = 64;  // as of link_options::frame_max
    if (theirs.frame_max < least) {
        std::snprintf(fault.text, sizeof fault.text, "handshake: frames of %u bytes are too small",
                      static_cast<unsigned>(theirs.frame_max));
        fault.reason = "handshake";
        refuse(self, fault);
        return;
    }
    peer_heartbeat_ = std::chrono::milliseconds{theirs.heartbeat_ms == 0 ? 1 : theirs.heartbeat_ms};
    peer_frame_max_ = theirs.frame_max;
    peer_node_ = theirs.node;
    greet_by_ = never;
    up_since_ = self.now();
    enter(self, link_state::up);
    ++numbers_.connects;
    numbers_.attempts = 0;
    numbers_.peer_name = peer_name_;
    tell(log_event::link_up, accepted_ ? peer_name_ : numbers_.peer);
    out_.for_each([&](out_channel& c) { announce(self, c); });
    if (!wire_) return;  // there was no memory for it
    tell_connected({connect_status::established});
    if (!draining_.empty()) return begin_drain(self);
    if (!needed() && in_channels_.size() == 0) unused_ = up_since_;
}

inline connect_status connect_status_of(transport_errc code, bool established) noexcept {
    switch (code) {
        case transport_errc::refused: return connect_status::refused;
        case transport_errc::timed_out:
            return established ? connect_status::handshake_failed : connect_status::timed_out;
        case transport_errc::not_secure: return connect_status::handshake_failed;
        case transport_errc::closed:
        case transport_errc::reset:
            return established ? connect_status::handshake_failed : connect_status::refused;
        default: return connect_status::unreachable;
    }
}

template <class Wire>
void basic_link<Wire>::tell_connected(connect_result const& what) {
    // Who is told may ask again at once: not into the list that is read here.
    auto told = std::move(awaiting_);
    awaiting_.clear();
    for (reply<connect_result>& r : told) r(what);
}

/// The connection has gone, or was never there.
template <class Wire>
TROUPE_COLD void basic_link<Wire>::lose(self_type& self, transport_error const& why,
                                        std::string_view words, log_event as) {
    bool const  was_up = state_ == link_state::up || state_ == link_state::draining;
    std::string text{to_string(why.code)};
    if (!words.empty()) text.append(": ").append(words);
    numbers_.last_error = text;
    if (was_up) {
        if (!parting_) tell(as, text);
    } else {
        count(metric::link_connect_failures, 1, to_string(why.code));
        tell(why.code == transport_errc::not_secure && !established_ ? log_event::tls_failed
                                                                     : log_event::link_failed,
             text);
    }
    bool const stable = was_up && self.now() - up_since_ >= node_->options.backoff.reset_after;
    connect_status const status = connect_status_of(why.code, established_);
    end_session(self, text);
    if (finishing_ || !draining_.empty()) return finish_drain(self, parting_);
    if (accepted_) {
        enter(self, link_state::closed);
        stop_when_empty(self);
        return;
    }
    tell_connected({status, text});
    if (stable) failures_ = 0;
    // xorshift64 (G. Marsaglia, 2003)
    chance_ ^= chance_ << 13;
    chance_ ^= chance_ >> 7;
    chance_ ^= chance_ << 17;
    retry_at_ = self.now() + delay_of(node_->options.backoff, failures_++, chance_);
    enter(self, link_state::backing_off);
    arm(self);
}

/// Everything that was on the connection ends: each ask once, each channel told.
template <class Wire>
TROUPE_COLD void basic_link<Wire>::end_session(self_type& self, std::string_view words) {
    if (state_ == link_state::up || state_ == link_state::draining) {
        node_->home.sample(metric::link_uptime_seconds, {}, self.now() - up_since_);
    }
    if (wire_) wire_->close();
    wire_.reset();
    established_ = false;
    queue_.clear();
    queued_bytes_ = 0;
    note_answers(0, answers_bytes_);
    if (in_ != nullptr) std::exchange(in_, nullptr)->let_go();
    filled_ = parsed_ = 0;
    connect_by_ = greet_by_ = stalled_ = unused_ = never;
    out_.for_each([&](out_channel& c) {
        // release: pairs with the acquire in proxy_base::pass()
        c.box->phase.store(channel_phase::down, memory_order_release);
        discard(c);
        bool const was_open = std::exchange(c.open, false);
        c.refused = false;
        release(c);
        // A node that ends stops its references itself.
        if (!ending_ && (was_open || c.then == when_lost::end)) {
            news(self, c, channel_news::kind::lost, std::string{words});
        }
    });
    if (state_ == link_state::draining) drained_.abandoned += asks_.size() + owed_;
    asks_.take_if([](pending_ask const&) { return true; },
                  [&](pending_ask& p) { end_pending(p, ask_errc::link_lost); });
    in_channels_.take_if([](in_channel const&) { return true; },
                         [&](in_channel& c) { dismiss(self, c); });
    wanted_.clear();
    owed_ = 0;
}

/// The other side has broken the rules: it is told, and the connection ends.
template <class Wire>
TROUPE_COLD void basic_link<Wire>::refuse(self_type& self, frame_fault const& fault) {
    count(metric::link_frames_rejected, 1, fault.reason);
    tell(log_event::peer_refused, fault.text);
    say_goodbye(self, fault.text, goodbye::fault);
    if (!wire_) return;  // it was gone already
    lose(self,
         {established_ && state_ == link_state::connecting ? transport_errc::not_secure
                                                           : transport_errc::reset},
         fault.text);
}
template <class Wire>
TROUPE_COLD void basic_link<Wire>::say_goodbye(self_type& self, std::string_view words,
                                               goodbye why) {
    if (!wire_ || !established_) return;
    if (greet_by_ == never) words = fitting(words, 7);
    if (why == goodbye::in_order && greet_by_ == never) tell(log_event::link_closed, words);
    // It is written at once: nobody needs to be told of it.
    bool const asked = std::exchange(flush_asked_, true);
    push_frame(self, frame_kind::goodbye, [&](byte_writer& body) {
        write_text(body, words);
        write_number(body, static_cast<std::uint8_t>(why));
    });
    write(self);
    flush_asked_ = asked;
}

template <class Wire>
void basic_link<Wire>::on(look_again, self_type& self) {
    armed_ = never;
    watch_deadlines(self);
    if (state_ != link_state::closed) arm(self);
}

/// Where there was no memory for a signal, an alarm or a word, something stands still that nobody
/// else moves: so everything is looked at.
template <class Wire>
void basic_link<Wire>::on(pulse, self_type& self) {
    watch_deadlines(self);
    if (wire_) go_on(self);
    else if (state_ == link_state::connecting && !accepted_) wish_connection(self);
    if (state_ == link_state::up) catch_up(self);
    // Asks that have ended here meanwhile are not waited for any more.
    asks_.take_if([](pending_ask const& p) { return p.slot->finished(); },
                  [&](pending_ask& p) { end_pending(p, ask_errc::expired); });
    finish_when_drained(self);
    if (state_ != link_state::closed) arm(self);
}
template <class Wire>
void basic_link<Wire>::catch_up(self_type& self) {
    // Inlets that have not said what they have handed on, or were not told to go on.
    auto const take = [](in_channel const& c) {
        if (c.held > c.unsaid) nudge(c);
    };
    in_channels_.for_each(take);
    leaving_.for_each(take);
    // References that have frames, that have ended, or that were to be asked for again.
    out_.for_each([&](out_channel& c) {
        if (!wire_) return;
        if (!lives(c.proxy)) end_reference(self, c.id);
        else if (c.open) collect(self, c);
        else if (c.refused && !c.again) announce(self, c);
    });
    for (wanted_channel& w : std::exchange(wanted_, {})) {
        if (wire_) open_inlet(self, w.id, w.fingerprint, w.key);
    }
}

/// Which of the deadlines is over.
template <class Wire>
void basic_link<Wire>::watch_deadlines(self_type& self) {
    link_options const& o = node_->options;
    time_point const    now = self.now();
    if (now >= retry_at_) {
        retry_at_ = never;
        if (needed()) return connect(self);
        enter(self, link_state::idle);
        return retire(self);
    }
    if (now >= drain_by_) {
        finish_drain(self, false);
        return;
    }
    if (!wire_ && now >= connect_by_) {
        lose(self, {transport_errc::timed_out}, "connect deadline");
        return;
    }
    if (!wire_) return;
    if (!established_) {
        if (now >= connect_by_) lose(self, {transport_errc::timed_out}, "connect deadline");
        else go_on(self);  // perhaps the transport wants to be looked at
        return;
    }
    if (now >= greet_by_) {
        lose(self, {transport_errc::timed_out}, "handshake deadline");
        return;
    }
    if (wire_->look_at() <= now) {
        go_on(self);
        if (!wire_) return;
    }
    bool const up = greet_by_ == never;
    if (up && now - heard_ >= peer_heartbeat_ * static_cast<int>(o.heartbeats_missed_max)) {
        lose(self, {transport_errc::timed_out}, "no heartbeat");
        return;
    }
    if (stalled_ != never && now - stalled_ >= o.write_deadline) {
        lose(self, {transport_errc::timed_out}, "write deadline");
        return;
    }
    if (unused_ != never && o.idle_deadline.count() != 0 && now - unused_ >= o.idle_deadline) {
        say_goodbye(self, "idle");
        if (!wire_) return;  // it was gone already
        end_session(self, "idle");
        enter(self, accepted_ ? link_state::closed : link_state::idle);
        stop_when_empty(self);
        return retire(self);
    }
    if (up && now - said_ >= o.heartbeat) {
        push_frame(self, frame_kind::ping, [](byte_writer&) {});
        write(self);
    }
}

/// The alarm is set to the first deadline. One that moves away is looked at in vain once.
template <class Wire>
void basic_link<Wire>::arm(self_type& self) {
    if (!arm_pulse(self)) return;
    link_options const& o = node_->options;
    time_point          first = std::min({retry_at_, drain_by_, connect_by_, greet_by_});
    if (wire_) {
        first = std::min(first, wire_->look_at());
        if (established_ && greet_by_ == never) {
            first = std::min(first,
                             heard_ + peer_heartbeat_ * static_cast<int>(o.heartbeats_missed_max));
            first = std::min(first, said_ + o.heartbeat);
        }
        if (stalled_ != never) first = std::min(first, stalled_ + o.write_deadline);
        if (unused_ != never && o.idle_deadline.count() != 0) {
            first = std::min(first, unused_ + o.idle_deadline);
        }
    }
    if (first >= armed_) return;
    if (armed_ != never) self.cancel(alarm_);
    armed_ = first;
    time_point const now = self.now();
    alarm_ = self.after(first > now ? first - now : duration{0}, look_again{});
    if (!alarm_) armed_ = never;  // no memory: whatever comes next tries it again
}

/// False: there is no memory for it, and a connection without deadlines is none. (Who is backing
/// off without them is woken by those who want to send.)
template <class Wire>
bool basic_link<Wire>::arm_pulse(self_type& self) {
    if (pulse_ || state_ == link_state::idle || state_ == link_state::closed) return true;
    pulse_ = self.every(node_->options.heartbeat, pulse{});
    if (pulse_ || state_ == link_state::backing_off) return true;
    lose(self, {transport_errc::no_resources}, "no memory for a timer");
    return false;
}

template <class Wire>
TROUPE_COLD void basic_link<Wire>::on(replaced, self_type& self) {
    if (wire_) lose(self, {transport_errc::reset}, "the other side has connected anew");
}

template <class Wire>
void basic_link<Wire>::on(close_link, self_type& self) {
    self.stop();
}

template <class Wire>
void basic_link<Wire>::on(await_connection, self_type& self, reply<connect_result> answer) {
    ++kept_;
    if (state_ == link_state::up) {
        answer(connect_result{connect_status::established});
        return;
    }
    if (state_ == link_state::draining || state_ == link_state::closed) {
        answer(connect_result{connect_status::closed});
        return;
    }
    awaiting_.push_back(std::move(answer));
    if (state_ == link_state::idle) connect(self);
    else arm(self);
}

template <class Wire>
link_status basic_link<Wire>::on(get_link_status, self_type& self) {
    ++kept_;
    retire(self);
    link_status now = numbers_;
    now.state = state_;
    now.channels = out_.size();
    now.served = in_channels_.size();
    now.asks = asks_.size();
    // relaxed: numbers
    out_.for_each(
        [&](out_channel const& c) { now.not_sent += c.box->lost.load(memory_order_relaxed); });
    return now;
}

/// One that was accepted does not come back. What it has brought is still handed on.
template <class Wire>
void basic_link<Wire>::stop_when_empty(self_type& self) {
    if (accepted_ && state_ == link_state::closed && leaving_.size() == 0) self.stop();
}

/// Who wants to go there later gets another one.
template <class Wire>
void basic_link<Wire>::retire(self_type& self) {
    bool const unneeded = !accepted_ && state_ == link_state::idle && !needed() &&
                          in_channels_.size() == 0 && leaving_.size() == 0;
    if (unneeded && node_->retire_link(self.ref(), kept_)) self.stop();
}

template <class Wire>
void basic_link<Wire>::stopping(self_type& self) {
    ending_ = true;
    tell_connected({connect_status::closed, "the node ends"});
    if (wire_) {
        say_goodbye(self, "the node ends");
        if (wire_) end_session(self, "the node ends");
    }
    if (state_ != link_state::closed) enter(self, link_state::closed);
}

template <class Wire>
basic_link<Wire>::~basic_link() {
    if (in_ != nullptr) in_->let_go();
    asks_.take_if([](pending_ask const&) { return true; },
                  [&](pending_ask& p) { end_pending(p, ask_errc::link_lost); });
    out_.take_if([](out_channel const&) { return true; },
                 [&](out_channel& c) {
                     // relaxed: ours alone to write; release: pass()
                     if (c.box->phase.load(memory_order_relaxed) != channel_phase::draining) {
                         c.box->phase.store(channel_phase::down, memory_order_release);
                     }
                     delete &c;
                 });
    auto const all = [](in_channel const&) { return true; };
    in_channels_.take_if(all, [this](in_channel& c) { forget(c); });
    leaving_.take_if(all, [this](in_channel& c) { forget(c); });
}

}  // namespace troupe::inline TROUPE_ABI::detail
