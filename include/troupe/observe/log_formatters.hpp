// SPDX-License-Identifier: BSL-1.0
#pragma once

// How a log record becomes a line: for people, and as JSON for programs. Whatever bytes a value
// holds, it stays one line, valid UTF-8, and does not move a terminal; what does not fit is cut and
// shows that it is. Nothing is allocated.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "troupe/config/hints.hpp"
#include "troupe/observe/log_line.hpp"
#include "troupe/os/wall_clock.hpp"
#include "troupe/port/log_sink.hpp"

namespace troupe::inline TROUPE_ABI {

template <class Formatter>
concept log_formatter_formats =
    requires(Formatter const& f, log_record const& r, wall_time at, log_line& to) {
        { f.format(r, at, to) } noexcept;
    };

/// Puts a record into a line, without the end of the line. `at` is when, on the calendar; zero: not
/// known. Called concurrently; must not block, allocate or throw.
template <class Formatter>
concept log_formatter = std::default_initializable<Formatter> && log_formatter_formats<Formatter>;

/// Lists what a type lacks to be a log formatter.
template <class Formatter>
consteval bool explain_log_formatter() {
    static_assert(std::default_initializable<Formatter>,
                  "troupe: give the log formatter a constructor without arguments");
    static_assert(log_formatter_formats<Formatter>,
                  "troupe: add `void format(troupe::log_record const&, troupe::wall_time, "
                  "troupe::log_line&) const noexcept` to the log formatter");
    return true;
}

namespace detail {

/// A text of a record that is longer is cut: one value does not push out the others.
inline constexpr std::size_t log_text_max = 256;
inline constexpr std::size_t log_key_max = 64;

/// The parts of a time of the calendar, in UTC.
struct calendar_time {
    std::int64_t year;
    unsigned     month, day, hour, minute, second, nanosecond;
};

/// Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
constexpr calendar_time calendar_of(wall_time at) noexcept {
    constexpr std::int64_t giga = 1'000'000'000;
    constexpr std::int64_t day = 86'400;
    bool const             early = at.nanoseconds % giga < 0;  // before 1970, in a second's middle
    std::int64_t const     nano = at.nanoseconds % giga + (early ? giga : 0);
    std::int64_t const     seconds = at.nanoseconds / giga - (early ? 1 : 0);
    std::int64_t const     in_day = ((seconds % day) + day) % day;
    std::int64_t const     days = (seconds - in_day) / day + 719'468;
    std::int64_t const     era = (days >= 0 ? days : days - 146'096) / 146'097;
    auto const             doe = static_cast<unsigned>(days - era * 146'097);
    unsigned const         yoe = (doe - doe / 1460 + doe / 36'524 - doe / 146'096) / 365;
    unsigned const         doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    unsigned const         mp = (5 * doy + 2) / 153;
    unsigned const         month = mp < 10 ? mp + 3 : mp - 9;
    return {yoe + era * 400 + (month <= 2 ? 1 : 0),
            month,
            doy - (153 * mp + 2) / 5 + 1,
            static_cast<unsigned>(in_day / 3600),
            static_cast<unsigned>(in_day / 60 % 60),
            static_cast<unsigned>(in_day % 60),
            static_cast<unsigned>(nano)};
}

/// `number` with zeros in front, `digits` of them together.
TROUPE_COLD inline void put_digits(char* to, std::uint64_t number, int digits) noexcept {
    while (digits-- != 0) {
        to[digits] = static_cast<char>('0' + number % 10);
        number /= 10;
    }
}

}  // namespace detail

/// A line for people: `troupe warning: dead letter path=bank/ledger actor=ledger message=entry
/// detail=dead seen=1`. `troupe` stands before what the library tells. With colours where the line
/// wants them, and the time of day (UTC) where it is known. A value with anything but plain
/// characters stands in quotes, and its control characters are written as in C.
class console_formatter {
public:
    void format(log_record const& record, wall_time at, log_line& to) const noexcept;

private:
    static constexpr std::string_view colour_of(log_level level) noexcept {
        switch (level) {
            case log_level::debug: return "\x1b[2m";
            case log_level::info: return "\x1b[32m";
            case log_level::warning: return "\x1b[33m";
            case log_level::error: return "\x1b[31m";
            case log_level::critical: return "\x1b[1;31m";
        }
        return {};
    }
    static constexpr std::string_view no_colour = "\x1b[0m";
    static constexpr std::string_view gone_on = " ...";

    static bool put_plain(log_line& line, detail::log_character const& c) noexcept;
    static bool put_quoted(log_line& line, detail::log_character const& c) noexcept;
    static bool is_plain(std::string_view text) noexcept;
    static void put_time(log_line& line, wall_time at) noexcept;
    static bool put_words(log_line& line, std::string_view text) noexcept;
    static bool put_value(log_line& line, log_value const& value) noexcept;
    static bool put_span(log_line& line, duration span) noexcept;
    static void put_field(log_line& line, std::string_view key, log_value const& value) noexcept;
    static void put_known(log_line& line, std::string_view key, std::string_view value) noexcept {
        if (!value.empty()) put_field(line, key, value);
    }
};

inline bool console_formatter::put_plain(log_line& line, detail::log_character const& c) noexcept {
    if (!c.controls) return line.put(c.bytes);
    using detail::hex_digits;
    switch (c.code) {
        case '\n': return line.put("\\n");
        case '\r': return line.put("\\r");
        case '\t': return line.put("\\t");
        default: break;
    }
    if (c.code < 0x100) {
        char const escape[] = {'\\', 'x', hex_digits[c.code >> 4], hex_digits[c.code & 15]};
        return line.put({escape, sizeof escape});
    }
    char const escape[] = {'\\',
                           'u',
                           hex_digits[c.code >> 12 & 15],
                           hex_digits[c.code >> 8 & 15],
                           hex_digits[c.code >> 4 & 15],
                           hex_digits[c.code & 15]};
    return line.put({escape, sizeof escape});
}

inline bool console_formatter::put_quoted(log_line& line, detail::log_character const& c) noexcept {
    if (c.bytes == "\"") return line.put("\\\"");
    if (c.bytes == "\\") return line.put("\\\\");
    return put_plain(line, c);
}

/// It can be read without quotes. What is behind the part that is shown is not looked at: a text of
/// megabytes takes no longer than a line.
TROUPE_COLD inline bool console_formatter::is_plain(std::string_view text) noexcept {
    if (text.empty()) return false;
    std::size_t const size = text.size();
    while (!text.empty() && size - text.size() < detail::log_text_max) {
        detail::log_character const c = detail::first_character(text);
        char const                  first = c.bytes[0];
        if (c.controls || first == ' ' || first == '"' || first == '\\' || first == '=') {
            return false;
        }
        text.remove_prefix(c.bytes.size());
    }
    return true;
}

TROUPE_COLD inline void console_formatter::put_time(log_line& line, wall_time at) noexcept {
    if (at.nanoseconds == 0) return;
    detail::calendar_time const t = detail::calendar_of(at);
    char                        text[] = "hh:mm:ss.nnn ";
    detail::put_digits(text, t.hour, 2);
    detail::put_digits(text + 3, t.minute, 2);
    detail::put_digits(text + 6, t.second, 2);
    detail::put_digits(text + 9, t.nanosecond / 1'000'000, 3);
    line.put(text);
}

TROUPE_COLD inline bool console_formatter::put_words(log_line&        line,
                                                     std::string_view text) noexcept {
    if (is_plain(text)) {
        return detail::put_text(line, text, detail::log_text_max, 0, &put_plain);
    }
    if (!line.put('"')) return false;
    return detail::put_text(line, text, detail::log_text_max, 1, &put_quoted) && line.put('"');
}

/// In the largest unit of which there is one.
TROUPE_COLD inline bool console_formatter::put_span(log_line& line, duration span) noexcept {
    auto const   count = static_cast<double>(span.count());
    double const size = count < 0 ? -count : count;
    if (size < 1e3) return line.put(static_cast<std::int64_t>(span.count())) && line.put("ns");
    if (size < 1e6) return line.put(count / 1e3) && line.put("us");
    if (size < 1e9) return line.put(count / 1e6) && line.put("ms");
    return line.put(count / 1e9) && line.put("s");
}

TROUPE_COLD inline bool console_formatter::put_value(log_line&        line,
                                                     log_value const& value) noexcept {
    switch (value.is()) {
        case log_value::kind::text: return put_words(line, value.text());
        case log_value::kind::integer: return line.put(value.integer());
        case log_value::kind::natural: return line.put(value.natural());
        case log_value::kind::real: return line.put(value.real());
        case log_value::kind::boolean: return line.put(value.boolean() ? "true" : "false");
        case log_value::kind::span: return put_span(line, value.span());
        case log_value::kind::secret: return line.put(detail::log_hidden);
    }
    return true;
}

TROUPE_COLD inline void console_formatter::put_field(log_line& line, std::string_view key,
                                                     log_value const& value) noexcept {
    std::size_t const before = line.size();
    bool const        plain = is_plain(key);
    bool const        whole =
        line.put(' ') && (plain || line.put('"')) &&
        detail::put_text(line, key, detail::log_key_max, 1, plain ? &put_plain : &put_quoted) &&
        (plain || line.put('"')) && line.put('=') && put_value(line, value);
    if (whole) return;
    line.back_to(before);
    line.note_cut();
}

TROUPE_COLD inline void console_formatter::format(log_record const& record, wall_time at,
                                                  log_line& to) const noexcept {
    if (!to.keep_back(gone_on.size())) return;
    put_time(to, at);
    if (record.id != log_event::said) to.put("troupe ");
    std::size_t const before = to.size();
    if (to.colours() && !(to.put(colour_of(record.level)) && to.put(to_string(record.level)) &&
                          to.put(no_colour))) {
        to.back_to(before);
    }
    if (to.size() == before) to.put(to_string(record.level));
    to.put(": ");
    detail::put_text(to, record.event, detail::log_text_max, 0, &put_plain);
    put_known(to, "path", record.path);
    put_known(to, "actor", record.actor);
    put_known(to, "message", record.message);
    if (record.correlation) put_known(to, "correlation", record.correlation.text().view());
    put_known(to, "detail", record.detail);
    for (log_field const f : record.fields) put_field(to, f.key, f.value);
    bool const cut = to.is_cut();
    to.give_back(gone_on.size());
    if (cut && !to.text().ends_with(detail::log_cut)) to.put(gone_on);
}

/// Stands for what a program may say of itself in each line of JSON: see json_formatter.
struct no_labels {};

namespace detail {
template <class Labels>
concept labels_have_a_service = requires(Labels const& l) { std::string_view{l.service}; };
template <class Labels>
concept labels_have_a_version = requires(Labels const& l) { std::string_view{l.version}; };
template <class Labels>
concept labels_have_an_environment = requires(Labels const& l) { std::string_view{l.environment}; };
template <class Labels>
inline constexpr bool labels_say_something =
    std::is_same_v<Labels, no_labels> || labels_have_a_service<Labels> ||
    labels_have_a_version<Labels> || labels_have_an_environment<Labels>;

/// Writes JSON, member by member: each stands whole, cut inside its text, or not at all.
class json_members {
public:
    explicit json_members(log_line& line) noexcept : line_(line) {}

    /// False: the line is too small for anything.
    bool begin() noexcept {
        return line_.room() > cut_end.size() && line_.keep_back(cut_end.size()) && line_.put('{');
    }
    void member(std::string_view key, log_value const& value) noexcept;
    void known(std::string_view key, std::string_view value) noexcept {
        if (!value.empty()) member(key, value);
    }
    void time(wall_time at) noexcept;
    void fields(log_fields const& all) noexcept;
    void end() noexcept {
        bool const cut = line_.is_cut();
        line_.give_back(cut_end.size());
        line_.put(cut ? (first_ ? cut_end.substr(1) : cut_end) : std::string_view{"}"});
    }

private:
    static constexpr std::string_view cut_end = ",\"cut\":true}";

    static bool put_escaped(log_line& line, log_character const& c) noexcept;
    bool        put_string(std::string_view text, std::size_t most) noexcept {
        return line_.put('"') && put_text(line_, text, most, 1, &put_escaped) && line_.put('"');
    }
    bool put_key(std::string_view key, bool in_nanoseconds) noexcept;
    bool put_value(log_value const& value) noexcept;

    log_line& line_;
    bool      first_ = true;
};

inline bool json_members::put_escaped(log_line& line, log_character const& c) noexcept {
    if (!c.valid) return line.put("\xef\xbf\xbd");  // U+FFFD
    if (c.bytes == "\"") return line.put("\\\"");
    if (c.bytes == "\\") return line.put("\\\\");
    if (!c.controls) return line.put(c.bytes);
    switch (c.code) {
        case '\n': return line.put("\\n");
        case '\r': return line.put("\\r");
        case '\t': return line.put("\\t");
        default: break;
    }
    char const escape[] = {'\\',
                           'u',
                           hex_digits[c.code >> 12 & 15],
                           hex_digits[c.code >> 8 & 15],
                           hex_digits[c.code >> 4 & 15],
                           hex_digits[c.code & 15]};
    return line.put({escape, sizeof escape});
}

/// A bare number has its unit in its name.
TROUPE_COLD inline bool json_members::put_key(std::string_view key, bool in_nanoseconds) noexcept {
    constexpr std::string_view unit = "_ns";
    return line_.put('"') && put_text(line_, key, log_key_max, unit.size() + 1, &put_escaped) &&
           (!in_nanoseconds || line_.put(unit)) && line_.put("\":");
}

TROUPE_COLD inline bool json_members::put_value(log_value const& value) noexcept {
    switch (value.is()) {
        case log_value::kind::text: return put_string(value.text(), log_text_max);
        case log_value::kind::integer: return line_.put(value.integer());
        case log_value::kind::natural: return line_.put(value.natural());
        case log_value::kind::real: {
            bool const number = value.real() - value.real() == 0;  // JSON knows no others
            return (number || line_.put('"')) && line_.put(value.real()) &&
                   (number || line_.put('"'));
        }
        case log_value::kind::boolean: return line_.put(value.boolean() ? "true" : "false");
        case log_value::kind::span:
            return line_.put(static_cast<std::int64_t>(value.span().count()));
        case log_value::kind::secret: return put_string(log_hidden, log_text_max);
    }
    return true;
}

TROUPE_COLD inline void json_members::member(std::string_view key,
                                             log_value const& value) noexcept {
    std::size_t const before = line_.size();
    if ((first_ || line_.put(',')) && put_key(key, value.is() == log_value::kind::span) &&
        put_value(value)) {
        first_ = false;
    } else {
        line_.back_to(before);
        line_.note_cut();
    }
}

TROUPE_COLD inline void json_members::time(wall_time at) noexcept {
    if (at.nanoseconds == 0) return;
    calendar_time const t = calendar_of(at);
    char                text[] = "yyyy-mm-ddThh:mm:ss.uuuuuuZ";
    put_digits(text, static_cast<std::uint64_t>(t.year < 0 ? 0 : t.year), 4);
    put_digits(text + 5, t.month, 2);
    put_digits(text + 8, t.day, 2);
    put_digits(text + 11, t.hour, 2);
    put_digits(text + 14, t.minute, 2);
    put_digits(text + 17, t.second, 2);
    put_digits(text + 20, t.nanosecond / 1000, 6);
    member("time", text);
}

TROUPE_COLD inline void json_members::fields(log_fields const& all) noexcept {
    if (all.empty()) return;
    std::size_t const          before = line_.size();
    constexpr std::string_view head = ",\"fields\":{";
    if (!line_.keep_back(1)) return line_.note_cut();  // its bracket
    json_members inside{line_};
    if (line_.put(head)) {
        for (log_field const f : all) inside.member(f.key, f.value);
    }
    line_.give_back(1);
    if (inside.first_) line_.back_to(before);
    else line_.put('}');
}

}  // namespace detail

/// A line of JSON, one object: `time` (UTC, where it is known), `level`, the labels, `event`,
/// `actor`, `path`, `message`, `correlation`, `detail`, `worker`, `clock_ns` (the system's clock)
/// and `fields`, an object. A member that is empty is not there. A duration is a number of
/// nanoseconds, and its key ends in `_ns`. Bytes that are no UTF-8 become U+FFFD. Where something
/// was cut, or left out, `"cut":true` stands at the end.
///
/// `Labels` is a class with any of `service`, `version` and `environment`, constants or members
/// that are texts; it is made once, with the sink.
template <class Labels = no_labels>
class json_formatter {
    static_assert(detail::labels_say_something<Labels>,
                  "troupe: the labels of a json_formatter have none of `service`, `version` and "
                  "`environment`; add one, as a text that is public");

public:
    void format(log_record const& record, wall_time at, log_line& to) const noexcept {
        detail::json_members out{to};
        if (!out.begin()) return;
        out.time(at);
        out.member("level", to_string(record.level));
        if constexpr (detail::labels_have_a_service<Labels>) out.known("service", labels_.service);
        if constexpr (detail::labels_have_a_version<Labels>) out.known("version", labels_.version);
        if constexpr (detail::labels_have_an_environment<Labels>) {
            out.known("environment", labels_.environment);
        }
        put_rest(record, out);
        out.end();
    }

private:
    TROUPE_COLD static void put_rest(log_record const& record, detail::json_members& out) noexcept {
        out.member("event", record.event);
        out.known("actor", record.actor);
        out.known("path", record.path);
        out.known("message", record.message);
        if (record.correlation) out.member("correlation", record.correlation.text().view());
        out.known("detail", record.detail);
        if (record.worker >= 0) out.member("worker", record.worker);
        out.member("clock", duration{record.time.nanoseconds});
        out.fields(record.fields);
    }

    [[no_unique_address]] Labels labels_{};
};

static_assert(log_formatter<console_formatter> && log_formatter<json_formatter<>>);

}  // namespace troupe::inline TROUPE_ABI
