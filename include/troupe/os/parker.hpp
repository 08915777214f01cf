// SPDX-License-Identifier: BSL-1.0
#pragma once

// One thread sleeps here until another wakes it. A wake that comes first is not lost: the next
// park returns at once. Wakes do not add up. The owner may also sleep elsewhere (in a reactor):
// then who wakes it is told so, and wakes it there.

#include <cstdint>

#include "troupe/base/time.hpp"
#include "troupe/os/brief_wait.hpp"
#include "troupe/sync/atomic.hpp"

#if defined(TROUPE_MODEL)
#include <time.h>
#elif TROUPE_HAS_FUTEX
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#else
#include <condition_variable>
#include <mutex>
#include <utility>
#endif

namespace troupe::inline TROUPE_ABI::detail {

#if TROUPE_HAS_FUTEX || defined(TROUPE_MODEL)

class parker {
public:
    /// Sleeps until unpark(). The owner only.
    void park() noexcept { static_cast<void>(park_for(forever)); }

    /// As park(), for a wake that is expected soon: waits some microseconds before it sleeps.
    void park_briefly() noexcept {
        // relaxed: park() takes the wake
        for (brief_wait wait; word_.load(memory_order_relaxed) != notified && wait.pause();) {}
        park();
    }

    /// Sleeps until unpark() or for about `span` of real time; a signal may end it early, so
    /// callers look again at what they waited for. True: it has taken a wake. The owner only.
    bool park_for(duration span) noexcept {
        // One decrement: notified (1) -> empty (0), or empty (0) -> sleeping (-1).
        // acquire: pairs with the release in unpark()
        if (word_.fetch_sub(1, memory_order_acquire) == notified) return true;
        timespec  limit{};
        timespec* until = nullptr;
        if (span != forever) {
            auto const count = span.count() < 0 ? 0 : span.count();
            limit.tv_sec = static_cast<time_t>(count / 1'000'000'000);
            limit.tv_nsec = static_cast<long>(count % 1'000'000'000);
            until = &limit;
        }
        for (;;) {
            sleep(until);
            if (until != nullptr) {
                // Woken, or the time is over, or neither: a signal, or a wake meant for what lay at
                // this address before. A wake that comes now is taken too, so it is not left over.
                // acquire: pairs with the release in unpark()
                return word_.exchange(empty, memory_order_acquire) == notified;
            }
            std::int32_t expected = notified;
            // acquire: pairs with the release in unpark(); relaxed when it fails: it sleeps again
            if (word_.compare_exchange_strong(expected, empty, memory_order_acquire,
                                              memory_order_relaxed)) {
                return true;
            }
        }
    }

    /// Wakes the owner, now or at its next park. Any thread. After its exchange it touches the
    /// parker no more (the address it wakes may be gone by then, which the kernel takes with good
    /// grace), so the owner may destroy it once it has seen this wake.
    void unpark() noexcept { static_cast<void>(unpark_here_or_elsewhere()); }
    /// The same. True: the owner sleeps elsewhere, and the caller must wake it there.
    [[nodiscard]] bool unpark_here_or_elsewhere() noexcept {
        // release: pairs with the acquires in park_for() and come_back(); what was written before
        // is seen after it. acquire: pairs with go_elsewhere(): who wakes knows where that is
        std::int32_t const was = word_.exchange(notified, memory_order_acq_rel);
        if (was == sleeping) wake();
        return was == elsewhere;
    }

    /// From here on until come_back() the owner sleeps elsewhere. False: there is a wake already,
    /// which it has taken. The owner only.
    bool go_elsewhere() noexcept {
        std::int32_t expected = empty;
        // release: pairs with the acquire of who wakes it; relaxed where it fails: see below
        if (word_.compare_exchange_strong(expected, elsewhere, memory_order_release,
                                          memory_order_relaxed)) {
            return true;
        }
        come_back();
        return false;
    }
    /// Takes the wake, if there was one. The owner only.
    void come_back() noexcept {
        // acquire: pairs with the release in unpark_here_or_elsewhere()
        word_.exchange(empty, memory_order_acquire);
    }

    static constexpr duration forever = duration::max();

private:
    static constexpr std::int32_t elsewhere = -2;
    static constexpr std::int32_t sleeping = -1;
    static constexpr std::int32_t empty = 0;
    static constexpr std::int32_t notified = 1;

#if defined(TROUPE_MODEL)
    // An hour is longer than any interleaving takes.
    void sleep(timespec const* until) noexcept {
        model_futex::wait(word_, sleeping, until != nullptr && until->tv_sec < 3600);
    }
    void wake() noexcept { model_futex::wake(word_); }
#else
    void sleep(timespec const* until) noexcept {
        syscall(SYS_futex, &word_, FUTEX_WAIT_PRIVATE, sleeping, until, nullptr, 0);
    }
    void wake() noexcept { syscall(SYS_futex, &word_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0); }
#endif

    atomic<std::int32_t> word_{empty};
};

#else

class parker {
public:
    void park() noexcept { static_cast<void>(park_for(forever)); }
    void park_briefly() noexcept { park(); }
    bool park_for(duration span) noexcept {
        std::unique_lock lock{mutex_};
        if (span == forever) {
            condition_.wait(lock, [this] { return notified_; });
        } else {
            // a day at most: the standard library adds the span to its clock, which may overflow
            duration const at_most = std::chrono::hours{24};
            condition_.wait_for(lock, span < at_most ? span : at_most,
                                [this] { return notified_; });
        }
        return std::exchange(notified_, false);
    }
    void               unpark() noexcept { static_cast<void>(unpark_here_or_elsewhere()); }
    [[nodiscard]] bool unpark_here_or_elsewhere() noexcept {
        // under the lock: the owner may destroy the parker once it has seen this wake
        std::lock_guard lock{mutex_};
        notified_ = true;
        condition_.notify_one();
        return std::exchange(elsewhere_, false);
    }
    bool go_elsewhere() noexcept {
        std::lock_guard lock{mutex_};
        elsewhere_ = !notified_;
        return !std::exchange(notified_, false);
    }
    void come_back() noexcept {
        std::lock_guard lock{mutex_};
        elsewhere_ = notified_ = false;
    }
    static constexpr duration forever = duration::max();

private:
    // Two of the standard library belong together, and its mutex is no capability: so `notified_`,
    // which it guards, has no attribute. A leaf: nothing is taken or called under it.
    std::mutex              mutex_;
    std::condition_variable condition_;
    bool                    notified_ = false;
    bool                    elsewhere_ = false;
};

#endif

}  // namespace troupe::inline TROUPE_ABI::detail
