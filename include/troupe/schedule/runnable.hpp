// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a scheduler orders: something with a link (port/scheduler.hpp). The scheduler never looks
// inside.

#include <cstddef>

#include "troupe/port/scheduler.hpp"
#include "troupe/sync/lock_rank.hpp"

namespace troupe::inline TROUPE_ABI {
namespace detail {

using troupe::runnable;

/// Actors are made ready with at most a lock of this rank held: by timers, and by owners that
/// release waiters.
using ready_token = holding_at_most<rank::timers>;

/// A push that starts an actor happens with no lock held, or by an owner that lets a waiter's
/// message in, under rank::waiting.
struct sender_token {
    using held = rank::waiting;
};

}  // namespace detail

/// First in, first out, through the links of what stands in it; one thread at a time. Never
/// allocates. The usual part of a ready order.
class ready_list {
public:
    void push(runnable& r) noexcept {
        r.ready_link = nullptr;
        if (last_ != nullptr) last_->ready_link = &r;
        else first_ = &r;
        last_ = &r;
        ++size_;
    }
    runnable* pop() noexcept {
        runnable* const r = first_;
        if (r == nullptr) return nullptr;
        first_ = r->ready_link;
        if (first_ == nullptr) last_ = nullptr;
        --size_;
        return r;
    }
    bool        empty() const noexcept { return first_ == nullptr; }
    std::size_t size() const noexcept { return size_; }

private:
    runnable*   first_ = nullptr;
    runnable*   last_ = nullptr;
    std::size_t size_ = 0;
};

namespace detail {
using troupe::ready_list;
}

}  // namespace troupe::inline TROUPE_ABI
