// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a link does for the actors at its ends: channels are opened, granted more, and ended, and
// answers find those who have asked.

#include <algorithm>
#include <string>
#include <utility>

#include "troupe/message/fingerprint.hpp"
#include "troupe/remote/link.hpp"
#include "troupe/remote/proxy.hpp"
#include "troupe/system/spawn.hpp"

namespace troupe::inline TROUPE_ABI::detail {

// --- from here

template <class Wire>
void basic_link<Wire>::on(open_channel&& asked, self_type& self) {
    auto* const c = new out_channel;
    c->id = asked.id;
    c->box = std::move(asked.box);
    c->proxy = asked.proxy;
    c->key = std::move(asked.key);
    c->fingerprint = asked.fingerprint;
    c->schema = asked.schema;
    c->then = asked.then;
    out_.add(*c);
    unused_ = never;
    if (state_ == link_state::up) {
        announce(self, *c);
    } else if (state_ == link_state::idle) {
        connect(self);
    } else if (state_ != link_state::connecting) {
        channel_phase const phase =
            state_ == link_state::backing_off ? channel_phase::down : channel_phase::draining;
        c->box->phase.store(phase, memory_order_release);  // release: pairs with proxy_base::pass()
        discard(*c);
        if (c->then == when_lost::end) news(*c, channel_news::kind::lost, numbers_.last_error);
    }
}

/// Asks the other side to open it.
template <class Wire>
void basic_link<Wire>::announce(self_type& self, out_channel& c) {
    if (fitting(c.key, 18).size() != c.key.size()) {
        c.box->phase.store(channel_phase::nobody, memory_order_release);  // release: pass()
        discard(c);
        news(c, channel_news::kind::refused, "the key is larger than a frame there");
        return;
    }
    c.box->phase.store(channel_phase::opening, memory_order_release);  // release: as above
    push_frame(self, frame_kind::open, [&](byte_writer& body) {
        write_number(body, static_cast<std::uint32_t>(c.id));
        write_number(body, c.fingerprint);
        write_text(body, c.key);
    });
}

template <class Wire>
void basic_link<Wire>::opened_by_peer(self_type& self, byte_reader& from) {
    std::uint32_t id = 0;
    std::uint32_t window = 0;
    if (!read_number(from, id) || !read_number(from, window)) return;
    out_channel* const c = out_.find(id);
    if (c == nullptr || c->open) return;
    c->open = true;
    // release: pairs with outbox::is_over()
    c->box->granted.store(c->taken + window, memory_order_release);
    if (state_ == link_state::up) {
        c->box->phase.store(channel_phase::open, memory_order_release);  // release: pass()
    }
    news(*c, channel_news::kind::opened, {});
    collect(self, *c);
    release(*c);
}

/// Everything that is ready goes to the wire.
template <class Wire>
void basic_link<Wire>::collect(self_type& self, out_channel& c) {
    std::vector<std::uint64_t> refused;
    std::uint64_t const        all = c.box->messages.load(memory_order_relaxed);
    numbers_.frames_sent += all - c.framed;
    c.framed = all;
    c.box->collect([&](wire_slice slice) {
        c.taken += slice.size();
        if (peer_frame_max_ >= node_->options.frame_max) push(self, std::move(slice), 0);
        else push_what_fits(self, c, slice, refused);
    });
    for (pending_ask* p = c.box->take_asks(); p != nullptr;) {
        pending_ask& ask = *std::exchange(p, p->next);
        if (wire_) asks_.add(ask);
        else end_pending(ask, ask_errc::link_lost);
    }
    for (std::uint64_t const id : refused) {
        if (pending_ask* const p = asks_.take(id)) end_pending(*p, ask_errc::refused);
    }
}

/// The other side takes smaller frames than this node: those that are too large are not sent.
template <class Wire>
TROUPE_COLD void basic_link<Wire>::push_what_fits(self_type& self, out_channel& c,
                                                  wire_slice const&           slice,
                                                  std::vector<std::uint64_t>& refused) {
    auto const        bytes = slice.bytes();
    std::size_t const begin = static_cast<std::size_t>(bytes.data() - slice.chunk()->data());
    std::size_t       from = 0;
    auto const        push_until = [&](std::size_t end) {
        if (end == from) return;
        slice.chunk()->hold();
        push(self, wire_slice{slice.chunk(), begin + from, begin + end}, 0);
    };
    for (std::size_t at = 0; at < bytes.size();) {
        std::size_t const whole = std::size_t{4} + number_at(bytes.data() + at);
        if (whole - 4 > peer_frame_max_) {
            push_until(at);
            frame f;
            static_cast<void>(split_frame(bytes.subspan(at, whole), f));
            byte_reader   body{f.body.subspan(8)};
            std::uint64_t ask = 0;
            if (f.kind == frame_kind::ask && read_number(body, ask)) refused.push_back(ask);
            count(metric::link_dropped_messages, 1, "size");
            --numbers_.frames_sent;
            // The other side never grants these again, nor confirms them.
            ++c.counted;
            // relaxed: only the link writes it; release: pairs with outbox::is_over()
            c.box->granted.store(c.box->granted.load(memory_order_relaxed) + whole,
                                 memory_order_release);
            from = at + whole;
        }
        at += whole;
    }
    push_until(bytes.size());
}

/// Everything that is ready is lost.
template <class Wire>
TROUPE_COLD void basic_link<Wire>::discard(out_channel& c, ask_errc why) noexcept {
    c.box->collect([&](wire_slice const& slice) { c.taken += slice.size(); });
    for (pending_ask* p = c.box->take_asks(); p != nullptr;) {
        end_pending(*std::exchange(p, p->next), why);
    }
    std::uint64_t const all = c.box->messages.load(memory_order_relaxed);
    std::uint64_t const lost = all - c.counted - c.confirmed;
    if (lost != 0) {
        numbers_.unconfirmed += lost;
        count(metric::link_dropped_messages, lost, "unconfirmed");
    }
    c.counted = c.framed = all;
    c.confirmed = 0;
    // release: pairs with outbox::is_over()
    c.box->granted.store(c.taken + std::min(node_->options.window, outbox::unopened_max),
                         memory_order_release);
}

/// A proxy that waits for room looks again.
template <class Wire>
void basic_link<Wire>::release(out_channel& c) noexcept {
    if (!c.room) return;
    (*c.room)();
    c.room.reset();
}

template <class Wire>
void basic_link<Wire>::on(outbox_ready ready, self_type& self) {
    out_channel* const c = out_.find(ready.id);
    if (c == nullptr) return;
    if (c->open) collect(self, *c);
    // relaxed: only the link writes it. Who has looked at it before it changed comes too late.
    else if (c->box->phase.load(memory_order_relaxed) != channel_phase::opening) discard(*c);
    arm(self);
}

template <class Wire>
void basic_link<Wire>::on(await_room waits, reply<void> answer) {
    out_channel* const c = out_.find(waits.id);
    bool const         may_wait = c != nullptr && state_ != link_state::backing_off &&
                          state_ != link_state::closed && state_ != link_state::draining &&
                          c->box->is_over();
    if (may_wait) c->room.emplace(std::move(answer));
    else answer();
}

template <class Wire>
void basic_link<Wire>::on(end_channel ended, self_type& self) {
    out_channel* const c = out_.take(ended.id);
    if (c == nullptr) return;
    if (c->open) {
        collect(self, *c);
        push_frame(self, frame_kind::closed, [&](byte_writer& body) {
            write_number(body, static_cast<std::uint32_t>(c->id));
        });
    } else {
        discard(*c);
    }
    // What it was asked is not its affair any more: those who have asked still get their answer.
    delete c;
    note_unused(self);
}

/// Tells a proxy.
template <class Wire>
void basic_link<Wire>::news(out_channel& c, channel_news::kind what, std::string words,
                            bool final) {
    static_cast<void>(deliver_by<channel_news>(ref_access::cell_of(c.proxy), c.proxy.identity(),
                                               send_mode::internal, never,
                                               channel_news{what, std::move(words), final}));
}

template <class Wire>
TROUPE_COLD void basic_link<Wire>::refused_by_peer(self_type& self, byte_reader& from) {
    std::uint32_t    id = 0;
    std::uint8_t     other_protocol = 0;
    std::string_view schema;
    if (!read_number(from, id) || !read_number(from, other_protocol) || !read_text(from, schema)) {
        return;
    }
    out_channel* const c = out_.find(id);
    if (c == nullptr) return;
    std::string words = "nobody is exposed as " + c->key;
    // The comparison takes the product of both lengths: what no program writes is not compared.
    constexpr std::size_t schema_max = 1u << 14;
    if (other_protocol != 0 && (schema.empty() || schema.size() > schema_max)) {
        words = "protocol mismatch at " + c->key;
    } else if (other_protocol != 0) {
        words = "protocol mismatch at " + c->key + ": " +
                explain_schema_difference(std::string_view{c->schema}, schema);
    }
    tell(log_event::reference_refused, words);
    c->open = false;
    c->box->phase.store(channel_phase::nobody, memory_order_release);  // release: pass()
    discard(*c, ask_errc::target_gone);
    release(*c);
    news(*c, channel_news::kind::refused, std::move(words), other_protocol != 0);
    if (other_protocol == 0) ask_again(self, *c);
}

template <class Wire>
void basic_link<Wire>::granted_by_peer(byte_reader& from) {
    std::uint32_t id = 0;
    std::uint32_t bytes = 0;
    std::uint64_t messages = 0;
    if (!read_number(from, id) || !read_number(from, bytes) || !read_number(from, messages)) return;
    out_channel* const c = out_.find(id);
    if (c == nullptr || !c->open) return;
    std::uint64_t const sent = c->box->messages.load(memory_order_relaxed) - c->counted;
    c->confirmed = messages < sent ? messages : sent;
    // relaxed: only the link writes it; release: pairs with outbox::is_over()
    c->box->granted.store(c->box->granted.load(memory_order_relaxed) + bytes, memory_order_release);
    release(*c);
}

template <class Wire>
TROUPE_COLD void basic_link<Wire>::ended_by_peer(self_type& self, byte_reader& from) {
    std::uint32_t    id = 0;
    std::uint8_t     how = 0;
    std::string_view words;
    if (!read_number(from, id) || !read_number(from, how) || !read_text(from, words)) return;
    out_channel* const c = out_.find(id);
    if (c == nullptr) return;
    c->open = false;
    c->box->phase.store(channel_phase::nobody, memory_order_release);  // release: pass()
    discard(*c, ask_errc::target_gone);
    release(*c);
    std::string text = "the actor at " + c->key + " has ended";
    if (how <= static_cast<std::uint8_t>(ended_by::unknown)) {
        text.append(" by ").append(to_string(static_cast<ended_by>(how)));
    }
    if (!words.empty()) text.append(": ").append(words);
    // The answers that it owed do not come: those that it gave came before this.
    asks_.take_if([&](pending_ask const& p) { return p.channel == id; },
                  [&](pending_ask& p) { end_pending(p, ask_errc::target_gone); });
    news(*c, channel_news::kind::ended, std::move(text));
    ask_again(self, *c);
}

/// Perhaps somebody is there a little later.
template <class Wire>
TROUPE_COLD void basic_link<Wire>::ask_again(self_type& self, out_channel& c) {
    if (c.then == when_lost::end) return;
    static_cast<void>(
        self.after(node_->options.backoff.first,
                   reopen_channel{static_cast<std::uint32_t>(c.id), numbers_.connects}));
}
template <class Wire>
void basic_link<Wire>::on(reopen_channel again, self_type& self) {
    out_channel* const c = out_.find(again.id);
    if (c != nullptr && !c->open && state_ == link_state::up &&
        again.connects == numbers_.connects) {
        announce(self, *c);
    }
}

// --- answers

/// `p` is out of every list.
template <class Wire>
void basic_link<Wire>::end_pending(pending_ask& p, ask_errc why) noexcept {
    p.end(node_->home, reply_slot::error(why));
}

template <class Wire>
void basic_link<Wire>::answered_by_peer(self_type& self, byte_reader& from) {
    std::uint32_t channel = 0;
    std::uint64_t id = 0;
    std::uint8_t  status = 0;
    if (!read_number(from, channel) || !read_number(from, id) || !read_number(from, status)) return;
    pending_ask* const p = asks_.take(id);
    if (p == nullptr) return;  // it was given up here
    if (state_ == link_state::draining) ++drained_.answered;
    core& home = node_->home;
    if (status == answer_ok) {
        if (p->decode == nullptr || p->decode(from, p->slot->value())) {
            p->end(home, reply_slot::answered);
        } else {
            count(metric::link_codec_errors, 1, "answer");
            fail_pending(*p, "codec: the answer is no such value");
        }
    } else {
        std::string_view words;
        static_cast<void>(read_text(from, words));
        auto const code = static_cast<ask_errc>(status - 1);
        if (code == ask_errc::failed) fail_pending(*p, words);
        else if (status - 1 > static_cast<int>(ask_errc::link_lost))
            end_pending(*p, ask_errc::refused);
        else end_pending(*p, code);
    }
    if (state_ == link_state::draining && asks_.size() == 0 && owed_ == 0 && queue_.empty()) {
        finish_drain(self, true);
    }
}

/// The handler there has failed: its words arrive as an exception, where there are exceptions.
template <class Wire>
TROUPE_COLD void basic_link<Wire>::fail_pending(pending_ask& p, std::string_view words) {
    std::exception_ptr thrown;
#if TROUPE_HAS_EXCEPTIONS
    thrown = std::make_exception_ptr(remote_failure{std::string{words}});
#else
    static_cast<void>(words);
#endif
    new (p.slot->value()) std::exception_ptr(std::move(thrown));
    p.end(node_->home, reply_slot::error(ask_errc::failed));
}

// --- to here

template <class Wire>
void basic_link<Wire>::open_for_peer(self_type& self, byte_reader& from) {
    std::uint32_t    id = 0;
    std::uint64_t    fingerprint = 0;
    std::string_view key;
    if (!read_number(from, id) || !read_number(from, fingerprint) || !read_text(from, key)) return;
    open_inlet(self, id, fingerprint, key);
}
template <class Wire>
TROUPE_COLD void basic_link<Wire>::on(open_later const& open, self_type& self) {
    if (wire_ && open.session == session()) {
        open_inlet(self, open.id, open.fingerprint, open.key);
    }
}
template <class Wire>
void basic_link<Wire>::open_inlet(self_type& self, std::uint32_t id, std::uint64_t fingerprint,
                                  std::string_view key) {
    // Two inlets would mix what one reference has sent.
    any_ref const me = self.ref();
    if (known_peer const before = node_->earlier_inlet(peer_node_, id, me); before.inlet) {
        if (!before.retired) {
            static_cast<void>(deliver_by<replaced>(ref_access::cell_of(before.link),
                                                   before.link.identity(), send_mode::internal,
                                                   never));
        }
        static_cast<void>(self.after(std::chrono::milliseconds{5},
                                     open_later{session(), id, fingerprint, std::string{key}}));
        return;
    }
    exposure   found;
    bool const known = state_ == link_state::up && node_->find(key, found);
    if (!known || found.fingerprint != fingerprint) {
        if (!known) tell(log_event::unknown_actor, key);
        push_frame(self, frame_kind::refused, [&](byte_writer& body) {
            write_number(body, id);
            write_number(body, static_cast<std::uint8_t>(known ? 1 : 0));
            // Part of it would be another protocol.
            bool const fits = known && fitting(found.schema, 11).size() == found.schema.size();
            write_text(body, fits ? found.schema : std::string_view{});
        });
        return;
    }
    if (in_channels_.find(id) != nullptr) {
        frame_fault fault;
        std::snprintf(fault.text, sizeof fault.text, "session: channel %u is open already",
                      static_cast<unsigned>(id));
        fault.reason = "state";
        refuse(self, fault);
        return;
    }
    auto made = self.template try_spawn<basic_inlet<Wire>>(
        inlet_setup{found.target, found.rows, found.row_count,
                    answer_route{ref_access::cell_of(me), me.identity(), id, session()},
                    node_->options.window});
    if (!made) {
        tell(log_event::unknown_actor, made.error().what());
        push_frame(self, frame_kind::refused, [&](byte_writer& body) {
            write_number(body, id);
            write_number(body, std::uint8_t{0});
            write_text(body, {});
        });
        return;
    }
    auto* const c = new in_channel;
    c->id = id;
    c->inlet = *made;
    in_channels_.add(*c);
    node_->add_inlet({c->inlet, me, peer_name_, peer_node_, id});
    unused_ = never;
    push_frame(self, frame_kind::opened, [&](byte_writer& body) {
        write_number(body, id);
        write_number(body, node_->options.window);
    });
}

/// It is out of the table.
template <class Wire>
void basic_link<Wire>::forget(in_channel& c) noexcept {
    owed_ -= c.owed;
    // One that is to hand on what has come is known until then.
    if (node_core::lives(c.inlet)) node_->retire_inlet(c.inlet);
    else node_->remove_inlet(c.inlet);
    delete &c;
}
template <class Wire>
void basic_link<Wire>::end_inlet(self_type& self, std::uint64_t id) {
    in_channel* const c = in_channels_.take(id);
    if (c == nullptr) return;
    self.stop(c->inlet);
    forget(*c);
    note_unused(self);
}

template <class Wire>
void basic_link<Wire>::closed_by_peer(self_type& self, byte_reader& from) {
    std::uint32_t id = 0;
    if (!read_number(from, id)) return;
    in_channel* const c = in_channels_.take(id);
    if (c == nullptr) return;
    dismiss(*c);
    note_unused(self);
}

/// Nothing more comes for an inlet: it ends behind what it still has to hand on. It is out of the
/// table.
template <class Wire>
void basic_link<Wire>::dismiss(in_channel& c) noexcept {
    ++dismissed_;
    static_cast<void>(deliver_by<no_more>(ref_access::cell_of(c.inlet), c.inlet.identity(),
                                          send_mode::internal, never));
    forget(c);
}
template <class Wire>
void basic_link<Wire>::on(inlet_done, self_type& self) {
    if (dismissed_ != 0) --dismissed_;
    stop_when_empty(self);
}

/// If nobody needs the connection any more, that is when its idle time begins.
template <class Wire>
void basic_link<Wire>::note_unused(self_type& self) {
    if (out_.size() != 0 || in_channels_.size() != 0 || state_ != link_state::up) return;
    unused_ = self.now();
    arm(self);
}

template <class Wire>
void basic_link<Wire>::on(outgoing&& frame, self_type& self) {
    if (frame.session != session()) return;
    if (in_channel* const c = in_channels_.find(frame.channel); c != nullptr && c->owed != 0) {
        --c->owed;
        --owed_;
        if (state_ == link_state::draining) ++drained_.answered;
    }
    if (state_ != link_state::up && state_ != link_state::draining) return;
    if (frame.bytes.size() - 4 > peer_frame_max_) push_small_answer(self, frame.bytes);
    else push(self, std::move(frame.bytes));
}

/// An answer that is larger than the other side takes: its ask fails, or gets fewer words.
template <class Wire>
TROUPE_COLD void basic_link<Wire>::push_small_answer(self_type& self, wire_slice const& large) {
    byte_reader      from{large.bytes().subspan(frame_header_bytes)};
    std::uint32_t    channel = 0;
    std::uint64_t    ask = 0;
    std::uint8_t     status = 0;
    std::string_view words = "the answer is larger than link_options::frame_max there";
    if (!read_number(from, channel) || !read_number(from, ask) || !read_number(from, status)) {
        return;
    }
    if (status == answer_ok) status = answer_status(ask_errc::refused);
    else static_cast<void>(read_text(from, words));
    push_frame(self, frame_kind::answer, [&](byte_writer& body) {
        write_number(body, channel);
        write_number(body, ask);
        write_number(body, status);
        write_text(body, fitting(words, 19));
    });
}

template <class Wire>
void basic_link<Wire>::on(inlet_progress done, self_type& self) {
    in_channel* const c = in_channels_.find(done.channel);
    if (c == nullptr || done.session != session()) return;
    c->unsaid += done.bytes;
    c->messages = done.messages;
    if (c->unsaid >= node_->options.window / 4) grant(self, *c);
}

template <class Wire>
void basic_link<Wire>::grant(self_type& self, in_channel& c) {
    std::uint32_t const bytes = std::exchange(c.unsaid, 0);
    c.held -= bytes < c.held ? bytes : c.held;
    push_frame(self, frame_kind::grant, [&](byte_writer& body) {
        write_number(body, static_cast<std::uint32_t>(c.id));
        write_number(body, bytes);
        write_number(body, c.messages);
    });
}

template <class Wire>
void basic_link<Wire>::on(inlet_ended const& gone, self_type& self) {
    if (in_channels_.find(gone.channel) == nullptr || gone.session != session()) return;
    end_inlet(self, gone.channel);
    push_frame(self, frame_kind::ended, [&](byte_writer& body) {
        write_number(body, gone.channel);
        write_number(body, static_cast<std::uint8_t>(gone.how));
        write_text(body, fitting(gone.words, 11));
    });
}

template <class Wire>
void basic_link<Wire>::on(inlet_fault const& fault) {
    count(metric::link_codec_errors, 1, "message");
    count(metric::link_dropped_messages, 1, "codec");
    tell(log_event::message_unreadable, fault.words);
}

}  // namespace troupe::inline TROUPE_ABI::detail
