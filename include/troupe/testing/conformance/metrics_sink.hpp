// SPDX-License-Identifier: BSL-1.0
#pragma once

// The conformance suite of a metrics sink. It cannot see whether a call allocates or waits.
// More: docs/reference/metrics_sink.md

#include <string>
#include <string_view>

#include "troupe/actor/failure.hpp"
#include "troupe/observe/catalogue.hpp"
#include "troupe/port/metrics_sink.hpp"
#include "troupe/testing/conformance/crew.hpp"
#include "troupe/testing/conformance/report.hpp"

namespace troupe::inline TROUPE_ABI {

inline constexpr conformance_rule metrics_sink_rules[] = {
    {1, "every metric of the catalogue may be told, by the call of its kind"},
    {2, "any text may be a label value: empty, long, with control bytes, or no UTF-8"},
    {3, "a failure that is none may be told"},
    {4, "`add` adds to what was told of a counter and its label before"},
    {5, "`set` puts a value in the place of what was told of a gauge and its label before"},
    {6, "`sample` counts each value of a histogram and its label"},
    {7, "the text of a label is copied: it may change after the call"},
    {8, "of what threads tell at once nothing is lost"},
    {9, "however many values a label has had, those that were told first are still counted"},
};

namespace detail {

template <class Sink>
void tell_once(Sink& sink, metric_info const& m, std::string_view label) noexcept {
    switch (m.kind) {
        case metric_kind::counter: sink.add(m.id, label, 1); break;
        case metric_kind::gauge: sink.set(m.id, label, 1); break;
        case metric_kind::histogram: sink.sample(m.id, label, 1); break;
    }
}

template <class Sink>
void check_metrics_sink_takes_all(Sink& sink, conformance_report& report) {
    for (metric_info const& m : metric_catalogue) {
        tell_once(sink, m, m.label.empty() ? std::string_view{} : std::string_view{"conformance"});
    }
    report.check(1, true);  // it is still here
    std::string const      tall(5000, 'x');
    std::string_view const texts[] = {{}, tall, "a\n\x1b[0m\x7f\"\\", {"\0\xff\xc0\xed\xa0", 5}};
    for (metric_info const& m : metric_catalogue) {
        if (m.label.empty()) continue;
        for (std::string_view const text : texts) tell_once(sink, m, text);
    }
    report.check(2, true);
    if constexpr (metrics_sink_takes_failures<Sink>) {
        sink.failed(failure{});
        report.check(3, true);
    } else {
        report.excuse(3, "it takes no failures");
    }
}

template <class Sink, class Read>
void check_metrics_sink_keeps(Sink& sink, Read const& read, conformance_report& report) {
    auto const told = [&](metric id, std::string_view label) -> double {
        return read(sink, id, label);
    };
    double const before = told(metric::actors_spawned, "one");
    sink.add(metric::actors_spawned, "one", 2);
    sink.add(metric::actors_spawned, "two", 5);
    sink.add(metric::actors_spawned, "one", 1);
    sink.add(metric::actors_spawned, "one", 0);
    report.check(4, told(metric::actors_spawned, "one") == before + 3, "of a label");
    double const sent = told(metric::messages_sent, {});
    sink.add(metric::messages_sent, {}, 7);
    report.check(4, told(metric::messages_sent, {}) == sent + 7, "without a label");
    constexpr std::uint64_t many = std::uint64_t{1} << 40;
    sink.add(metric::messages_sent, {}, many);
    report.check(4, told(metric::messages_sent, {}) == sent + 7 + static_cast<double>(many),
                 "of more than 32 bits");

    sink.set(metric::link_state, "one", 1);
    sink.set(metric::link_state, "two", 0);
    report.check(5, told(metric::link_state, "one") == 1, "of a label");
    sink.set(metric::link_state, "one", 0.5);
    report.check(5, told(metric::link_state, "one") == 0.5, "set again");
    sink.set(metric::messages_queued, {}, 3);
    report.check(5, told(metric::messages_queued, {}) == 3, "without a label");

    double const samples = told(metric::handler_seconds, "one");
    for (int i = 0; i < 10; ++i) sink.sample(metric::handler_seconds, "one", i * 0.1);
    report.check(6, told(metric::handler_seconds, "one") == samples + 10, "of a label");
    double const asks = told(metric::ask_seconds, {});
    sink.sample(metric::ask_seconds, {}, 0.1);
    report.check(6, told(metric::ask_seconds, {}) == asks + 1, "without a label");

    char         text[] = "kept";
    double const kept = told(metric::actors_stopped, "kept");
    sink.add(metric::actors_stopped, {text, 4}, 1);
    text[0] = 'X';
    report.check(7, told(metric::actors_stopped, "kept") == kept + 1);
}

template <class Sink, class Read>
void check_metrics_sink_threads(Sink& sink, Read const& read, conformance_report& report) {
    constexpr unsigned threads = 4;
    constexpr unsigned times = 2000;
    double const       added = read(sink, metric::actors_failed, "shared");
    double const       sampled = read(sink, metric::mailbox_depth, "shared");
    on_threads(threads, [&](unsigned) noexcept {
        for (unsigned i = 0; i < times; ++i) {
            sink.add(metric::actors_failed, "shared", 1);
            sink.sample(metric::mailbox_depth, "shared", 1);
        }
    });
    constexpr double all = threads * times;
    report.check(8, read(sink, metric::actors_failed, "shared") == added + all, "of a counter");
    report.check(8, read(sink, metric::mailbox_depth, "shared") == sampled + all, "of a histogram");
}

template <class Sink, class Read>
void check_metrics_sink_floods(Sink& sink, Read const& read, conformance_report& report) {
    double const before = read(sink, metric::actors_restarted, "first");
    sink.add(metric::actors_restarted, "first", 1);
    for (int i = 0; i < 1000; ++i) {
        sink.add(metric::actors_restarted, "value " + std::to_string(i), 1);
    }
    sink.add(metric::actors_restarted, "first", 1);
    report.check(9, read(sink, metric::actors_restarted, "first") == before + 2);
}

}  // namespace detail

/// For a sink that hands on what it is told.
template <class Sink>
conformance_report check_metrics_sink(Sink& sink) {
    static_assert(explain_metrics_sink<Sink>());
    conformance_report report{metrics_sink_rules};
    detail::check_metrics_sink_takes_all(sink, report);
    for (int rule = 4; rule <= 9; ++rule) report.excuse(rule, "nobody can ask it");
    return report;
}

/// For a new sink that keeps numbers: `read(sink, metric, label)` is what it has of a counter or a
/// gauge, and of a histogram how many values; zero where nothing was told. Four threads.
template <class Sink, class Read>
conformance_report check_metrics_sink(Sink& sink, Read const& read) {
    static_assert(explain_metrics_sink<Sink>());
    conformance_report report{metrics_sink_rules};
    detail::check_metrics_sink_keeps(sink, read, report);
    detail::check_metrics_sink_threads(sink, read, report);
    detail::check_metrics_sink_takes_all(sink, report);
    detail::check_metrics_sink_floods(sink, read, report);
    return report;
}

}  // namespace troupe::inline TROUPE_ABI
