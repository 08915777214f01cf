// SPDX-License-Identifier: BSL-1.0
#pragma once

// One instrument for each number of the catalogue and each value of its label, in fixed memory:
// what the sinks of the library keep. Any thread; nothing waits, allocates or throws.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "troupe/observe/catalogue.hpp"
#include "troupe/observe/instruments.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// Where the instruments of a number lie: they follow each other, one for each value of its label,
/// and one for the other values. Metrics with the same key share the values.
struct metric_places {
    static constexpr std::size_t keys_max = 8;

    std::size_t      first[metric_count] = {};
    std::size_t      key[metric_count] = {};  // keys: it has none
    std::string_view names[keys_max] = {};
    std::size_t      keys = 0;
    std::size_t      histograms = 0;
    std::size_t      numbers = 0;  // counters and gauges

    consteval explicit metric_places(std::size_t labels_max) {
        for (std::size_t i = 0; i < metric_count; ++i) {
            metric_info const& m = metric_catalogue[i];
            std::size_t&       used = m.kind == metric_kind::histogram ? histograms : numbers;
            first[i] = used;
            used += m.label.empty() ? 1 : labels_max + 1;
        }
        for (std::size_t i = 0; i < metric_count; ++i) {
            std::string_view const name = metric_catalogue[i].label;
            key[i] = 0;
            while (key[i] < keys && names[key[i]] != name) ++key[i];
            if (key[i] == keys && !name.empty()) names[keys++] = name;
        }
        for (std::size_t i = 0; i < metric_count; ++i) {
            if (metric_catalogue[i].label.empty()) key[i] = keys;
        }
    }
};

/// `Histogram` has `void add(metric, double)`.
template <class Histogram, std::size_t LabelsMax>
class metric_table {
    static_assert(LabelsMax >= 1, "troupe: a metrics sink keeps at least one value of each label");

public:
    static constexpr metric_places places{LabelsMax};

    void add(metric id, std::string_view label, std::uint64_t n) noexcept {
        number& x = numbers_[first(id) + place_of(id, label)];
        x.count.add(n);
        x.say();
    }
    /// Of other labels than those that have a place none is kept: they are not one gauge. One that
    /// is called `other` is, in their place.
    void set(metric id, std::string_view label, double value) noexcept {
        std::size_t const place = place_of(id, label);
        if (labelled(id) && place == LabelsMax && label != other) return;
        number& x = numbers_[first(id) + place];
        x.gauge.set(value);
        x.say();
    }
    void sample(metric id, std::string_view label, double value) noexcept {
        distribution& x = histograms_[first(id) + place_of(id, label)];
        x.values.add(id, value);
        x.say();
    }

    // --- what was told. `place` is from 0 to places_of() - 1.
    static constexpr bool        labelled(metric id) noexcept { return key(id) != places.keys; }
    static constexpr std::size_t places_of(metric id) noexcept {
        return labelled(id) ? LabelsMax + 1 : 1;
    }
    /// The place of a value that somebody has told; no_place: nobody has.
    static constexpr std::size_t no_place = LabelsMax + 1;
    std::size_t                  find(metric id, std::string_view label) const noexcept {
        if (!labelled(id)) return label.empty() ? 0 : no_place;
        std::size_t const found = labels_[key(id)].find(label);
        return found != LabelsMax || label == other ? found : no_place;
    }
    std::string_view label_at(metric id, std::size_t place) const noexcept {
        return labelled(id) ? labels_[key(id)].text(place) : std::string_view{};
    }
    bool was_told(metric id, std::size_t place) const noexcept {
        std::size_t const at = first(id) + place;
        bool const        histogram = describe(id).kind == metric_kind::histogram;
        // Another thread may be writing the text of a label that a second one has told of.
        if (labelled(id) && !labels_[key(id)].has(place)) return false;
        return histogram ? histograms_[at].told() : numbers_[at].told();
    }
    double gauge_at(metric id, std::size_t place) const noexcept {
        return numbers_[first(id) + place].gauge.value();
    }
    std::uint64_t count_at(metric id, std::size_t place) const noexcept {
        return numbers_[first(id) + place].count.value();
    }
    Histogram const& histogram_at(metric id, std::size_t place) const noexcept {
        return histograms_[first(id) + place].values;
    }
    /// How often a value of a label found no place, by metric.
    std::uint64_t without_place(metric id) const noexcept { return without_[index(id)].value(); }

private:
    struct telling {
        // relaxed: a hint, set once
        void say() noexcept {
            if (!told()) told_.store(true, memory_order_relaxed);
        }
        bool told() const noexcept { return told_.load(memory_order_relaxed); }

    private:
        atomic<bool> told_{false};
    };
    struct number : telling {
        metric_counter count;  // of a counter
        metric_gauge   gauge;  // of a gauge
    };
    struct distribution : telling {
        Histogram values;
    };

    static constexpr std::string_view other = metric_labels<LabelsMax>::other_text;

    static constexpr std::size_t index(metric id) noexcept { return static_cast<std::size_t>(id); }
    static constexpr std::size_t first(metric id) noexcept { return places.first[index(id)]; }
    static constexpr std::size_t key(metric id) noexcept { return places.key[index(id)]; }
    std::size_t                  place_of(metric id, std::string_view label) noexcept {
        if (!labelled(id)) return 0;
        std::size_t const place = labels_[key(id)].place_of(label);
        if (place == LabelsMax && label != other) without_[index(id)].add();
        return place;
    }

    metric_labels<LabelsMax> labels_[places.keys];
    number                   numbers_[places.numbers];
    distribution             histograms_[places.histograms];
    metric_counter           without_[metric_count];
};

}  // namespace troupe::inline TROUPE_ABI::detail
