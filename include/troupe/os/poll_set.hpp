// SPDX-License-Identifier: BSL-1.0
#pragma once

// Descriptors that are watched by poll(2), for systems without epoll. The list is made anew for
// each wait, under the lock of its owner; what it polls meanwhile is its own, so that others may
// come and go. A pipe wakes the thread that waits.

#include "troupe/config/features.hpp"

#if TROUPE_HAS_POSIX

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <new>
#include <poll.h>
#include <time.h>
#include <unistd.h>
#include <utility>

#include "troupe/base/time.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/os/nonblocking.hpp"
#include "troupe/os/parker.hpp"

namespace troupe::inline TROUPE_ABI::detail {

class poll_set {
public:
    poll_set() noexcept = default;
    ~poll_set() {
        for (int const end : pipe_) {
            if (end >= 0) ::close(end);
        }
    }
    poll_set(poll_set const&) = delete;
    poll_set& operator=(poll_set const&) = delete;

    /// Zero, or the error of the operating system; then nothing is open, and it may be tried again.
    TROUPE_COLD int open() noexcept {
        if (::pipe(pipe_) != 0) {
            pipe_[0] = pipe_[1] = -1;
            return errno;
        }
        for (int const end : pipe_) { make_nonblocking(end); }
        return 0;
    }

    /// Under the owner's lock: makes room for `count` descriptors. False: there is no memory.
    bool reserve(std::size_t count) noexcept {
        if (count <= here_.capacity || count <= larger_.capacity) return true;
        entries grown;
        if (!grown.make(2 * count)) return false;
        larger_.swap(grown);
        return true;
    }
    /// Under the owner's lock, by the thread that will wait: begins the list.
    void begin() noexcept {
        if (larger_.capacity > here_.capacity) here_.swap(larger_);
        size_ = 0;
    }
    /// Under the owner's lock, up to as many as were reserved.
    void add(int descriptor, bool reads, bool writes, std::uint64_t token) noexcept {
        if (size_ == here_.capacity) return;
        pollfd& at = here_.polled[size_ + 1];
        at.fd = descriptor;
        at.events = static_cast<short>((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
        at.revents = 0;
        here_.tokens[size_++] = token;
    }
    /// Waits for events, for `span` at most; a signal may end it early. Their tokens: how many.
    /// What finds no room is told the next time.
    std::size_t wait(duration span, std::uint64_t* tokens, std::size_t most) noexcept {
        pollfd  only{};
        pollfd* list = here_.polled != nullptr ? here_.polled : &only;
        list[0].fd = pipe_[0];
        list[0].events = POLLIN;
        list[0].revents = 0;
        if (wait_for(list, static_cast<nfds_t>(size_ + 1), span) <= 0) return 0;
        if (list[0].revents != 0) {
            char told[64];
            while (::read(pipe_[0], told, sizeof told) == sizeof told) {}
        }
        std::size_t count = 0;
        for (std::size_t i = 0; i < size_ && count < most; ++i) {
            // Not always from the first one on: all come to be told.
            std::size_t const at = (i + first_) % size_;
            if (list[at + 1].revents != 0) tokens[count++] = here_.tokens[at];
        }
        first_ += count;
        return count;
    }

    /// Any thread.
    void wake() noexcept {
        char const one = 1;
        static_cast<void>(
            !::write(pipe_[1], &one, 1));  // it fails where it is full: that wakes, too
    }

private:
    struct entries {
        pollfd*        polled = nullptr;  // the first is the pipe
        std::uint64_t* tokens = nullptr;
        std::size_t    capacity = 0;

        entries() noexcept = default;
        ~entries() {
            delete[] polled;
            delete[] tokens;
        }
        entries(entries const&) = delete;
        entries& operator=(entries const&) = delete;
        bool     make(std::size_t count) noexcept {
            polled = new (std::nothrow) pollfd[count + 1];
            tokens = new (std::nothrow) std::uint64_t[count];
            if (polled == nullptr || tokens == nullptr) return false;
            capacity = count;
            return true;
        }
        void swap(entries& other) noexcept {
            std::swap(polled, other.polled);
            std::swap(tokens, other.tokens);
            std::swap(capacity, other.capacity);
        }
    };

    static int wait_for(pollfd* list, nfds_t count, duration span) noexcept {
        if (span == parker::forever) return ::poll(list, count, -1);
        if (span.count() < 0) span = duration{0};
#if defined(__linux__) || defined(__FreeBSD__)
        timespec limit{};
        limit.tv_sec = static_cast<time_t>(span.count() / 1'000'000'000);
        limit.tv_nsec = static_cast<long>(span.count() % 1'000'000'000);
        return ::ppoll(list, count, &limit, nullptr);
#else
        std::int64_t const whole = (span.count() + 999'999) / 1'000'000;
        constexpr int      day = 24 * 60 * 60 * 1000;
        return ::poll(list, count, whole < day ? static_cast<int>(whole) : day);
#endif
    }

    int         pipe_[2] = {-1, -1};
    entries     here_;       // the thread that waits, but for its capacity
    entries     larger_;     // the owner's lock
    std::size_t size_ = 0;   // the thread that waits
    std::size_t first_ = 0;  // the same
};

}  // namespace troupe::inline TROUPE_ABI::detail

#endif
