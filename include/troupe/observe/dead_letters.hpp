// SPDX-License-Identifier: BSL-1.0
#pragma once

// What is remembered of messages that nobody handled: all of them are counted, the last few are
// kept with their cause, and the log is told at the 1st, 2nd, 4th, 8th ... of each cause, so that a
// flood does not become a flood of lines.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "troupe/base/errors.hpp"
#include "troupe/sync/lock_rank.hpp"

namespace troupe::inline TROUPE_ABI {

/// A message that was not handled. The message itself is gone.
struct dead_letter {
    drop_cause       cause = drop_cause::dead;
    std::string_view message;     ///< its type
    std::uint64_t    target = 0;  ///< the incarnation it was sent to; zero: a null reference
    /// The type of the actor, if it was alive then: the message was refused or dropped, there was
    /// no memory for it, or it was queued when the actor stopped. Else empty.
    std::string_view actor{};
};

namespace detail {

/// Any thread.
class dead_letter_log {
public:
    static constexpr std::size_t kept = 64;

    /// Zero: the log need not be told. Else how many there were with this cause.
    template <class Token>
    std::uint64_t add(dead_letter const& letter, Token const& token) noexcept {
        lock_guard const held{mutex_, token};
        letters_[next_++ % kept] = letter;
        std::uint64_t const seen = ++seen_[static_cast<std::size_t>(letter.cause)];
        return (seen & (seen - 1)) == 0 ? seen : 0;
    }

    /// The last ones, oldest first. (A vector of a template parameter is compiled only where
    /// somebody asks.)
    template <class Token, class Letter = dead_letter>
    std::vector<Letter> recent(Token const& token) const {
        std::vector<Letter> copy;
        copy.reserve(kept);
        lock_guard const held{mutex_, token};
        for (std::size_t i = next_ < kept ? 0 : next_ - kept; i < next_; ++i) {
            copy.push_back(letters_[i % kept]);
        }
        return copy;
    }

private:
    mutable ranked_mutex<rank::dead_letters> mutex_;
    dead_letter                              letters_[kept] TROUPE_GUARDED_BY(mutex_);
    std::size_t                              next_ TROUPE_GUARDED_BY(mutex_) = 0;
    std::uint64_t                            seen_[drop_causes] TROUPE_GUARDED_BY(mutex_) = {};
};

}  // namespace detail
}  // namespace troupe::inline TROUPE_ABI
