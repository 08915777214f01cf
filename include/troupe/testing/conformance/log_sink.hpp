// SPDX-License-Identifier: BSL-1.0
#pragma once

// The conformance suite of a log sink. Of one that writes lines it reads them; it cannot see
// whether `write` waits, or for how long.
// More: docs/reference/log_sink.md

#include <cstddef>
#include <string>
#include <string_view>

#include "troupe/port/log_sink.hpp"
#include "troupe/testing/conformance/crew.hpp"
#include "troupe/testing/conformance/report.hpp"

namespace troupe::inline TROUPE_ABI {

inline constexpr conformance_rule log_sink_rules[] = {
    {1, "`write` takes a record of every event and level, also one with nothing in it"},
    {2, "it reads no byte behind the end of a text"},
    {3, "one record is one line, whatever bytes its texts, keys and values have"},
    {4, "nothing of a record is read when its call has returned"},
    {5, "several threads write at once, and their lines do not mix"},
    {6, "a value that is hidden is not shown, nor is a secret"},
    {7, "a record of any length is one line"},
};

namespace detail {

/// Writes to a sink and looks at what comes out. `read()` gives all lines so far.
template <class Sink, class Read>
class log_sink_check {
public:
    log_sink_check(Sink& sink, Read const& read, conformance_report& report)
        : sink_(sink), read_(read), report_(report) {}

    void run() {
        every_event();
        texts_without_an_end();
        hostile_bytes();
        texts_that_go();
        several_threads();
        hidden_values();
        long_records();
    }

private:
    static constexpr bool writes = !std::is_same_v<Read, std::nullptr_t>;

    /// What came out since the last call.
    std::string fresh() {
        if constexpr (writes) {
            std::string const all = read_();
            std::string const added = all.substr(seen_ < all.size() ? seen_ : all.size());
            seen_ = all.size();
            return added;
        } else {
            return {};
        }
    }
    static std::size_t lines_in(std::string_view text) {
        std::size_t lines = 0;
        for (char const c : text) lines += c == '\n' ? 1 : 0;
        return lines;
    }
    /// What came out since the last call is one line without control bytes.
    bool one_line() {
        if constexpr (!writes) return true;
        std::string const text = fresh();
        for (char const c : text) {
            if (static_cast<unsigned char>(c) < 0x20 && c != '\n') return false;
        }
        return !text.empty() && text.back() == '\n' && lines_in(text) == 1;
    }

    void every_event() {
        sink_.write(log_record{});
        report_.check(1, one_line(), "a record with nothing in it");
        for (log_event_row const& row : log_events) {
            sink_.write({.level = row.level, .id = row.id, .event = row.text});
            report_.check(1, one_line(), row.text);
        }
    }
    void texts_without_an_end() {
        constexpr std::string_view whole = "seenBEHIND";
        std::string_view const     part = whole.substr(0, 4);
        log_field const            field{part, part};
        sink_.write({.event = part,
                     .actor = part,
                     .path = part,
                     .message = part,
                     .detail = part,
                     .fields = {&field, 1}});
        std::string const text = fresh();
        report_.check(2, text.find("BEHIND") == std::string::npos);
        if (writes) report_.check(2, text.find("seen") != std::string::npos, "it is not there");
    }
    void hostile_bytes() {
        for (int first = 0; first < 256; ++first) {
            char const bytes[] = {static_cast<char>(first), '\n', '"', '\\', '\x1b', '{'};
            std::string_view const text{bytes, sizeof bytes};
            log_field const        field{text, text};
            sink_.write({.event = text,
                         .actor = text,
                         .path = text,
                         .message = text,
                         .detail = text,
                         .fields = {&field, 1}});
            report_.check(3, one_line(), "some byte ends it");
        }
    }
    void texts_that_go() {
        std::string text(200, 'a');
        log_field   field{text, std::string_view{text}};
        sink_.write({.event = text, .detail = text, .fields = {&field, 1}});
        text.assign(200, 'z');
        field = {"zzz", 1};
        std::string const out = fresh();
        report_.check(4, out.find("zzz") == std::string::npos);
        if (writes) report_.check(4, out.find("aaa") != std::string::npos, "it is not there");
    }
    void several_threads() {
        constexpr unsigned threads = 3;
        constexpr int      each = 100;
        on_threads(threads, [this](unsigned index) noexcept {
            std::string_view const words = std::string_view{"xxxxxxxxyyyyyyyyzzzzzzzz"}.substr(
                std::size_t{8} * (index % 3), 8);
            log_field const field{"key", words};
            for (int i = 0; i < each; ++i) {
                sink_.write({.event = words, .detail = words, .fields = {&field, 1}});
            }
        });
        std::string const all = fresh();
        report_.check(5, !writes || lines_in(all) == threads * each, "lines are lost, or cut");
        std::string_view left = all;
        while (!left.empty()) {
            std::string_view const line = left.substr(0, left.find('\n'));
            int                    voices = 0;
            for (std::string_view const words : {"xxxxxxxx", "yyyyyyyy", "zzzzzzzz"}) {
                voices += line.find(words) != std::string_view::npos ? 1 : 0;
            }
            report_.check(5, voices == 1, "a line of two threads");
            left.remove_prefix(line.size() < left.size() ? line.size() + 1 : left.size());
        }
    }
    void hidden_values() {
        secret<int> const secret_number{20'061'989};
        log_field const   fields[] = {{"number", secret_number}, {"plain", "hunter2"}};
        log_record        record{.event = "x", .fields = {fields, 2}};
        log_redaction     rule{[](std::string_view key) noexcept { return key == "plain"; }};
        record.fields.hide_by(rule);
        sink_.write(record);
        std::string const out = fresh();
        report_.check(6, out.find("hunter2") == std::string::npos &&
                             out.find("20061989") == std::string::npos);
    }
    void long_records() {
        std::string const text(20'000, 'a');
        log_field         fields[64] = {};
        for (log_field& f : fields) f = {text, std::string_view{text}};
        sink_.write({.event = text,
                     .actor = text,
                     .path = text,
                     .message = text,
                     .detail = text,
                     .fields = {fields, 64}});
        report_.check(7, one_line(), "a long record");
    }

    Sink&               sink_;
    Read const&         read_;
    conformance_report& report_;
    std::size_t         seen_ = 0;
};

}  // namespace detail

/// For a sink whose lines can be read: `read()` gives all that it has written so far, as a
/// std::string. It has a floor of `debug`, or takes what is below: the suite does not ask. Uses
/// three threads.
template <class Sink, class Read>
conformance_report check_log_sink(Sink& sink, Read const& read) {
    static_assert(explain_log_sink<Sink>());
    conformance_report report{log_sink_rules};
    detail::log_sink_check<Sink, Read>{sink, read, report}.run();
    return report;
}

/// For one that writes nothing that could be read here: that it takes everything, and comes back.
/// With a sanitizer more is seen.
template <class Sink>
conformance_report check_log_sink(Sink& sink) {
    return check_log_sink(sink, nullptr);
}

}  // namespace troupe::inline TROUPE_ABI
