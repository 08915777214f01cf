// SPDX-License-Identifier: BSL-1.0
#pragma once

// What the end of a system says: everything has ended, or who has not, and why.

#include <cstddef>
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
    /// of bank", "its restart", "a worker". "The end of" a younger sibling also stands where that
    /// has to end first. Empty: for nothing, or for what no look can tell.
    std::string waits_for;
};

/// One line: "bank/teller#17: bank::teller, running, in deposit for 1.2 s". Cut after 800 bytes.
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

/// The words of a line, in a fixed place and cut at the end: a destructor writes them, too, and
/// strings would be compiled with every system.
class line_text {
public:
    std::string_view view() const noexcept { return {text_, length_}; }
    void             add(std::string_view part) noexcept;
    void             add(std::uint64_t number) noexcept;
    /// "1.2 s", "350 ms", "20 us", "7 ns": for people.
    void add(duration span) noexcept;

private:
    std::size_t length_ = 0;
    char        text_[800];
};

TROUPE_COLD inline void line_text::add(std::string_view part) noexcept {
    length_ += part.copy(text_ + length_, sizeof text_ - length_);
}
TROUPE_COLD inline void line_text::add(std::uint64_t number) noexcept {
    if (number >= 10) add(number / 10);
    char const digit = static_cast<char>('0' + number % 10);
    add(std::string_view{&digit, 1});
}
TROUPE_COLD inline void line_text::add(duration span) noexcept {
    auto const n = static_cast<std::uint64_t>(span.count() < 0 ? 0 : span.count());
    if (n >= 1'000'000'000) {
        add(n / 1'000'000'000);
        add(".");
        add(n / 100'000'000 % 10);
        add(" s");
    } else if (n >= 1'000) {
        add(n >= 1'000'000 ? n / 1'000'000 : n / 1'000);
        add(n >= 1'000'000 ? " ms" : " us");
    } else {
        add(n);
        add(" ns");
    }
}

/// A straggler, as it is found out: no text is a string yet.
struct sketch {
    line_text        path;
    std::string_view actor;
    std::string_view state;
    std::string_view message;
    duration         running{};
    line_text        waits_for;
};

TROUPE_COLD inline line_text line_of(std::string_view path, std::string_view actor,
                                     std::string_view state, std::string_view message,
                                     duration running, std::string_view waits_for) noexcept {
    line_text line;
    line.add(path);
    line.add(": ");
    line.add(actor);
    line.add(", ");
    line.add(state);
    if (!message.empty()) {
        line.add(", in ");
        line.add(message);
    }
    if (running.count() > 0) {
        line.add(" for ");
        line.add(running);
    }
    if (!waits_for.empty()) {
        line.add(", waits for ");
        line.add(waits_for);
    }
    return line;
}

}  // namespace detail

TROUPE_COLD inline std::string to_string(straggler const& who) {
    return std::string{
        detail::line_of(who.path, who.actor, who.state, who.message, who.running, who.waits_for)
            .view()};
}

}  // namespace troupe::inline TROUPE_ABI
