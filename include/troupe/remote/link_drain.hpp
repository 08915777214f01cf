// SPDX-License-Identifier: BSL-1.0
#pragma once

// How a link ends in order: what was taken is sent, what was asked is answered, and the other side
// has read it all before the connection goes.

#include <utility>

#include "troupe/remote/link.hpp"

namespace troupe::inline TROUPE_ABI::detail {

template <class Wire>
void basic_link<Wire>::on(drain_link drain, self_type& self, reply<drain_report> answer) {
    ++kept_;
    draining_.push_back(std::move(answer));
    if (draining_.size() > 1) return;
    out_.for_each([&](out_channel& c) {
        c.box->phase.store(channel_phase::draining, memory_order_release);  // release: pass()
        release(c);
        if (c.open) collect(self, c);
    });
    drain_by_ = self.now() + drain.within;
    if (state_ == link_state::up) return begin_drain(self);
    // What was taken is sent when the connection stands.
    if (state_ == link_state::connecting && holds_back()) return arm(self);
    finish_drain(self, !holds_back());
}
template <class Wire>
void basic_link<Wire>::begin_drain(self_type& self) {
    enter(self, link_state::draining);
    write(self);
    finish_when_drained(self);
    if (state_ == link_state::draining) arm(self);
}

/// Something waits for its channel to be opened.
template <class Wire>
bool basic_link<Wire>::holds_back() const {
    bool found = false;
    out_.for_each([&](out_channel const& c) {
        // relaxed: what was added before the drain was asked for is seen
        found = found || (!c.open && c.box->messages.load(memory_order_relaxed) != c.framed);
    });
    return found;
}
/// Nothing is owed any more: that is said, and then the other side closes, when it has read it all.
/// Who closed first would take back what is not read yet (RFC 2525, 2.17).
template <class Wire>
void basic_link<Wire>::finish_when_drained(self_type& self) {
    if (state_ != link_state::draining || parting_ || finishing_) return;
    if (asks_.size() != 0 || owed_ != 0 || !queue_.empty() || holds_back()) return;
    parting_ = true;
    say_goodbye(self, "drained");
}
/// Nothing is owed any more, or the time is over.
template <class Wire>
TROUPE_COLD void basic_link<Wire>::finish_drain(self_type& self, bool in_time) {
    // What is said last would be the end of the drain once more.
    if (std::exchange(finishing_, true)) return;
    auto told = std::exchange(draining_, {});
    drained_.complete = in_time;
    if (wire_ && !parting_) say_goodbye(self, "drained");
    if (state_ != link_state::closed) {
        if (wire_) end_session(self, "drained");
        enter(self, link_state::closed);
    }
    finishing_ = false;
    retry_at_ = drain_by_ = never;
    drained_.unconfirmed = numbers_.unconfirmed;
    drained_.refused = numbers_.not_sent;
    out_.for_each(
        [&](out_channel& c) { drained_.refused += c.box->lost.load(memory_order_relaxed); });
    tell_connected({connect_status::closed});
    for (reply<drain_report>& r : told) r(drained_);
    // Who wants to go there again gets a connection of its own.
    if (accepted_) return;
    static_cast<void>(node_->retire_link(self.ref(), kept_));
    self.stop();
}

}  // namespace troupe::inline TROUPE_ABI::detail
