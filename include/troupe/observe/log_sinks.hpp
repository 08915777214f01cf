// SPDX-License-Identifier: BSL-1.0
#pragma once

// The log sinks that need nothing: silence, and the standard error stream.

#include <cstdio>
#include <string_view>

#include "troupe/config/hints.hpp"
#include "troupe/port/log_sink.hpp"

namespace troupe::inline TROUPE_ABI {

/// One line on the standard error stream for each record from `warning` up. A control byte in a
/// text is written as `?`: a record stays one line.
class console_log {
public:
    static constexpr log_level floor = log_level::warning;

    TROUPE_COLD void write(log_record const& record) noexcept {
        char        line[512];
        std::size_t at = 0;
        append(line, at, "troupe ");
        append(line, at, to_string(record.level));
        append(line, at, ": ");
        append(line, at, record.event);
        field(line, at, " path=", record.path);
        field(line, at, " actor=", record.actor);
        field(line, at, " message=", record.message);
        field(line, at, " detail=", record.detail);
        line[at++] = '\n';
        std::fwrite(line, 1, at, stderr);  // one call: lines of two threads do not mix
    }

private:
    template <std::size_t Size>
    TROUPE_COLD static void append(char (&line)[Size], std::size_t& at,
                                   std::string_view text) noexcept {
        for (char const c : text) {
            if (at + 1 >= Size) return;  // the last byte is for the end of the line
            line[at++] = static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
        }
    }
    template <std::size_t Size>
    TROUPE_COLD static void field(char (&line)[Size], std::size_t& at, std::string_view name,
                                  std::string_view value) noexcept {
        if (value.empty()) return;
        append(line, at, name);
        append(line, at, value);
    }
};

static_assert(log_sink<console_log>);

}  // namespace troupe::inline TROUPE_ABI
