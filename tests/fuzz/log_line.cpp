// SPDX-License-Identifier: BSL-1.0

// Whatever bytes a log record is made of: JSON is one line that parses, a line for people is one
// line that controls nothing, and neither leaves its place. The first bytes choose the length of
// the line and what the others are.

#include "troupe/observe/log_sinks.hpp"

#include "support/strict_json.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

namespace {

void demand(bool holds, char const* what, std::string_view line) {
    if (holds) return;
    std::fprintf(stderr, "log_line: %s: %.*s\n", what, static_cast<int>(line.size()), line.data());
    std::abort();
}

/// Cuts pieces from the front of the input.
class pieces {
public:
    pieces(std::uint8_t const* data, std::size_t size)
        : left_(reinterpret_cast<char const*>(data), size) {}

    std::uint8_t byte() {
        if (left_.empty()) return 0;
        auto const b = static_cast<std::uint8_t>(left_[0]);
        left_.remove_prefix(1);
        return b;
    }
    /// A text of up to 255 bytes.
    std::string_view text() {
        std::size_t const      wanted = byte();
        std::string_view const part = left_.substr(0, wanted);
        left_.remove_prefix(part.size());
        return part;
    }
    template <class Number>
    Number number() {
        Number                 n{};
        std::string_view const part = left_.substr(0, sizeof n);
        std::memcpy(&n, part.data(), part.size());
        left_.remove_prefix(part.size());
        return n;
    }

private:
    std::string_view left_;
};

troupe::log_value value_of(pieces& in) {
    switch (in.byte() % 7) {
        case 0: return in.number<std::int64_t>();
        case 1: return in.number<std::uint64_t>();
        case 2: return in.number<double>();
        case 3: return (in.byte() & 1) != 0;
        case 4: return troupe::duration{in.number<std::int64_t>()};
        case 5: return troupe::log_value::hidden();
        default: return in.text();
    }
}

bool is_quiet(std::string_view text) {
    while (!text.empty()) {
        auto const c = troupe::detail::first_character(text);
        if (c.controls || !c.valid) return false;
        text.remove_prefix(c.bytes.size());
    }
    return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    pieces             in{data, size};
    std::size_t const  room = 16 + std::size_t{8} * in.byte();
    troupe::log_record record;
    record.level = static_cast<troupe::log_level>(in.byte() % 5);
    troupe::wall_time const at{in.number<std::int64_t>()};
    record.event = in.text();
    record.actor = in.text();
    record.path = in.text();
    record.message = in.text();
    record.detail = in.text();
    record.worker = in.byte() - 1;
    troupe::log_field fields[8];
    std::size_t       count = in.byte() % 9;
    for (std::size_t i = 0; i < count; ++i) {
        std::string_view const key = in.text();
        fields[i] = {key, value_of(in)};
    }
    record.fields = {fields, count};

    // Of the size exactly: a sanitizer sees a byte too many.
    auto const       place = std::make_unique<char[]>(room);
    troupe::log_line json{{place.get(), room}};
    troupe::json_formatter<>{}.format(record, at, json);
    demand(is_quiet(json.text()), "not quiet", json.text());
    demand(troupe_test::strict_json::parse(json.text()).has_value(), "no JSON", json.text());

    troupe::log_line people{{place.get(), room}};
    troupe::console_formatter{}.format(record, at, people);
    demand(is_quiet(people.text()), "not quiet", people.text());

    // Through a sink: one line.
    char       written[4096];
    std::FILE* file = fmemopen(written, sizeof written, "w");
    if (file == nullptr) return 0;
    {
        troupe::stream_log<troupe::json_formatter<>> sink{file, false};
        sink.write(record);
    }
    auto const             length = static_cast<std::size_t>(std::ftell(file));
    std::string_view const line{written, length};
    demand(length != 0 && line.find('\n') == length - 1, "not one line", line);
    std::fclose(file);
    return 0;
}
