// SPDX-License-Identifier: BSL-1.0
#pragma once

// Reading and writing of a link: bytes become frames, frames of one channel that stand one behind
// the other go to its inlet together, and what has gathered for the wire goes with one call.

#include <cstddef>
#include <cstring>
#include <span>
#include <utility>

#include "troupe/remote/link.hpp"

namespace troupe::inline TROUPE_ABI::detail {

template <class Wire>
void basic_link<Wire>::read(self_type& self) {
    for (int reads = 0; wire_; ++reads) {
        if (reads == reads_max) {
            // Others want a turn, too. Without memory for that it goes on at once.
            if (self.ref().try_send(io_ready{}) == send_status::accepted) return;
            reads = 0;
        }
        if (!make_room(self)) return;
        result<std::size_t, transport_error> const got =
            wire_->receive({in_->data() + filled_, in_->room() - filled_});
        if (!got) {
            bool const silent = greet_by_ != never && got.error().detail.empty();
            lose(self, got.error(),
                 silent ? "the other side has not said who it is; perhaps it wants TLS"
                        : got.error().detail);
            return;
        }
        if (*got == 0) return;
        heard_ = self.now();
        count(metric::link_bytes_received, *got, label());
        filled_ += *got;
        std::uint64_t const before = numbers_.frames_received;
        parse(self);
        std::uint64_t const frames = numbers_.frames_received - before;
        if (frames != 0) count(metric::link_frames_received, frames, label());
    }
}

/// Room behind what was read: the place is used again unless an inlet still looks at it.
template <class Wire>
bool basic_link<Wire>::make_room(self_type& self) {
    std::size_t const left = filled_ - parsed_;
    std::size_t       whole = 0;  // of the frame that is there in part
    if (left >= 4) whole = std::size_t{4} + number_at(in_->data() + parsed_);
    bool const fits = in_ != nullptr && !in_->is_shared() && whole <= in_->room();
    // A large one was for one large frame.
    if (fits && (left != 0 || in_->room() <= 2 * read_bytes)) {
        if (left == 0) filled_ = parsed_ = 0;
        else if (parsed_ != 0 && (whole > in_->room() - parsed_ || filled_ == in_->room())) {
            std::memmove(in_->data(), in_->data() + parsed_, left);
            filled_ = left;
            parsed_ = 0;
        }
        if (filled_ < in_->room()) return true;
    }
    wire_chunk* const fresh =
        wire_chunk::take(node_->home, whole > read_bytes ? whole : read_bytes);
    if (fresh == nullptr) {
        lose(self, {transport_errc::no_resources}, "no memory to read");
        return false;
    }
    if (left != 0) std::memcpy(fresh->data(), in_->data() + parsed_, left);
    if (in_ != nullptr) in_->let_go();
    in_ = fresh;
    filled_ = left;
    parsed_ = 0;
    return true;
}

/// Cuts what was read into frames.
template <class Wire>
void basic_link<Wire>::parse(self_type& self) {
    std::span<std::byte const> const bytes{in_->data(), filled_};
    std::size_t                      run_begin = parsed_;
    std::size_t                      run_end = parsed_;
    std::uint32_t                    run_channel = 0;
    std::uint64_t                    run_asks = 0;
    // False: it has ended the connection, and what was read is gone.
    auto const hand_over = [&] {
        if (run_end > run_begin) {
            hand_run(self, run_channel, std::exchange(run_asks, 0), run_begin, run_end);
        }
        run_begin = run_end = parsed_;
        return wire_ ? true : false;
    };
    while (true) {
        frame_look look = look_at_frame(bytes.subspan(parsed_), node_->options.frame_max);
        if (greet_by_ != never) [[unlikely]] {
            if (frame_fault const stranger = fault_of_stranger(bytes.subspan(parsed_))) {
                look.fault = stranger;
            } else if (!look.fault && look.whole > hello_bytes_max) {
                look.fault = not_a_node();
            }
        }
        if (look.fault) {
            if (hand_over()) refuse(self, look.fault);
            return;
        }
        if (look.whole == 0 || look.whole > bytes.size() - parsed_) break;
        frame             f;
        frame_fault const fault = split_frame(bytes.subspan(parsed_, look.whole), f);
        if (fault) {
            if (hand_over()) refuse(self, fault);
            return;
        }
        ++numbers_.frames_received;
        bool const mail = f.kind == frame_kind::message || f.kind == frame_kind::ask;
        if (mail && greet_by_ == never && f.body.size() >= 8) {
            std::uint32_t const channel = number_at(f.body.data());
            if (channel != run_channel || run_end != parsed_) {
                if (!hand_over()) return;
                run_begin = parsed_;
                run_channel = channel;
            }
            if (f.kind == frame_kind::ask) ++run_asks;
            parsed_ += look.whole;
            run_end = parsed_;
            continue;
        }
        if (!hand_over()) return;
        parsed_ += look.whole;
        run_begin = run_end = parsed_;
        take_frame(self, f);
        if (!wire_) return;  // it has ended the connection
    }
    static_cast<void>(hand_over());
}

/// Frames of one channel, for its inlet. A small part of what was read is copied, so that it does
/// not keep all of it.
template <class Wire>
void basic_link<Wire>::hand_run(self_type& self, std::uint32_t channel, std::uint64_t asks,
                                std::size_t begin, std::size_t end) {
    in_channel* const c = in_channels_.find(channel);
    if (c == nullptr) {
        // It has ended here, and the other side did not know yet.
        std::uint64_t lost = 0;
        for (; begin < end; ++lost) begin += std::size_t{4} + number_at(in_->data() + begin);
        count(metric::link_dropped_messages, lost, "ended");
        return;
    }
    c->owed += asks;
    owed_ += asks;
    std::size_t const size = end - begin;
    c->held += size;
    // Before it was told its window it may have gathered `unopened_max`; one message may be over.
    if (c->held >
        std::size_t{node_->options.window} + outbox::unopened_max + node_->options.frame_max + 4) {
        frame_fault fault;
        std::snprintf(fault.text, sizeof fault.text, "session: channel %u is over its window",
                      static_cast<unsigned>(channel));
        fault.reason = "window";
        refuse(self, fault);
        return;
    }
    wire_chunk* held = in_;
    if (size * 4 < in_->room()) {
        held = wire_chunk::take(node_->home, size);
        if (held == nullptr) {
            lose(self, {transport_errc::no_resources}, "no memory for what has arrived");
            return;
        }
        std::memcpy(held->data(), in_->data() + begin, size);
        begin = 0;
        end = size;
    } else {
        in_->hold();
    }
    send_status const taken = deliver_by<inbound>(ref_access::cell_of(c->inlet()),
                                                  c->inlet().identity(), send_mode::internal, never,
                                                  inbound{wire_slice{held, begin, end}, heard_})
                                  .status();
    if (taken == send_status::pool_exhausted) {
        // Its asks would never be answered, and its bytes never granted again.
        lose(self, {transport_errc::no_resources}, "no memory for what has arrived");
    }
}

/// Everything but messages and asks.
template <class Wire>
void basic_link<Wire>::take_frame(self_type& self, frame const& f) {
    byte_reader from{f.body};
    if ((greet_by_ != never) != (f.kind == frame_kind::hello) && f.kind != frame_kind::goodbye) {
        frame_fault fault;
        std::snprintf(fault.text, sizeof fault.text, "session: frame in state %s",
                      greet_by_ != never ? "handshake" : "up");
        fault.reason = "state";
        refuse(self, fault);
        return;
    }
    switch (f.kind) {
        case frame_kind::hello: {
            hello             theirs;
            frame_fault const fault = take_hello(f.body, theirs);
            if (fault) refuse(self, fault);
            else greeted(self, theirs);
            return;
        }
        case frame_kind::goodbye: {
            std::string_view words;
            std::uint8_t     why = static_cast<std::uint8_t>(goodbye::fault);
            static_cast<void>(read_text(from, words) && read_number(from, why));
            transport_errc const code =
                greet_by_ != never ? transport_errc::not_secure : transport_errc::closed;
            bool const in_order = why == static_cast<std::uint8_t>(goodbye::in_order);
            lose(self, {code}, words, in_order ? log_event::link_closed : log_event::link_down);
            return;
        }
        case frame_kind::ping: return;
        case frame_kind::open: open_for_peer(self, from); return;
        case frame_kind::opened: opened_by_peer(self, from); return;
        case frame_kind::refused: refused_by_peer(self, from); return;
        case frame_kind::answer: answered_by_peer(self, from); return;
        case frame_kind::grant: granted_by_peer(from); return;
        case frame_kind::ended: ended_by_peer(self, from); return;
        case frame_kind::closed: closed_by_peer(self, from); return;
        case frame_kind::message:
        case frame_kind::ask: break;  // too short to have a channel
    }
    frame_fault fault;
    std::snprintf(fault.text, sizeof fault.text, "frame: cut short");
    fault.reason = "length";
    refuse(self, fault);
}

/// Puts bytes at the end of what is to be written, and sees to it that it is.
template <class Wire>
void basic_link<Wire>::push(self_type& self, wire_slice bytes, std::uint64_t frames) {
    std::size_t const size = bytes.size();
    if (size == 0 || !wire_) return;  // a connection that has gone meanwhile gets no more
    if (bytes.is_answer()) note_answers(size, 0);
    if (!queue_.push(std::move(bytes))) {
        lose(self, {transport_errc::no_resources}, "no memory for a frame");
        return;
    }
    queued_bytes_ += size;
    numbers_.frames_sent += frames;
    if (flush_asked_) return;
    flush_asked_ = true;
    duration const wait = node_->options.coalesce;
    // Behind all messages that wait here already: what they bring goes along.
    if (wait.count() == 0 || queued_bytes_ >= flush_bytes) {
        // Without memory for it the next frame tries again, the heartbeat at the latest.
        flush_asked_ = self.ref().try_send(flush_frames{}) == send_status::accepted;
    } else {
        flush_asked_ = self.after(wait, flush_frames{}) ? true : false;
    }
}

/// So many bytes of answers wait for the wire, and so many wait no more. Who asks and does not read
/// is not served any further: answers would gather without an end. Everything else of it still is.
template <class Wire>
void basic_link<Wire>::note_answers(std::size_t more, std::size_t fewer) noexcept {
    answers_bytes_ += more;
    answers_bytes_ -= fewer;
    bool const before = unread_.load(memory_order_relaxed);  // relaxed: ours alone to write
    bool const now = answers_bytes_ > (before ? answers_max / 2 : answers_max);
    if (now == before) return;
    unread_.store(now, memory_order_relaxed);  // relaxed: a hint; a message follows
    if (now) return;
    in_channels_.for_each(nudge);
    leaving_.for_each(nudge);
}

template <class Wire>
void basic_link<Wire>::on(flush_frames, self_type& self) {
    flush_asked_ = false;
    if (!wire_ || !established_) return;
    write(self);
    if (wire_) arm(self);
}

/// As much as the transport takes.
template <class Wire>
void basic_link<Wire>::write(self_type& self) {
    if (!established_) return;
    while (!queue_.empty()) {
        std::span<std::byte const> buffers[gathered_max];
        std::size_t                count_of = 0;
        std::size_t                bytes = 0;
        for (; count_of < gathered_max && count_of < queue_.size(); ++count_of) {
            buffers[count_of] = queue_[count_of].bytes();
            bytes += buffers[count_of].size();
        }
        result<std::size_t, transport_error> const sent = wire_->send({buffers, count_of});
        if (!sent) {
            lose(self, sent.error(), sent.error().detail);
            return;
        }
        std::size_t left = *sent;
        if (left != 0) {
            said_ = self.now();
            stalled_ = never;
            queued_bytes_ -= left;
            count(metric::link_bytes_sent, left, label());
            std::uint64_t const frames = numbers_.frames_sent - frames_told_;
            if (frames != 0) count(metric::link_frames_sent, frames, label());
            frames_told_ = numbers_.frames_sent;
        }
        while (left != 0) {
            wire_slice& first = queue_[0];
            if (first.is_answer()) note_answers(0, left < first.size() ? left : first.size());
            if (left < first.size()) {
                first.drop_front(left);
                break;
            }
            left -= first.size();
            queue_.pop();
        }
        if (*sent < bytes) {
            if (stalled_ == never) stalled_ = self.now();
            return;
        }
    }
    stalled_ = never;
    finish_when_drained(self);
}

}  // namespace troupe::inline TROUPE_ABI::detail
