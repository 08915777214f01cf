// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a link does for actors here that the other side reaches: a channel of theirs gets an inlet,
// which is watched; what has been handed on is granted again, and answers go out.

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "troupe/actor/watching.hpp"
#include "troupe/remote/link.hpp"
#include "troupe/system/spawn.hpp"

namespace troupe::inline TROUPE_ABI::detail {

template <class Wire>
void basic_link<Wire>::open_for_peer(self_type& self, byte_reader& from) {
    std::uint32_t    id = 0;
    std::uint64_t    fingerprint = 0;
    std::string_view key;
    if (!read_number(from, id) || !read_number(from, fingerprint) || !read_text(from, key)) return;
    open_inlet(self, id, fingerprint, key);
}
template <class Wire>
void basic_link<Wire>::open_inlet(self_type& self, std::uint32_t id, std::uint64_t fingerprint,
                                  std::string_view key) {
    bool opened = in_channels_.find(id) != nullptr;
    for (wanted_channel const& w : wanted_) opened = opened || w.id == id;
    if (opened) {
        frame_fault fault;
        std::snprintf(fault.text, sizeof fault.text, "session: channel %u is open already",
                      static_cast<unsigned>(id));
        fault.reason = "state";
        refuse(self, fault);
        return;
    }
    if (in_channels_.size() + wanted_.size() >= node_->options.channels_max) {
        return refuse_channel(self, id, refusal::too_many, {});
    }
    if (await_earlier(self, id, fingerprint, key)) return;
    exposure   found;
    bool const known = state_ == link_state::up && node_->find(key, found);
    if (!known) {
        tell(log_event::unknown_actor, key);
        return refuse_channel(self, id, refusal::nobody, {});
    }
    if (found.fingerprint != fingerprint) {
        return refuse_channel(self, id, refusal::other_protocol, found.schema);
    }
    any_ref const me = self.ref();
    auto          made = self.template try_spawn<basic_inlet<Wire>>(
        inlet_setup{found.target, found.rows, found.row_count,
                    answer_route{ref_access::cell_of(me), me.identity(), id, session()},
                    node_->options.window, &unread_});
    if (!made || self.watch(*made) != watch_status::watching) {
        tell(log_event::unknown_actor,
             made ? "no memory to watch its channel" : made.error().what());
        if (made) self.stop(*made);
        return refuse_channel(self, id, refusal::nobody, {});
    }
    auto* const c = new in_channel;
    c->id = id;
    c->peer.who = {*made, me, peer_name_, peer_node_, id};
    in_channels_.add(*c);
    node_->add_inlet(c->peer);
    unused_ = never;
    push_frame(self, frame_kind::opened, [&](byte_writer& body) {
        write_number(body, id);
        write_number(body, node_->options.window);
    });
}

/// Two inlets would mix what one reference has sent: is there one of an earlier connection?
template <class Wire>
bool basic_link<Wire>::await_earlier(self_type& self, std::uint32_t id, std::uint64_t fingerprint,
                                     std::string_view key) {
    known_peer const before = node_->earlier_inlet(peer_node_, id, peer_name_, self.ref());
    if (!before.inlet) return false;
    if (!before.retired) {
        static_cast<void>(deliver_by<replaced>(ref_access::cell_of(before.link),
                                               before.link.identity(), send_mode::internal, never));
    }
    // Without memory to watch it the next pulse looks again.
    static_cast<void>(self.watch(before.inlet));
    wanted_.push_back({before.inlet, id, fingerprint, std::string{key}});
    return true;
}
/// What was behind this inlet is not any more.
template <class Wire>
TROUPE_COLD void basic_link<Wire>::open_wanted(self_type& self, any_ref const& behind) {
    std::vector<wanted_channel> rest;
    std::vector<wanted_channel> due;
    for (wanted_channel& w : wanted_) { (w.behind == behind ? due : rest).push_back(std::move(w)); }
    wanted_ = std::move(rest);
    for (wanted_channel const& w : due) {
        if (wire_) open_inlet(self, w.id, w.fingerprint, w.key);
    }
}

template <class Wire>
TROUPE_COLD void basic_link<Wire>::refuse_channel(self_type& self, std::uint32_t id, refusal why,
                                                  std::string_view schema) {
    push_frame(self, frame_kind::refused, [&](byte_writer& body) {
        write_number(body, id);
        write_number(body, static_cast<std::uint8_t>(why));
        // Part of it would be another protocol.
        bool const fits = fitting(schema, 11).size() == schema.size();
        write_text(body, fits ? schema : std::string_view{});
    });
}

/// It is out of the table of those that are open: its inlet ends, or will when it has handed on
/// what has come. Until then a later connection of the same reference waits for it.
template <class Wire>
void basic_link<Wire>::part_with(in_channel& c) noexcept {
    owed_ -= c.owed;
    c.owed = 0;
    node_->retire_inlet(c.peer);
    c.id = number_of(c.inlet());
    leaving_.add(c);
}
/// Nothing more comes for an inlet: it ends behind what it still has to hand on.
template <class Wire>
void basic_link<Wire>::dismiss(self_type& self, in_channel& c) noexcept {
    part_with(c);
    bool const told = deliver_by<no_more>(ref_access::cell_of(c.inlet()), c.inlet().identity(),
                                          send_mode::internal, never)
                          .status() == send_status::accepted;
    // Without memory for that it ends now: the other side counts what it had as unconfirmed.
    if (!told) self.stop(c.inlet());
}
/// It goes on where it has stopped. Without memory for that: at the next pulse.
template <class Wire>
void basic_link<Wire>::nudge(in_channel const& c) noexcept {
    static_cast<void>(deliver_by<take_more>(ref_access::cell_of(c.inlet()), c.inlet().identity(),
                                            send_mode::internal, never));
}
/// It is in no table any more.
template <class Wire>
void basic_link<Wire>::forget(in_channel& c) noexcept {
    node_->remove_inlet(c.peer);
    delete &c;
}

template <class Wire>
void basic_link<Wire>::closed_by_peer(self_type& self, byte_reader& from) {
    std::uint32_t id = 0;
    if (!read_number(from, id)) return;
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
        if (wanted_[i].id != id) continue;
        wanted_.erase(wanted_.begin() + static_cast<std::ptrdiff_t>(i));
        return;
    }
    in_channel* const c = in_channels_.take(id);
    if (c == nullptr) return;
    dismiss(self, *c);
    note_unused(self);
}

/// An inlet has ended: its own one in order, its own one without memory, or that of an earlier
/// connection.
template <class Wire>
void basic_link<Wire>::on(terminated const& gone, self_type& self) {
    in_channel* c = leaving_.find(number_of(gone.who),
                                  [&](in_channel const& one) { return one.inlet() == gone.who; });
    if (c != nullptr) {
        leaving_.remove(*c);
        forget(*c);
        open_wanted(self, gone.who);  // perhaps of a reference that is served here once more
        stop_when_empty(self);
        return retire(self);
    }
    in_channels_.for_each([&](in_channel& one) {
        if (one.inlet() == gone.who) c = &one;
    });
    if (c == nullptr) return open_wanted(self, gone.who);
    std::uint64_t const id = c->id;
    in_channels_.remove(*c);
    owed_ -= c->owed;
    forget(*c);
    // Where it has not failed it had no memory to say that its actor has ended.
    tell_ended(self, id, way_ended,
               gone.why ? gone.why.what() : "no memory for what goes through it");
    note_unused(self);
}
template <class Wire>
TROUPE_COLD void basic_link<Wire>::tell_ended(self_type& self, std::uint64_t id, std::uint8_t how,
                                              std::string_view words) {
    push_frame(self, frame_kind::ended, [&](byte_writer& body) {
        write_number(body, static_cast<std::uint32_t>(id));
        write_number(body, how);
        write_text(body, fitting(words, 11));
    });
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
    if (frame.bytes.size() - 4 > peer_frame_max_) {
        push_small_answer(self, frame.bytes);
    } else {
        frame.bytes.mark_answer();
        push(self, std::move(frame.bytes));
    }
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
    if (gone.session != session()) return;
    in_channel* const c = in_channels_.take(gone.channel);
    if (c == nullptr) return;
    part_with(*c);
    self.stop(c->inlet());
    tell_ended(self, gone.channel, static_cast<std::uint8_t>(gone.how), gone.words);
    note_unused(self);
}

template <class Wire>
void basic_link<Wire>::on(inlet_fault const& fault) {
    count(metric::link_codec_errors, 1, "message");
    count(metric::link_dropped_messages, 1, "codec");
    tell(log_event::message_unreadable, fault.words);
}

}  // namespace troupe::inline TROUPE_ABI::detail
