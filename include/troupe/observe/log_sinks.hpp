// SPDX-License-Identifier: BSL-1.0
#pragma once

// Log sinks that need nothing but a stream, and those that stand around others: for a level, for
// redaction, for several at once. A sink is a type; a system makes it.

#include <concepts>
#include <cstddef>
#include <cstdio>
#include <string_view>
#include <type_traits>

#include "troupe/config/hints.hpp"
#include "troupe/observe/log_formatters.hpp"
#include "troupe/os/terminal.hpp"
#include "troupe/os/wall_clock.hpp"
#include "troupe/port/log_sink.hpp"

namespace troupe::inline TROUPE_ABI {

struct to_stdout {
    static std::FILE* file() noexcept { return stdout; }
};
struct to_stderr {
    static std::FILE* file() noexcept { return stderr; }
};

namespace detail {
template <class Stream>
concept names_a_file = requires {
    { Stream::file() } -> std::convertible_to<std::FILE*>;
};
/// It stands around a sink and promises what that promises.
template <class Sink>
consteval bool explain_log_sink_inside() {
    static_assert(std::is_class_v<Sink> && !std::is_final_v<Sink>,
                  "troupe: redacted<>, leveled<> and security_log<> are derived from the sink in "
                  "them: it is a class, and not final");
    if constexpr (std::is_class_v<Sink> && !std::is_final_v<Sink>) return explain_log_sink<Sink>();
    else return false;
}
}  // namespace detail

/// How a line is written: with one call, so that lines of two threads do not mix, and at once.
/// `Stream::file()` says where to, once; where it gives none, a file that could not be opened,
/// lines go to the standard error stream. It may throw: then there is no log, and no system. May
/// wait for who reads it. What the stream does not take is lost, and nobody is told. A line is
/// `LineMax` bytes at most.
template <class Formatter, class Stream = to_stdout, std::size_t LineMax = 2048>
class stream_log {
    static_assert(explain_log_formatter<Formatter>());
    static_assert(LineMax >= 256, "troupe: a line of a log has at least 256 bytes");
    static_assert(detail::names_a_file<Stream>,
                  "troupe: add `static std::FILE* file()` to the stream of the log");

public:
    stream_log() noexcept(noexcept(Stream::file())) : stream_log(Stream::file()) {}
    explicit stream_log(std::FILE* file) noexcept
        : file_(file != nullptr ? file : stderr), colours_(detail::shows_colours(file_)) {}
    stream_log(std::FILE* file, bool colours) noexcept
        : file_(file != nullptr ? file : stderr), colours_(colours) {}

    TROUPE_COLD void write(log_record const& record) noexcept {
        char     place[LineMax];
        log_line line{{place, LineMax - 1}, colours_};  // the last byte is for the end of the line
        formatter_.format(record, wall_now(), line);
        std::size_t const size = line.size();
        place[size] = '\n';
        std::fwrite(place, 1, size + 1, file_);
        std::fflush(file_);
    }

private:
    [[no_unique_address]] Formatter formatter_{};
    std::FILE*                      file_;
    bool                            colours_;
};

/// One line on the standard error stream for each record from `warning` up, without the time. The
/// log of a system that names none.
class console_log {
public:
    static constexpr log_level floor = log_level::warning;

    console_log() noexcept : console_log(detail::shows_colours(stderr)) {}
    explicit console_log(bool colours) noexcept : colours_(colours) {}

    TROUPE_COLD void write(log_record const& record) noexcept {
        constexpr std::size_t line_max = 1024;
        char                  place[line_max];
        log_line              line{{place, line_max - 1}, colours_};
        console_formatter{}.format(record, {}, line);
        std::size_t const size = line.size();
        place[size] = '\n';
        std::fwrite(place, 1, size + 1, stderr);
    }

private:
    bool colours_;
};

/// A sink with another floor: `leveled<console_log, log_level::info>`.
template <class Sink, log_level Level>
class leveled : public Sink {
    static_assert(detail::explain_log_sink_inside<Sink>());

public:
    using Sink::Sink;
    static constexpr log_level floor = Level;
};

/// Two sinks, and of those any may be two again. Each gets what is not below its floor.
template <class First, class Second>
class tee_log {
    static_assert(explain_log_sink<First>() && explain_log_sink<Second>());
    static constexpr std::uint8_t first_floor = detail::log_floor_of<First>();
    static constexpr std::uint8_t second_floor = detail::log_floor_of<Second>();

public:
    static constexpr auto floor =
        static_cast<log_level>(first_floor < second_floor ? first_floor : second_floor);

    void write(log_record const& record) noexcept {
        auto const level = static_cast<std::uint8_t>(record.level);
        if (level >= first_floor) first_.write(record);
        if (level >= second_floor) second_.write(record);
    }
    First&  first() noexcept { return first_; }
    Second& second() noexcept { return second_; }

private:
    First  first_;
    Second second_;
};

/// A word that a secret is called by, as an argument of redacted<>.
template <std::size_t Size>
struct log_key {
    consteval log_key(char const (&words)[Size]) noexcept {  // NOLINT: written as a text
        for (std::size_t i = 0; i < Size; ++i) text[i] = words[i];
    }
    constexpr std::string_view view() const noexcept { return {text, Size - 1}; }
    char                       text[Size];
};

/// What secrets are usually called.
inline constexpr std::string_view usual_secrets[] = {"password", "passwd",        "token",
                                                     "secret",   "authorization", "api_key",
                                                     "cookie",   "private_key",   "credential"};

namespace detail {

/// The next letter of a key, in lower case, past `_`, `-`, `.` and blanks; zero at the end.
constexpr char next_letter(std::string_view key, std::size_t& at) noexcept {
    while (at < key.size() &&
           (key[at] == '_' || key[at] == '-' || key[at] == '.' || key[at] == ' ')) {
        ++at;
    }
    if (at == key.size()) return '\0';
    char const c = key[at++];
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Whether a key has the word in it: `X-Api-Key` and `apiKeyOfBob` have `api_key`.
constexpr bool key_has_word(std::string_view key, std::string_view word) noexcept {
    for (std::size_t begin = 0; begin < key.size(); ++begin) {
        std::size_t at = begin;
        std::size_t of_word = 0;
        for (;;) {
            char const wanted = next_letter(word, of_word);
            if (wanted == '\0') return true;
            if (next_letter(key, at) != wanted) break;
        }
    }
    return false;
}

template <log_key... More>
bool is_called_like_a_secret(std::string_view key) noexcept {
    for (std::string_view const word : usual_secrets) {
        if (key_has_word(key, word)) return true;
    }
    return (key_has_word(key, More.view()) || ...);
}

/// A record with some of its fields hidden, as long as it lives.
class redacted_record {
public:
    redacted_record(log_record const& original, bool (*hides)(std::string_view) noexcept) noexcept
        : record_(original), rule_{hides} {
        record_.fields.hide_by(rule_);
    }
    redacted_record(redacted_record const&) = delete;
    redacted_record&  operator=(redacted_record const&) = delete;
    log_record const& operator()() const noexcept { return record_; }

private:
    log_record    record_;
    log_redaction rule_;
};

}  // namespace detail

/// A sink that does not see the values of fields whose key has one of `usual_secrets` in it, or one
/// of `More`, in upper or lower case: `redacted<json_log, "iban">`. It does not look into texts.
template <class Sink, log_key... More>
class redacted : public Sink {
    static_assert(detail::explain_log_sink_inside<Sink>());
    static_assert(((!More.view().empty()) && ...),
                  "troupe: redacted<Sink, \"\">: an empty word is in every key");

public:
    using Sink::Sink;

    void write(log_record const& original) noexcept {
        Sink::write(detail::redacted_record{original, &detail::is_called_like_a_secret<More...>}());
    }
};

/// An audit: a sink that gets what concerns security and nothing else. Beside another one:
/// `tee_log<production_log, security_log<my_audit>>`.
template <class Sink>
class security_log : public Sink {
    static_assert(detail::explain_log_sink_inside<Sink>());

public:
    using Sink::Sink;

    void write(log_record const& original) noexcept {
        if (is_security(original.id)) Sink::write(original);
    }
};

/// Everything, for a person who develops: the standard error stream, with the time of day.
using development_log = leveled<stream_log<console_formatter, to_stderr>, log_level::debug>;

/// For the programs that collect logs: JSON on the standard output stream from `info` up, without
/// secrets. `Labels`: see json_formatter.
template <class Labels>
using production_log_of =
    redacted<leveled<stream_log<json_formatter<Labels>, to_stdout>, log_level::info>>;
using production_log = production_log_of<no_labels>;

static_assert(log_sink<console_log>);
static_assert(log_sink<development_log>);
static_assert(log_sink<production_log>);
static_assert(log_sink<tee_log<null_log, security_log<console_log>>>);

}  // namespace troupe::inline TROUPE_ABI
