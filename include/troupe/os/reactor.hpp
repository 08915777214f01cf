// SPDX-License-Identifier: BSL-1.0
#pragma once

// Tells when descriptors can be read or written. A descriptor is registered with a signal, which is
// called when there may be something to do; whoever drives the reactor calls it. One thread drives
// at a time: a worker that has nothing to run sleeps here, one that has work looks in. Registering
// and removing is for any thread, also while another one waits.
//
// It reads and writes nothing, owns no descriptor of others and has no thread of its own.
// More: docs/design/0003-scheduling.md

#include <cstddef>
#include <cstdint>
#include <new>

#include "troupe/base/result.hpp"
#include "troupe/base/time.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/os/parker.hpp"
#include "troupe/port/transport.hpp"
#include "troupe/sync/atomic.hpp"
#include "troupe/sync/lock_rank.hpp"

#if !defined(TROUPE_MODEL)
#include "troupe/os/epoll_set.hpp"
#include "troupe/os/poll_set.hpp"
#include "troupe/os/transport_errors.hpp"
#endif

namespace troupe::inline TROUPE_ABI {

/// What somebody wants to do with a descriptor.
enum class readiness : std::uint8_t { read = 1, write = 2, read_and_write = 3 };

#if TROUPE_HAS_POSIX && !defined(TROUPE_MODEL)

class reactor {
public:
    /// `best`: epoll where there is one, otherwise poll.
    enum class backend : std::uint8_t { best, poll };

    /// A descriptor that was registered, as a value: what is done with one that was removed does
    /// nothing.
    class registration {
    public:
        constexpr registration() noexcept = default;
        explicit constexpr operator bool() const noexcept { return generation_ != 0; }

    private:
        friend class reactor;
        constexpr registration(std::uint32_t slot, std::uint32_t generation) noexcept
            : slot_(slot), generation_(generation) {}
        std::uint32_t slot_ = 0;
        std::uint32_t generation_ = 0;
    };

    /// Takes nothing of the operating system before the first descriptor is registered.
    explicit reactor(backend which = backend::best) noexcept
        : polls_(which == backend::poll || TROUPE_HAS_EPOLL == 0) {}
    ~reactor() { delete[] slots_; }
    reactor(reactor const&) = delete;
    reactor& operator=(reactor const&) = delete;

    // --- any thread. None of these waits, but for a lock that is held briefly.

    /// From here on `signal` is called when `descriptor`, which does not block, becomes ready for
    /// what is wanted, or fails; once at the beginning, if it is so already. The error: the
    /// operating system has no descriptor or no memory left, or cannot watch such a thing.
    /// Allocates only where more are registered than ever before.
    result<registration, transport_error> add(int descriptor, readiness wanted,
                                              transport_signal signal) noexcept;

    /// After a read or a write that would have had to wait: calls the signal when it need not any
    /// more. Who does not say so hears nothing more (where there is no epoll).
    void want(registration r, readiness what) noexcept {
        if (polls_) want_again(r, what);
    }

    /// Before the descriptor is closed. The signal may be called once more, by a thread that is
    /// about to.
    void remove(registration r) noexcept;

    /// Ends the wait of the thread that drives, or the next one. Does not wait.
    void wake() noexcept {
        // acquire: pairs with the release in open(). Before that nobody waits.
        if (!open_.load(detail::memory_order_acquire)) return;
        // seq_cst: pairs with wait(). Who finds it set: the wake on its way is for both.
        if (woken_.exchange(true, detail::memory_order_seq_cst)) return;
#if TROUPE_HAS_EPOLL
        if (!polls_) return epoll_.wake();
#endif
        poll_.wake();
    }

    /// How many descriptors are registered; a hint.
    std::uint32_t size() const noexcept { return size_.load(detail::memory_order_relaxed); }

    // --- the thread that drives

    /// False: another thread drives, or nothing was ever registered. Does not wait for it.
    bool try_drive() noexcept {
        // relaxed: saves the exchange; acquire: pairs with the release in leave() and in open()
        return open_.load(detail::memory_order_acquire) &&
               !driven_.load(detail::memory_order_relaxed) &&
               !driven_.exchange(true, detail::memory_order_acquire);
    }
    /// Events that were not dispatched are left to the next one.
    void leave() noexcept {
        driven_.store(false, detail::memory_order_release);  // release: as above
    }
    /// Collects events; waits for the first, for `span` of real time at most (`parker::forever`: as
    /// long as it takes), or until wake(). A signal of the operating system may end it early.
    void wait(duration span) noexcept;
    /// Whether there is something to dispatch.
    bool has_events() const noexcept { return count_ != 0; }
    /// Calls the signals of those that are still registered; how many. No lock is held meanwhile.
    std::size_t dispatch() noexcept;

    /// For the scheduler, before others use it: called once, when there is something to wait for.
    void when_opened(transport_signal told) noexcept { when_opened_ = told; }

private:
    static constexpr std::size_t   events_max = 64;
    static constexpr std::uint32_t nobody = ~0u;

    struct slot {
        transport_signal signal;
        int              descriptor = -1;
        std::uint32_t    generation = 1;
        std::uint32_t    next_free = nobody;
        std::uint8_t     wanted = 0;  // poll: what to tell of; bits of readiness
        bool             taken = false;
    };

    static std::uint64_t token_of(std::uint32_t index, std::uint32_t generation) noexcept {
        return std::uint64_t{generation} << 32 | index;
    }
    /// Null: it was removed.
    slot* find(std::uint32_t index, std::uint32_t generation) noexcept TROUPE_REQUIRES(mutex_) {
        if (index >= slots_size_) return nullptr;
        slot& s = slots_[index];
        return s.taken && s.generation == generation ? &s : nullptr;
    }
    bool        open(int& error) noexcept TROUPE_REQUIRES(mutex_);
    bool        grow() noexcept TROUPE_REQUIRES(mutex_);
    void        free(std::uint32_t index) noexcept TROUPE_REQUIRES(mutex_);
    void        want_again(registration r, readiness what) noexcept;
    std::size_t wait_by_poll(duration span) noexcept;

    bool const                                  polls_;
    detail::ranked_mutex<detail::rank::reactor> mutex_;
    slot*                                       slots_ TROUPE_GUARDED_BY(mutex_) = nullptr;
    std::uint32_t                               slots_size_ TROUPE_GUARDED_BY(mutex_) = 0;
    std::uint32_t                               first_free_ TROUPE_GUARDED_BY(mutex_) = nobody;
    bool                                        polling_ TROUPE_GUARDED_BY(mutex_) = false;
    transport_signal                            when_opened_;  // set before others use it
    detail::atomic<std::uint32_t>               size_{0};      // written under mutex_
    detail::atomic<bool>                        open_{false};  // set once, under mutex_
    detail::atomic<bool>                        driven_{false};
    detail::atomic<bool>                        woken_{false};
    std::uint64_t                               ready_[events_max];  // the thread that drives
    std::size_t                                 count_ = 0;          // the same
#if TROUPE_HAS_EPOLL
    detail::epoll_set epoll_;
#endif
    detail::poll_set poll_;
};

TROUPE_COLD inline bool reactor::open(int& error) noexcept {
    if (open_.load(detail::memory_order_relaxed)) return true;  // relaxed: under the lock
#if TROUPE_HAS_EPOLL
    error = polls_ ? poll_.open() : epoll_.open();
#else
    error = poll_.open();
#endif
    if (error != 0) return false;
    open_.store(true, detail::memory_order_release);  // release: pairs with try_drive()
    return true;
}

/// Twice as many slots. False: there is no memory.
TROUPE_COLD inline bool reactor::grow() noexcept {
    std::uint32_t const larger = slots_size_ == 0 ? 16 : 2 * slots_size_;
    if (polls_ && !poll_.reserve(larger)) return false;
    auto* const fresh = new (std::nothrow) slot[larger];
    if (fresh == nullptr) return false;
    for (std::uint32_t i = 0; i < slots_size_; ++i) fresh[i] = slots_[i];
    for (std::uint32_t i = larger; i > slots_size_; --i) {
        fresh[i - 1].next_free = first_free_;
        first_free_ = i - 1;
    }
    delete[] slots_;
    slots_ = fresh;
    slots_size_ = larger;
    return true;
}

inline void reactor::free(std::uint32_t index) noexcept {
    slot& s = slots_[index];
    s.taken = false;
    s.wanted = 0;
    if (++s.generation == 0) s.generation = 1;  // zero is nobody's
    s.next_free = first_free_;
    first_free_ = index;
    size_.store(size_.load(detail::memory_order_relaxed) - 1, detail::memory_order_relaxed);
}

TROUPE_COLD inline auto reactor::add(int descriptor, readiness wanted,
                                     transport_signal signal) noexcept
    -> result<registration, transport_error> {
    using namespace detail;
    constexpr std::string_view what = "cannot be watched";
    registration               made;
    bool                       opened = false;
    {
        lock_guard const held{mutex_, root_token{}};
        int              error = 0;
        opened = !open_.load(memory_order_relaxed);
        if (!open(error)) return transport_error_of(error, what);
        if (first_free_ == nobody && !grow()) return transport_error_of(ENOMEM, what);
        std::uint32_t const index = first_free_;
        slot&               s = slots_[index];
        first_free_ = s.next_free;
        s.signal = signal;
        s.descriptor = descriptor;
        s.wanted = static_cast<std::uint8_t>(wanted);
        s.taken = true;
        made = {index, s.generation};
        // relaxed: a hint
        size_.store(size_.load(memory_order_relaxed) + 1, memory_order_relaxed);
#if TROUPE_HAS_EPOLL
        if (!polls_) {
            bool const reads = (s.wanted & static_cast<unsigned>(readiness::read)) != 0;
            bool const writes = (s.wanted & static_cast<unsigned>(readiness::write)) != 0;
            error = epoll_.add(descriptor, reads, writes, token_of(index, s.generation));
            if (error != 0) {
                free(index);
                return transport_error_of(error, what);
            }
        }
#endif
        if (polls_ && polling_) wake();
    }
    if (opened) when_opened_();
    return made;
}

TROUPE_COLD inline void reactor::remove(registration r) noexcept {
    detail::lock_guard const held{mutex_, detail::root_token{}};
    slot* const              s = find(r.slot_, r.generation_);
    if (s == nullptr) return;
#if TROUPE_HAS_EPOLL
    if (!polls_) epoll_.remove(s->descriptor);
#endif
    free(r.slot_);
}

TROUPE_COLD inline void reactor::want_again(registration r, readiness what) noexcept {
    detail::lock_guard const held{mutex_, detail::root_token{}};
    slot* const              s = find(r.slot_, r.generation_);
    if (s == nullptr) return;
    auto const all = static_cast<std::uint8_t>(s->wanted | static_cast<unsigned>(what));
    if (all == s->wanted) return;
    s->wanted = all;
    if (polling_) wake();  // the thread that waits does not know of it
}

inline void reactor::wait(duration span) noexcept {
    if (count_ != 0) return;  // there is something left
#if TROUPE_HAS_EPOLL
    count_ = polls_ ? wait_by_poll(span) : epoll_.wait(span, ready_, events_max);
#else
    count_ = wait_by_poll(span);
#endif
    // An exchange: what was done before a wake is seen after it, also when that wake found another
    // one on its way. A wake that comes from here on is told to the next wait.
    woken_.exchange(false, detail::memory_order_seq_cst);  // seq_cst: pairs with wake()
}

TROUPE_COLD inline std::size_t reactor::wait_by_poll(duration span) noexcept {
    using namespace detail;
    {
        lock_guard const held{mutex_, root_token{}};
        polling_ = true;
        poll_.begin();
        for (std::uint32_t i = 0; i < slots_size_; ++i) {
            slot const& s = slots_[i];
            if (!s.taken || s.wanted == 0) continue;
            poll_.add(s.descriptor, (s.wanted & static_cast<unsigned>(readiness::read)) != 0,
                      (s.wanted & static_cast<unsigned>(readiness::write)) != 0,
                      token_of(i, s.generation));
        }
    }
    std::size_t const count = poll_.wait(span, ready_, events_max);
    lock_guard const  held{mutex_, root_token{}};
    polling_ = false;
    for (std::size_t i = 0; i < count; ++i) {
        slot* const s = find(static_cast<std::uint32_t>(ready_[i]),
                             static_cast<std::uint32_t>(ready_[i] >> 32));
        if (s != nullptr) s->wanted = 0;  // until somebody wants more
    }
    return count;
}

inline std::size_t reactor::dispatch() noexcept {
    if (count_ == 0) return 0;
    transport_signal signals[events_max];
    std::size_t      count = 0;
    {
        detail::lock_guard const held{mutex_, detail::root_token{}};
        for (std::size_t i = 0; i < count_; ++i) {
            slot const* const s = find(static_cast<std::uint32_t>(ready_[i]),
                                       static_cast<std::uint32_t>(ready_[i] >> 32));
            if (s != nullptr) signals[count++] = s->signal;
        }
    }
    count_ = 0;
    for (std::size_t i = 0; i < count; ++i) signals[i]();
    return count;
}

#elif defined(TROUPE_MODEL)

/// In a model nothing comes but what the test sends.
class reactor {
public:
    bool try_drive() noexcept { return !driven_.exchange(true, detail::memory_order_acquire); }
    void leave() noexcept { driven_.store(false, detail::memory_order_release); }
    void wait(duration span) noexcept {
        if (!take() && span.count() > 0) {
            park_.park_for(span);
            take();
        }
    }
    bool        has_events() const noexcept { return told_; }
    std::size_t dispatch() noexcept {
        bool const any = told_;
        told_ = false;
        if (any) signal_();
        return any;
    }
    void          wake() noexcept { park_.unpark(); }
    std::uint32_t size() const noexcept { return 1; }
    void          when_opened(transport_signal) noexcept {}

    /// The test's: `signal` is the one of what is registered.
    explicit reactor(transport_signal signal = {}) noexcept : signal_(signal) {}
    void arrive() noexcept {
        arrived_.store(true, detail::memory_order_release);
        park_.unpark();
    }

private:
    bool take() noexcept {
        if (arrived_.exchange(false, detail::memory_order_acquire)) told_ = true;
        return told_;
    }
    transport_signal     signal_;
    detail::atomic<bool> driven_{false};
    detail::atomic<bool> arrived_{false};
    detail::parker       park_;
    bool                 told_ = false;  // the thread that drives
};

#else

/// Where there are no descriptors nothing can be registered, and nobody drives.
class reactor {
public:
    bool          try_drive() noexcept { return false; }
    void          leave() noexcept {}
    void          wait(duration) noexcept {}
    bool          has_events() const noexcept { return false; }
    std::size_t   dispatch() noexcept { return 0; }
    void          wake() noexcept {}
    std::uint32_t size() const noexcept { return 0; }
    void          when_opened(transport_signal) noexcept {}
};

#endif

}  // namespace troupe::inline TROUPE_ABI
