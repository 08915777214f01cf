// SPDX-License-Identifier: BSL-1.0
#pragma once

// What the end of a system says: everything has ended, or who has not, and why.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "troupe/base/time.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/observe/accounting.hpp"

namespace troupe::inline TROUPE_ABI {

/// How a system ends.
enum class stop_mode : std::uint8_t {
    drain,  ///< first what is queued and what comes of it, for at most three quarters of the time
    now,    ///< what is queued goes to `hand_back` or to the dead letters
};

/// Who was still there. Read while others run: each line was true at some moment, not all at one.
struct straggler {
    /// "bank/ledger"; an actor without a name by its type and a number, "bank/teller#17". At most
    /// 63 bytes, cut in front.
    std::string      path;
    std::string_view actor;  ///< type
    /// "starting", "running", "failed", "replacing", "down", "stopping", "ending".
    std::string_view state;
    /// The type of the message in its handler, which runs or is suspended; or what else of it runs:
    /// "constructor", "started", "stopping", "stopped", "hand_back", "restarting", "on_failure",
    /// "on(terminated)", "destructor". Empty: none.
    std::string_view message;
    /// At least so long it has run in that, without a break. Looked at when the stop begins, each
    /// sixteenth of its time, and at the end. 0: it was seen in it only once, or does not run.
    duration running{};
    /// "a reply of store", "the end of store", "room in store", "its child bank/ledger", "a verdict
    /// of bank", "its restart", "a worker". Empty: for nothing, or for what no look can tell.
    std::string waits_for;
};

/// One line: "bank/teller#17: bank::teller, running, in deposit for 1.2 s".
std::string to_string(straggler const& who);

/// What `stop` found.
struct [[nodiscard("troupe: the report says who has not ended; look at `complete`")]] stop_report {
    /// Everything has ended. Otherwise the time was over first, or stop was called from a handler,
    /// which only begins the end.
    bool complete = false;
    /// Who was still there, in the order of their creation. Empty for a handler, which cannot wait.
    std::vector<straggler> stragglers;
    /// The books at the end. `blocks` counts what asks from outside still hold that have ended and
    /// were not taken.
    accounting books;
    /// How long the call took, in real time.
    duration took{};
};

namespace detail {

/// "1.2 s", "350 ms", "20 us", "7 ns": for people.
TROUPE_COLD inline std::string text_of(duration span) {
    auto const n = span.count();
    if (n >= 1'000'000'000) {
        auto const tenths = n / 100'000'000;
        return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + " s";
    }
    if (n >= 1'000'000) return std::to_string(n / 1'000'000) + " ms";
    if (n >= 1'000) return std::to_string(n / 1'000) + " us";
    return std::to_string(n) + " ns";
}

}  // namespace detail

TROUPE_COLD inline std::string to_string(straggler const& who) {
    std::string line = who.path;
    line.append(": ").append(who.actor).append(", ").append(who.state);
    if (!who.message.empty()) line.append(", in ").append(who.message);
    if (who.running.count() > 0) line.append(" for ").append(detail::text_of(who.running));
    if (!who.waits_for.empty()) line.append(", waits for ").append(who.waits_for);
    return line;
}

}  // namespace troupe::inline TROUPE_ABI
