// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a link does for references from here: their channels are opened, granted more, and ended,
// and answers find those who have asked.

#include <algorithm>
#include <string>
#include <utility>

#include "troupe/message/fingerprint.hpp"
#include "troupe/remote/link.hpp"
#include "troupe/remote/proxy.hpp"
#include "troupe/system/spawn.hpp"

namespace troupe::inline TROUPE_ABI::detail {

template <class Wire>
void basic_link<Wire>::on(open_channel&& asked, self_type& self) {
    if (asked.promised) ++kept_;
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
    } else if (state_ != link_state::connecting || !draining_.empty()) {
        channel_phase const phase =
            state_ == link_state::backing_off ? channel_phase::down : channel_phase::draining;
        c->box->phase.store(phase, memory_order_release);  // release: pairs with proxy_base::pass()
        discard(*c);
        if (c->then == when_lost::end) {
            news(self, *c, channel_news::kind::lost, numbers_.last_error);
        }
        arm(self);
    }
}

/// Asks the other side to open it.
template <class Wire>
void basic_link<Wire>::announce(self_type& self, out_channel& c) {
    c.refused = false;
    if (fitting(c.key, 18).size() != c.key.size()) {
        c.box->phase.store(channel_phase::nobody, memory_order_release);  // release: pass()
        discard(c);
        news(self, c, channel_news::kind::refused, "the key is larger than a frame there");
        return;
    }
    if (draining_.empty()) {
        c.box->phase.store(channel_phase::opening, memory_order_release);  // release: as above
    }
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
    news(self, *c, channel_news::kind::opened, {});
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
    end_reference(self, ended.id);
}
template <class Wire>
void basic_link<Wire>::end_reference(self_type& self, std::uint64_t id) {
    out_channel* const c = out_.take(id);
    if (c == nullptr) return;
    if (c->open) {
        collect(self, *c);
        push_frame(self, frame_kind::closed, [&](byte_writer& body) {
            write_number(body, static_cast<std::uint32_t>(c->id));
        });
    } else {
        discard(*c);
    }
    numbers_.not_sent += c->box->lost.load(memory_order_relaxed);  // relaxed: it has ended
    // What it was asked is not its affair any more: those who have asked still get their answer.
    delete c;
    note_unused(self);
}

/// Tells a proxy. One that ends with this news ends without memory for it, too.
template <class Wire>
void basic_link<Wire>::news(self_type& self, out_channel& c, channel_news::kind what,
                            std::string words, bool final) {
    bool const told = deliver_by<channel_news>(ref_access::cell_of(c.proxy), c.proxy.identity(),
                                               send_mode::internal, never,
                                               channel_news{what, std::move(words), final})
                          .status() == send_status::accepted;
    bool const ends = final || (c.then == when_lost::end && (what == channel_news::kind::lost ||
                                                             what == channel_news::kind::ended));
    if (!told && ends) self.stop(c.proxy);
}

template <class Wire>
TROUPE_COLD void basic_link<Wire>::refused_by_peer(self_type& self, byte_reader& from) {
    std::uint32_t    id = 0;
    std::uint8_t     why = 0;
    std::string_view schema;
    if (!read_number(from, id) || !read_number(from, why) || !read_text(from, schema)) { return; }
    out_channel* const c = out_.find(id);
    if (c == nullptr) return;
    std::string words = "nobody is exposed as " + c->key;
    // The comparison takes the product of both lengths: what no program writes is not compared.
    constexpr std::size_t schema_max = 1u << 14;
    bool const            other = why == static_cast<std::uint8_t>(refusal::other_protocol);
    if (other && (schema.empty() || schema.size() > schema_max)) {
        words = "protocol mismatch at " + c->key;
    } else if (other) {
        words = "protocol mismatch at " + c->key + ": " +
                explain_schema_difference(std::string_view{c->schema}, schema);
    } else if (why == static_cast<std::uint8_t>(refusal::too_many)) {
        words = "no channel to " + c->key + ": there are link_options::channels_max of them there";
    }
    tell(log_event::reference_refused, words);
    nobody_there(self, *c, channel_news::kind::refused, std::move(words), other);
}

/// What was to go there is lost. Perhaps somebody is there a little later, unless it is `final`.
template <class Wire>
TROUPE_COLD void basic_link<Wire>::nobody_there(self_type& self, out_channel& c,
                                                channel_news::kind what, std::string words,
                                                bool final) {
    c.open = false;
    c.box->phase.store(channel_phase::nobody, memory_order_release);  // release: pass()
    discard(c, ask_errc::target_gone);
    release(c);
    news(self, c, what, std::move(words), final);
    c.refused = !final && c.then == when_lost::reconnect;
    if (c.refused) ask_again(self, c);
    finish_when_drained(self);
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
    std::string text = "the actor at " + c->key + " has ended";
    if (how == way_ended) {
        text = "the way to the actor at " + c->key + " has ended";
    } else if (how <= static_cast<std::uint8_t>(ended_by::unknown)) {
        text.append(" by ").append(to_string(static_cast<ended_by>(how)));
    }
    if (!words.empty()) text.append(": ").append(words);
    // The answers that it owed do not come: those that it gave came before this.
    asks_.take_if([&](pending_ask const& p) { return p.channel == id; },
                  [&](pending_ask& p) { end_pending(p, ask_errc::target_gone); });
    nobody_there(self, *c, channel_news::kind::ended, std::move(text), false);
}

/// Without memory for the timer the next pulse does it.
template <class Wire>
TROUPE_COLD void basic_link<Wire>::ask_again(self_type& self, out_channel& c) {
    timer const armed =
        self.after(node_->options.backoff.first,
                   reopen_channel{static_cast<std::uint32_t>(c.id), numbers_.connects});
    c.again = armed ? true : false;
}
template <class Wire>
void basic_link<Wire>::on(reopen_channel again, self_type& self) {
    out_channel* const c = out_.find(again.id);
    if (c == nullptr || again.connects != numbers_.connects) return;
    c->again = false;
    if (c->refused && state_ == link_state::up) announce(self, *c);
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
    finish_when_drained(self);
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

}  // namespace troupe::inline TROUPE_ABI::detail
