// SPDX-License-Identifier: BSL-1.0
#pragma once

// Every way in which the library says no: statuses of a send, and the errors of spawn, ask and
// configuration. Errors are values; where exceptions exist the same values are thrown.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "troupe/base/counted_handle.hpp"
#include "troupe/base/time.hpp"
#include "troupe/config/abi.hpp"
#include "troupe/config/exceptions.hpp"
#include "troupe/config/hints.hpp"

namespace troupe::inline TROUPE_ABI {

class failure;
namespace detail {
struct failure_access;
}

/// What became of a message at the moment of sending. `accepted` says that it is queued, not that
/// it will be handled: the target may still stop first, and then it is a counted dead letter.
enum class [[nodiscard(
    "troupe: the message may have been refused; look at the status")]] send_status : std::uint8_t {
    accepted,        ///< queued
    full,            ///< refused: the mailbox is at its capacity (`fail`, or `try_send`)
    dropped,         ///< refused by `drop_newest`: the mailbox is at its capacity
    no_target,       ///< the actor is gone, or the reference is null
    stopping,        ///< the system drains and takes nothing from outside
    system_ended,    ///< the system of the reference is gone
    pool_exhausted,  ///< no memory left in the pool
    would_block,     ///< the caller runs on a worker, which must not wait
    timed_out,       ///< `send_until`: no room before the deadline
};

/// The words for a status, for logs and tests.
constexpr std::string_view to_string(send_status status) noexcept {
    switch (status) {
        case send_status::accepted: return "accepted";
        case send_status::full: return "full";
        case send_status::dropped: return "dropped";
        case send_status::no_target: return "no_target";
        case send_status::stopping: return "stopping";
        case send_status::system_ended: return "system_ended";
        case send_status::pool_exhausted: return "pool_exhausted";
        case send_status::would_block: return "would_block";
        case send_status::timed_out: return "timed_out";
    }
    return "?";
}

/// Why a message was not handled. One counter each in `accounting`.
enum class drop_cause : std::uint8_t {
    refused,      ///< the mailbox was full: `fail`, `try_send`, `send_until`
    overflow,     ///< the newest or the oldest was dropped by policy
    dead,         ///< the target was gone, the reference null, or the system stopping
    pool,         ///< no memory for the message
    restarted,    ///< its actor was restarted: in a suspended handler, or queued with `mail::drop`
    handed_back,  ///< its actor has stopped and taken it back: `hand_back`
};
inline constexpr std::size_t drop_causes = 6;

constexpr std::string_view to_string(drop_cause cause) noexcept {
    switch (cause) {
        case drop_cause::refused: return "refused";
        case drop_cause::overflow: return "overflow";
        case drop_cause::dead: return "dead";
        case drop_cause::pool: return "pool";
        case drop_cause::restarted: return "restarted";
        case drop_cause::handed_back: return "handed_back";
    }
    return "?";
}

/// Why `spawn` gave no actor.
enum class spawn_errc : std::uint8_t {
    name_taken,       ///< a living sibling has this name
    name_invalid,     ///< empty, longer than 255 bytes, or with a '/' or a control byte in it
    pool_exhausted,   ///< no memory for the actor
    too_many_actors,  ///< `options::actors_max` actors are alive
    stopped,          ///< the system, or the parent, is stopping or has ended
    constructor,      ///< the constructor or `started` failed; the exception is nested
};

constexpr std::string_view to_string(spawn_errc code) noexcept {
    switch (code) {
        case spawn_errc::name_taken: return "name taken";
        case spawn_errc::name_invalid: return "name invalid";
        case spawn_errc::pool_exhausted: return "pool exhausted";
        case spawn_errc::too_many_actors: return "too many actors";
        case spawn_errc::stopped: return "stopped";
        case spawn_errc::constructor: return "constructor failed";
    }
    return "?";
}

/// Why an ask has no reply. Every ask ends exactly once: with its reply or with one of these.
enum class ask_errc : std::uint8_t {
    failed,           ///< the handler threw; the exception is nested
    expired,          ///< `within` passed
    abandoned,        ///< the `reply` was destroyed unanswered
    target_gone,      ///< the actor was gone, or stopped before it answered
    refused,          ///< the mailbox was full
    pool_exhausted,   ///< no memory for the request or its reply
    would_block,      ///< `get` or `result` on a worker: use co_await
    cycle,            ///< the asking actors wait for each other
    cancelled,        ///< the asking actor or its system stopped, or the outcome was taken before
    frame_too_large,  ///< the coroutine frame of the handler is larger than a pool block
    restarted,        ///< the actor was restarted before it answered
    link_lost,  ///< the connection to its process went before the answer came, or there is none
};
inline constexpr std::size_t ask_errcs = 12;

constexpr std::string_view to_string(ask_errc code) noexcept {
    switch (code) {
        case ask_errc::failed: return "failed";
        case ask_errc::expired: return "expired";
        case ask_errc::abandoned: return "abandoned";
        case ask_errc::target_gone: return "target gone";
        case ask_errc::refused: return "refused";
        case ask_errc::pool_exhausted: return "pool exhausted";
        case ask_errc::would_block: return "would block";
        case ask_errc::cycle: return "cycle";
        case ask_errc::cancelled: return "cancelled";
        case ask_errc::frame_too_large: return "frame too large";
        case ask_errc::restarted: return "restarted";
        case ask_errc::link_lost: return "link lost";
    }
    return "?";
}

namespace detail {

/// `<head><type>: <reason>` in a fixed place: an error is made where memory has run out, copied
/// without throwing, and read by several threads at once. The reason may be about a name, which is
/// quoted in it. A long type and a long name are cut, the reason is not; control bytes become `?`.
class error_writer {
public:
    error_writer(char* to, std::size_t room) noexcept : text_(to), room_(room) {}

    TROUPE_COLD void write(std::string_view head, std::string_view type, std::string_view reason,
                           std::string_view name, std::string_view rest) noexcept {
        std::size_t const for_name = name.size() < name_max ? name.size() : name_max;
        append(head);
        append_cut(type, room_ - length_ - between.size() - reason.size() - for_name - rest.size());
        append(between);
        append(reason);
        append_cut(name, for_name);
        append(rest);
        text_[length_] = '\0';
    }

private:
    static constexpr std::string_view between = ": ";
    static constexpr std::string_view cut = "...";
    static constexpr std::size_t      name_max = 64;

    TROUPE_COLD void append_cut(std::string_view part, std::size_t room) noexcept {
        if (part.size() <= room) {
            append(part);
        } else {
            std::size_t end = room - cut.size();
            // Not in the middle of a character of UTF-8.
            while (end != 0 && (static_cast<unsigned char>(part[end]) & 0xc0) == 0x80) --end;
            append(part.substr(0, end));
            append(cut);
        }
    }
    TROUPE_COLD void append(std::string_view part) noexcept {
        for (char const c : part) {
            if (length_ == room_) return;
            text_[length_++] = static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
        }
    }

    char* const       text_;
    std::size_t const room_;
    std::size_t       length_ = 0;
};
template <std::size_t Capacity>
class error_text {
public:
    TROUPE_COLD error_text(std::string_view head, std::string_view type, std::string_view reason,
                           std::string_view name = {}, std::string_view rest = {}) noexcept {
        error_writer{text_, Capacity - 1}.write(head, type, reason, name, rest);
    }
    char const* c_str() const noexcept { return text_; }

private:
    char text_[Capacity];
};

/// What an exception says of itself, cut; empty where it says nothing.
struct words {
    char        text[100] = {};
    std::size_t length = 0;

    TROUPE_COLD explicit words([[maybe_unused]] std::exception_ptr const& thrown) noexcept {
#if TROUPE_HAS_EXCEPTIONS
        if (!thrown) return;
        try {
            std::rethrow_exception(thrown);
        } catch (std::exception const& e) {
            length = std::string_view{e.what()}.copy(text, sizeof(text));
        } catch (...) {}
#endif
    }
    std::string_view view() const noexcept { return {text, length}; }
};

/// The words before and after the name, where the name is the reason, or before those of an
/// exception.
constexpr std::string_view before_name(spawn_errc code, std::string_view thrown) noexcept {
    bool const about_name = code == spawn_errc::name_taken || code == spawn_errc::name_invalid;
    if (!thrown.empty()) return "constructor failed: ";
    return about_name ? "the name \"" : to_string(code);
}
constexpr std::string_view after_name(spawn_errc code) noexcept {
    switch (code) {
        case spawn_errc::name_taken: return "\" is taken by a living sibling";
        case spawn_errc::name_invalid:
            return "\" is invalid; a name has 1 to 255 bytes, without '/' and control bytes";
        default: return {};
    }
}

}  // namespace detail

/// The setting that was refused, with its allowed range. Thrown by the constructor of a system
/// (without exceptions the program ends with the same text), and by `every`.
class config_error : public std::exception {
public:
    explicit config_error(std::string text) : text_(std::move(text)) {}
    char const* what() const noexcept override { return text_.c_str(); }

private:
    std::string text_;
};

/// Thrown by `spawn`, returned by `try_spawn`. Allocates nothing; the text names the actor's type,
/// and the name where that is what was wrong.
class spawn_error : public std::exception {
public:
    explicit spawn_error(spawn_errc code, std::string_view actor = {},
                         std::exception_ptr nested = {}, std::string_view name = {}) noexcept
        : spawn_error(code, actor, nested, name, detail::words{nested}) {}
    spawn_errc code() const noexcept { return code_; }
    /// What the constructor threw; empty for every other code.
    std::exception_ptr nested() const noexcept { return nested_; }
    /// The same with all that is known of it; none for every other code (actor/failure.hpp).
    troupe::failure failure() const noexcept;
    char const*     what() const noexcept override { return text_.c_str(); }

private:
    friend struct detail::failure_access;
    TROUPE_COLD spawn_error(spawn_errc code, std::string_view actor,
                            std::exception_ptr const& nested, std::string_view name,
                            detail::words const& thrown) noexcept
        : code_(code),
          nested_(nested),
          text_("troupe: spawn of ", actor, detail::before_name(code, thrown.view()),
                detail::after_name(code).empty() ? thrown.view() : name, detail::after_name(code)) {
    }

    spawn_errc              code_;
    std::exception_ptr      nested_;
    detail::counted_handle  why_;
    detail::error_text<240> text_;
};

/// What was known of an ask when it ended without a reply.
struct ask_circumstances {
    std::string_view target{};    ///< the type of the actor that was asked; empty when it was gone
    std::uint32_t    queued = 0;  ///< messages in its mailbox; for `expired`
    duration         age{0};      ///< since the request was sent; for `expired`
};

/// Thrown by `get` and `co_await`, returned by `result`. Allocates nothing. What it names must live
/// as long as the program, as names of types do.
class ask_error : public std::exception {
public:
    explicit ask_error(ask_errc code, std::string_view message = {},
                       std::exception_ptr nested = {}) noexcept
        : ask_error(code, message, std::move(nested), ask_circumstances{}) {}
    TROUPE_COLD ask_error(ask_errc code, std::string_view message, std::exception_ptr nested,
                          ask_circumstances const& known) noexcept
        : code_(code),
          message_(message),
          known_(known),
          nested_(std::move(nested)),
          text_("troupe: ask of ", message, reason(code, known, nested_).text) {}
    ask_errc code() const noexcept { return code_; }
    /// The name of the request's type.
    std::string_view message_type() const noexcept { return message_; }
    /// Who was asked, and for `expired` how things stood.
    ask_circumstances const& circumstances() const noexcept { return known_; }
    /// What the handler threw, for `failed`.
    std::exception_ptr nested() const noexcept { return nested_; }
    char const*        what() const noexcept override { return text_.c_str(); }

private:
    struct sentence {
        char text[120];
    };
    static sentence reason(ask_errc code, ask_circumstances const& known,
                           std::exception_ptr const& nested) noexcept;

    ask_errc                code_;
    std::string_view        message_;
    ask_circumstances       known_;
    std::exception_ptr      nested_;
    detail::error_text<200> text_;
};

/// "expired after 200 ms (account, 17 queued)", "failed: overdrawn (account)".
TROUPE_COLD inline ask_error::sentence
ask_error::reason(ask_errc code, ask_circumstances const& known,
                  std::exception_ptr const& nested) noexcept {
    sentence    all{};
    std::size_t length = 0;
    auto const  say = [&all, &length](std::string_view part) {
        length += part.copy(all.text + length, sizeof(all.text) - 1 - length);
    };
    auto const say_number = [&say](char const* format, long long number) {
        char text[32];
        std::snprintf(text, sizeof(text), format, number);
        say(text);
    };
    say(to_string(code));
    if (code == ask_errc::expired && known.age.count() > 0) {
        long long const microseconds = known.age.count() / 1000;
        if (microseconds < 10'000) say_number(" after %lld us", microseconds);
        else say_number(" after %lld ms", microseconds / 1000);
    }
    if (code == ask_errc::would_block) say(": in a handler co_await the request");
    if (detail::words const thrown{nested}; thrown.length != 0) {
        say(": ");
        say(thrown.view());
    }
    if (!known.target.empty()) {
        say(" (");
        say(known.target);
        if (code == ask_errc::expired) say_number(", %lld queued", known.queued);
        say(")");
    }
    return all;
}

}  // namespace troupe::inline TROUPE_ABI
