// SPDX-License-Identifier: BSL-1.0
#pragma once

// The metrics sink of tests and of programs that look at their own numbers: it keeps them, in fixed
// memory, and answers questions.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "troupe/observe/metric_table.hpp"

namespace troupe::inline TROUPE_ABI {

/// Any thread, at any time. `LabelsMax` values of each label key have a place; what is told of
/// others counts as `other` (of gauges: is not kept). Half a megabyte with 16.
template <std::size_t LabelsMax>
class basic_memory_sink {
public:
    void add(metric id, std::string_view label, std::uint64_t n) noexcept {
        table_.add(id, label, n);
    }
    void set(metric id, std::string_view label, double value) noexcept {
        table_.set(id, label, value);
    }
    void sample(metric id, std::string_view label, double value) noexcept {
        table_.sample(id, label, value);
    }

    /// A counter or a gauge, as it stands; of a histogram, how many samples. Zero where nothing was
    /// told. Without a label: of a metric that has one, all of them together.
    double value(metric id) const noexcept {
        double all = 0;
        for_each(id, [&](std::size_t place) { all += value_at(id, place); });
        return all;
    }
    double value(metric id, std::string_view label) const noexcept {
        std::size_t const place = table_.find(id, label);
        return place == table::no_place ? 0 : value_at(id, place);
    }
    /// Of a histogram: the value below which, or at which, the part `of_all` (0.99: P99) of the
    /// samples lies, off by at most 1/32 of it. Without a label: of all of them together.
    double quantile(metric id, double of_all) const noexcept {
        if (!table::labelled(id)) return quantile(id, {}, of_all);
        metric_histogram all;
        for_each(id, [&](std::size_t place) { all.merge(table_.histogram_at(id, place)); });
        return all.quantile(of_all);
    }
    double quantile(metric id, std::string_view label, double of_all) const noexcept {
        std::size_t const place = table_.find(id, label);
        return place == table::no_place ? 0 : table_.histogram_at(id, place).quantile(of_all);
    }
    /// Whether anything was told of it.
    bool has(metric id) const noexcept {
        bool any = false;
        for_each(id, [&](std::size_t) { any = true; });
        return any;
    }
    /// Calls `visit(label)` for each value of the label that was told; where there is none, once
    /// with an empty text.
    template <class Visit>
    void labels(metric id, Visit&& visit) const {
        for_each(id, [&](std::size_t place) { visit(table_.label_at(id, place)); });
    }
    /// How often something was told of a label that found no place.
    std::uint64_t without_place() const noexcept {
        std::uint64_t all = 0;
        for (metric_info const& m : metric_catalogue) all += table_.without_place(m.id);
        return all;
    }

private:
    struct histogram : metric_histogram {
        void add(metric, double value) noexcept { metric_histogram::add(value); }
    };
    using table = detail::metric_table<histogram, LabelsMax>;

    template <class Visit>
    void for_each(metric id, Visit const& visit) const {
        for (std::size_t place = 0; place < table::places_of(id); ++place) {
            if (table_.was_told(id, place)) visit(place);
        }
    }
    double value_at(metric id, std::size_t place) const noexcept {
        metric_kind const kind = describe(id).kind;
        if (kind == metric_kind::gauge) return table_.gauge_at(id, place);
        if (kind == metric_kind::counter) return static_cast<double>(table_.count_at(id, place));
        return static_cast<double>(table_.histogram_at(id, place).count());
    }

    table table_;
};

using memory_sink = basic_memory_sink<16>;

static_assert(metrics_sink<memory_sink>);

}  // namespace troupe::inline TROUPE_ABI
