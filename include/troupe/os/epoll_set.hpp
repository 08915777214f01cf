// SPDX-License-Identifier: BSL-1.0
#pragma once

// Descriptors that the kernel watches (epoll, edge-triggered), and an eventfd to wake the thread
// that waits. What is where an edge was told is nobody's memory but the kernel's: nothing is asked
// for twice. Linux only.

#include "troupe/config/features.hpp"

#if TROUPE_HAS_EPOLL

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "troupe/base/time.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/os/parker.hpp"
#include "troupe/sync/atomic.hpp"

namespace troupe::inline TROUPE_ABI::detail {

class epoll_set {
public:
    epoll_set() noexcept = default;
    ~epoll_set() {
        if (epoll_ >= 0) ::close(epoll_);
        if (event_ >= 0) ::close(event_);
    }
    epoll_set(epoll_set const&) = delete;
    epoll_set& operator=(epoll_set const&) = delete;

    /// Zero, or the error of the operating system; then nothing is open, and it may be tried again.
    TROUPE_COLD int open() noexcept {
        epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
        event_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        // An edge for each write: so it need not be read.
        if (epoll_ >= 0 && event_ >= 0 && add(event_, true, false, none) == 0) return 0;
        int const error = errno;
        if (epoll_ >= 0) ::close(epoll_);
        if (event_ >= 0) ::close(event_);
        epoll_ = event_ = -1;
        return error;
    }

    /// Any thread, as the next three. Zero, or the error of the operating system.
    int add(int descriptor, bool reads, bool writes, std::uint64_t token) noexcept {
        epoll_event wanted{};
        wanted.events = EPOLLET | (reads ? std::uint32_t{EPOLLIN | EPOLLRDHUP} : 0u) |
                        (writes ? std::uint32_t{EPOLLOUT} : 0u);
        wanted.data.u64 = token;
        return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &wanted) == 0 ? 0 : errno;
    }
    void remove(int descriptor) noexcept {
        epoll_event unused{};
        ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, &unused);
    }
    void wake() noexcept {
        std::uint64_t const one = 1;
        // It fails where 2^64 wakes were written.
        static_cast<void>(!::write(event_, &one, sizeof one));
    }

    /// Waits for events, for `span` at most; a signal may end it early. Their tokens: how many.
    std::size_t wait(duration span, std::uint64_t* tokens, std::size_t most) noexcept {
        epoll_event events[events_max];
        int const   room = static_cast<int>(most < events_max ? most : events_max);
        int const   count = wait_for(span, events, room);
        std::size_t told = 0;
        for (int i = 0; i < count; ++i) {
            if (events[i].data.u64 != none) tokens[told++] = events[i].data.u64;
        }
        return told;
    }

private:
    static constexpr std::uint64_t none = ~std::uint64_t{0};
    static constexpr std::size_t   events_max = 64;

    int wait_for(duration span, epoll_event* events, int room) noexcept {
        if (span == parker::forever) return ::epoll_wait(epoll_, events, room, -1);
        if (span.count() <= 0) return ::epoll_wait(epoll_, events, room, 0);
#if defined(SYS_epoll_pwait2) && defined(__LP64__)
        // To the nanosecond, as timers are. Linux 5.11.
        if (exact_) {
            timespec limit{};
            limit.tv_sec = static_cast<time_t>(span.count() / 1'000'000'000);
            limit.tv_nsec = static_cast<long>(span.count() % 1'000'000'000);
            long const count =
                ::syscall(SYS_epoll_pwait2, epoll_, events, room, &limit, nullptr, 0);
            if (count >= 0 || errno == EINTR) return static_cast<int>(count);
            exact_ = false;
        }
#endif
        // To the millisecond, rather late than early.
        std::int64_t const count = (span.count() + 999'999) / 1'000'000;
        constexpr int      day = 24 * 60 * 60 * 1000;
        return ::epoll_wait(epoll_, events, room, count < day ? static_cast<int>(count) : day);
    }

    int                   epoll_ = -1;
    int                   event_ = -1;
    [[maybe_unused]] bool exact_ = true;  // the thread that waits
};

}  // namespace troupe::inline TROUPE_ABI::detail

#endif
