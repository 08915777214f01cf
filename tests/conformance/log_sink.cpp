// SPDX-License-Identifier: BSL-1.0
#include "troupe/testing/conformance/log_sink.hpp"

#include "support/catch.hpp"

#include "troupe/observe/log_sinks.hpp"
#include "troupe/testing/archetype/log_sink.hpp"
#include "troupe/testing/memory_log.hpp"

#include <atomic>
#include <cstdio>
#include <string>
#include <string_view>

#if defined(__unix__)
#include <unistd.h>
#endif

namespace test_conformance_log_sink {

using troupe::check_log_sink;
using troupe::conformance_report;
using troupe::log_field;
using troupe::log_record;

void keeps(conformance_report const& report) {
    INFO(report.text());
    CHECK(report);
}

TEST_CASE("sinks that write nothing are log sinks") {
    troupe::null_log nothing;
    keeps(check_log_sink(nothing));
    troupe::log_sink_archetype least;
    keeps(check_log_sink(least));
    troupe::memory_log kept;
    keeps(check_log_sink(kept));
}

#if defined(__unix__)
/// All that stands in a file, whoever writes to it.
std::string text_of(std::FILE* file) {
    std::string text;
    char        part[4096];
    for (off_t at = 0;;) {
        auto const got = pread(fileno(file), part, sizeof part, at);
        if (got <= 0) return text;
        text.append(part, static_cast<std::size_t>(got));
        at += got;
    }
}

template <class Sink>
conformance_report check_stream() {
    std::FILE* const   file = std::tmpfile();
    Sink               sink{file};
    conformance_report report = check_log_sink(sink, [file] { return text_of(file); });
    std::fclose(file);
    return report;
}

// clang-format off
TEST_CASE("production_log is a log sink")  { keeps(check_stream<troupe::production_log>()); }
TEST_CASE("development_log is a log sink") { keeps(check_stream<troupe::development_log>()); }
// clang-format on

TEST_CASE("console_log is a log sink") {
    std::fflush(stderr);
    int const           before = dup(2);
    std::FILE* const    file = std::tmpfile();
    troupe::console_log sink{false};
    dup2(fileno(file), 2);
    conformance_report const report = check_log_sink(sink, [file] { return text_of(file); });
    dup2(before, 2);
    close(before);
    std::fclose(file);
    keeps(report);
}

TEST_CASE("what stands around a log sink is one") {
    using troupe::log_level;
    using json = troupe::stream_log<troupe::json_formatter<>>;
    struct plain : json {
        using json::json;
    };
    keeps(check_stream<troupe::redacted<plain, "iban">>());
    keeps(check_stream<troupe::leveled<plain, log_level::critical>>());
    troupe::tee_log<troupe::null_log, troupe::memory_log> both;
    keeps(check_log_sink(both));
    troupe::security_log<troupe::memory_log> audit;
    keeps(check_log_sink(audit));
}

// ---- what is none, and the rule that says so

enum class fault { none, skips_empty, reads_on, raw, keeps_views, mixes, shows_all, splits };

/// Keeps its lines in a string, with a fault.
template <fault Fault>
class faulty {
public:
    void write(log_record const& record) noexcept {
        if (Fault == fault::skips_empty && record.event.empty()) return;
        if constexpr (Fault == fault::mixes) {
            if (std::string_view{"xyz"}.find(record.event.substr(0, 1)) != std::string_view::npos) {
                return mixed(record);
            }
        }
        std::string line;
        text(line, record.event);
        text(line, record.detail);
        for (std::size_t i = 0; i < record.fields.size(); ++i) {
            log_field const f = record.fields[i];
            text(line, f.key);
            if (f.value.is() == troupe::log_value::kind::secret) {
                line += Fault == fault::shows_all ? "hunter2" : "*";
            } else {
                text(line, f.value.text());
            }
        }
        if (Fault == fault::splits && line.size() > 10'000) line.insert(10'000, "\n");
        line += '\n';
        while (lock_.test_and_set()) {}
        if constexpr (Fault == fault::keeps_views) {
            flush();
            late_ = record.detail;
            before_ = line;
        } else {
            lines_ += line;
        }
        lock_.clear();
    }
    std::string read() {
        if constexpr (Fault == fault::keeps_views) flush();
        return lines_;
    }

private:
    void flush() {
        if (before_.empty()) return;
        before_.pop_back();
        text(before_, late_);
        lines_ += before_ + "\n";
        before_.clear();
    }
    void mixed(log_record const& record) {
        for (std::string_view const part : {record.event, record.detail}) {
            while (lock_.test_and_set()) {}
            lines_ += part;
            if (part.data() == record.detail.data()) lines_ += "yyyyyyyyzzzzzzzz\n";
            lock_.clear();
        }
    }
    static void text(std::string& to, std::string_view from) {
        if (Fault == fault::reads_on && from == "seen") from = from.data();
        for (char const c : from) {
            bool const quiet = static_cast<unsigned char>(c) >= 0x20;
            to += quiet || Fault == fault::raw ? c : '?';
        }
    }

    std::atomic_flag lock_{};
    std::string      lines_{};
    std::string      before_{};
    std::string_view late_{};
};

template <fault Fault>
conformance_report check_faulty() {
    faulty<Fault> sink;
    return check_log_sink(sink, [&sink] { return sink.read(); });
}

TEST_CASE("each fault of a log sink breaks its rule") {
    keeps(check_faulty<fault::none>());
    CHECK(check_faulty<fault::skips_empty>().broken(1));
    CHECK(check_faulty<fault::reads_on>().broken(2));
    CHECK(check_faulty<fault::raw>().broken(3));
    CHECK(check_faulty<fault::keeps_views>().broken(4));
    CHECK(check_faulty<fault::mixes>().broken(5));
    CHECK(check_faulty<fault::shows_all>().broken(6));
    CHECK(check_faulty<fault::splits>().broken(7));
    CHECK_FALSE(check_faulty<fault::splits>().broken(3));
}
#endif

}  // namespace test_conformance_log_sink
