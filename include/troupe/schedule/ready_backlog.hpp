// SPDX-License-Identifier: BSL-1.0
#pragma once

// The ready actors that found no room in a worker's ring, in the batches in which they left it. The
// owner goes on with the newest batch: their messages and their neighbours are still in its cache,
// and a tree of actors is walked in depth, so that few of it are alive at a time. From time to time
// the owner takes some of the oldest, so that they are not forgotten; other workers take these too.
// More: docs/design/0003-scheduling.md

#include <cstddef>
#include <cstdint>

#include "troupe/schedule/runnable.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// A list of ready actors, the one that became ready first in front.
struct ready_batch {
    runnable*   first = nullptr;
    runnable*   last = nullptr;
    std::size_t size = 0;

    void add(runnable& r) noexcept {
        if (last != nullptr) last->ready_link = &r;
        else first = &r;
        last = &r;
        ++size;
    }
    /// The batch is not empty. The link of the last one is never read: its actor may run already.
    runnable& take() noexcept {
        runnable& r = *first;
        if (--size != 0) first = r.ready_link;
        else *this = {};
        return r;
    }
    /// Up to `most` of them, from the front.
    ready_batch take(std::size_t most) noexcept {
        ready_batch taken;
        if (size <= most) {
            taken = *this;
            *this = {};
        } else {
            while (taken.size < most) taken.add(take());
        }
        return taken;
    }
    void append(ready_batch const& more) noexcept {
        if (more.size == 0) return;
        if (size != 0) last->ready_link = more.first;
        else first = more.first;
        last = more.last;
        size += more.size;
    }
};

/// Every so many turns one of the oldest is taken: with n others before it an actor waits for n
/// times as many turns at most, whatever becomes ready meanwhile. More often would be fairer, but a
/// tree of actors would again be walked in breadth.
inline constexpr unsigned backlog_interval = 32;

/// One thread at a time. Of fixed size: where there are more batches than `Batches` the two oldest
/// become one.
template <std::size_t Batches>
class ready_backlog {
    static_assert((Batches & (Batches - 1)) == 0, "a power of two");

public:
    void add(ready_batch const& newest) noexcept {
        if (count_ == Batches) join_oldest();
        at(count_++) = newest;
        size_ += newest.size;
    }
    /// Up to `most` actors of the newest batch, or of the oldest; none when the backlog is empty.
    ready_batch take_newest(std::size_t most) noexcept {
        if (count_ == 0) return {};
        ready_batch const taken = part(at(count_ - 1), most);
        if (at(count_ - 1).size == 0) --count_;
        return taken;
    }
    ready_batch take_oldest(std::size_t most) noexcept {
        if (count_ == 0) return {};
        ready_batch const taken = part(at(0), most);
        if (at(0).size == 0) drop_oldest();
        return taken;
    }
    std::size_t size() const noexcept { return size_; }

private:
    ready_batch& at(std::size_t i) noexcept { return batches_[(oldest_ + i) % Batches]; }
    void         drop_oldest() noexcept {
        oldest_ = (oldest_ + 1) % Batches;
        --count_;
    }
    void join_oldest() noexcept {
        ready_batch joined = at(0);
        joined.append(at(1));
        drop_oldest();
        at(0) = joined;
    }
    ready_batch part(ready_batch& from, std::size_t most) noexcept {
        ready_batch const taken = from.take(most);
        size_ -= taken.size;
        return taken;
    }

    ready_batch batches_[Batches];
    std::size_t oldest_ = 0;
    std::size_t count_ = 0;
    std::size_t size_ = 0;  // actors in all batches
};

}  // namespace troupe::inline TROUPE_ABI::detail
