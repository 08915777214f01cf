// SPDX-License-Identifier: BSL-1.0
#pragma once

// Where the signals of a transport go in a test that has no actors: it counts them, and sleeps
// until one comes. One thread has the box; signals come from any.

#include <cstddef>
#include <cstdint>

#include "troupe/base/time.hpp"
#include "troupe/os/parker.hpp"
#include "troupe/port/transport.hpp"
#include "troupe/sync/atomic.hpp"
#include "troupe/sync/spin_lock.hpp"

namespace troupe::inline TROUPE_ABI {

namespace detail {

/// A signal may come after everything it was about has gone. So its place is never freed, but used
/// again: then one that is late is one too many for somebody else, which is allowed.
struct signal_board {
    static constexpr std::size_t lines = 1024;

    atomic<std::uint64_t> rings[lines];  // written by any thread, read by who has the box
    parker                sleeper;
    signal_board*         next_free = nullptr;

    static void ring(void* whom, std::uint64_t line) noexcept {
        auto& board = *static_cast<signal_board*>(whom);
        // release: pairs with the acquire in heard(): what the signal is about was done before it
        board.rings[line % lines].fetch_add(1, memory_order_release);
        board.sleeper.unpark();
    }

    static inline spin_lock     lock{};
    static inline signal_board* free_boards TROUPE_GUARDED_BY(lock) = nullptr;

    static signal_board* take() {
        {
            spin_guard const held{lock};
            if (signal_board* const known = free_boards) {
                free_boards = known->next_free;
                return known;
            }
        }
        return new signal_board;
    }
    void give_back() noexcept {
        spin_guard const held{lock};
        next_free = free_boards;
        free_boards = this;
    }
};

}  // namespace detail

/// Counts the signals on each of its lines. Making the first boxes allocates.
class signal_box {
public:
    signal_box() : board_(detail::signal_board::take()) {}
    ~signal_box() { board_->give_back(); }
    signal_box(signal_box const&) = delete;
    signal_box& operator=(signal_box const&) = delete;

    /// A line that nobody has had before, as far as they go: there are 1024.
    std::uint64_t new_line() noexcept { return next_++; }
    /// Rings on this line. Good for ever, also when the box has gone.
    transport_signal signal(std::uint64_t line) const noexcept {
        return {&detail::signal_board::ring, board_, line};
    }
    /// How often it has rung. Ask before you look whether there is something to do, and again when
    /// there was nothing: a signal in between is not missed.
    std::uint64_t heard(std::uint64_t line) const noexcept {
        // acquire: pairs with the release in ring()
        return board_->rings[line % detail::signal_board::lines].load(detail::memory_order_acquire);
    }
    /// Sleeps until any line rings, or has rung since the last sleep; or for so long.
    void sleep(duration at_most) noexcept { static_cast<void>(board_->sleeper.park_for(at_most)); }

private:
    detail::signal_board* board_;
    std::uint64_t         next_ = 0;
};

}  // namespace troupe::inline TROUPE_ABI
