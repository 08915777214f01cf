// SPDX-License-Identifier: BSL-1.0
#include "troupe/testing/conformance/metrics_sink.hpp"

#include "support/catch.hpp"

#include "troupe/observe/memory_sink.hpp"
#include "troupe/observe/null_sink.hpp"
#include "troupe/observe/prometheus_sink.hpp"
#include "troupe/testing/archetype/metrics_sink.hpp"

#include <atomic>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>

namespace test_conformance_metrics_sink {

using troupe::check_metrics_sink;
using troupe::conformance_report;
using troupe::metric;
using troupe::metric_info;
using troupe::metric_kind;

void keeps(conformance_report const& report) {
    INFO(report.text());
    CHECK(report);
}
auto const ask = [](auto const& sink, metric id, std::string_view label) {
    return sink.value(id, label);
};

/// What the text says, as Prometheus would read it.
template <class Sink>
double written(Sink const& sink, metric id, std::string_view label) {
    std::string text;
    sink.write(text);
    metric_info const& m = troupe::describe(id);
    std::string        line = "\ntroupe_" + std::string{m.name};
    if (m.kind == metric_kind::histogram) line += "_count";
    if (!m.label.empty()) line += "{" + std::string{m.label} + "=\"" + std::string{label} + "\"}";
    std::size_t const at = text.find(line + " ");
    return at == std::string::npos ? 0 : std::strtod(text.c_str() + at + line.size(), nullptr);
}

TEST_CASE("null_sink is a metrics sink") {
    troupe::null_sink s;
    keeps(check_metrics_sink(s));
}
TEST_CASE("metrics_sink_archetype is a metrics sink") {
    troupe::metrics_sink_archetype s;
    keeps(check_metrics_sink(s));
}
TEST_CASE("memory_sink is a metrics sink") {
    auto const s = std::make_unique<troupe::memory_sink>();
    keeps(check_metrics_sink(*s, ask));
}
TEST_CASE("prometheus_sink is a metrics sink") {
    auto const s = std::make_unique<troupe::prometheus_sink>();
    keeps(check_metrics_sink(*s, [](auto const& sink, metric id, std::string_view label) {
        return written(sink, id, label);
    }));
}

// ---- what is none, and the rule that says so

/// Right, but for a fault.
enum class fault {
    none,
    forgets,
    takes_32_bits,
    adds_to_gauges,
    loses_samples,
    keeps_no_text,
    races,
    forgets_old
};
template <fault Fault>
class faulty {
public:
    void add(metric id, std::string_view label, std::uint64_t n) noexcept {
        if (Fault == fault::takes_32_bits) n = static_cast<std::uint32_t>(n);
        change(id, label, [&](double& v) { v = (Fault == fault::forgets ? 0 : v) + double(n); });
    }
    void set(metric id, std::string_view label, double value) noexcept {
        change(id, label, [&](double& v) { v = (Fault == fault::adds_to_gauges ? v : 0) + value; });
    }
    void sample(metric id, std::string_view label, double value) noexcept {
        change(id, label,
               [&](double& v) { v += Fault == fault::loses_samples && value > 0.5 ? 0 : 1; });
    }
    double value(metric id, std::string_view label) const {
        std::lock_guard const held{mutex_};
        for (auto const& [key, v] : all_) {
            std::string_view const text = Fault == fault::keeps_no_text ? key.view : key.text;
            if (key.id == id && text == label) return v;
        }
        return 0;
    }

private:
    struct named {
        metric           id;
        std::string      text;
        std::string_view view;
        bool operator<(named const& o) const { return std::tie(id, text) < std::tie(o.id, o.text); }
    };
    template <class Change>
    void change(metric id, std::string_view label, Change const& how) noexcept {
        if (Fault == fault::races && calls_.fetch_add(1) % 1000 == 999) return;
        std::lock_guard const held{mutex_};
        if (Fault == fault::forgets_old && all_.size() > 500) all_.clear();
        how(all_[named{id, std::string{label}, label}]);
    }
    mutable std::mutex      mutex_;
    std::map<named, double> all_;
    std::atomic<int>        calls_{0};
};

template <fault Fault>
conformance_report report_of() {
    faulty<Fault> s;
    return check_metrics_sink(s, ask);
}

TEST_CASE("each rule of a metrics sink is seen broken by a sink that breaks it") {
    keeps(report_of<fault::none>());
    CHECK(report_of<fault::forgets>().broken(4));
    CHECK(report_of<fault::takes_32_bits>().broken(4));
    CHECK(report_of<fault::adds_to_gauges>().broken(5));
    CHECK(report_of<fault::loses_samples>().broken(6));
    CHECK(report_of<fault::keeps_no_text>().broken(7));
    CHECK(report_of<fault::races>().broken(8));
    CHECK(report_of<fault::forgets_old>().broken(9));
}

}  // namespace test_conformance_metrics_sink
