// SPDX-License-Identifier: BSL-1.0
#pragma once

// A metrics sink that Prometheus can read: it keeps the numbers in fixed memory and writes them as
// text, its own and the program's. How the text gets to Prometheus is not its affair.

#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <string>
#include <string_view>

#include "troupe/base/errors.hpp"
#include "troupe/base/result.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/observe/exposition.hpp"
#include "troupe/observe/metric_table.hpp"
#include "troupe/sync/spin_lock.hpp"

namespace troupe::inline TROUPE_ABI {

/// The choices of a `basic_prometheus_sink`: derive, and redeclare what differs.
struct prometheus_defaults {
    /// Before all names, with a `_`; empty: nothing.
    static constexpr std::string_view prefix = "troupe";
    /// How many values of each label key have a place. Others are told as `other`.
    static constexpr std::size_t labels_max = 64;
    /// How many numbers the program may have beside those of the catalogue.
    static constexpr std::size_t own_max = 64;
    /// Boundaries of histograms of time, in seconds; of the others, in things.
    static constexpr double seconds_buckets[] = {1e-6,   1e-5, 1e-4, 2.5e-4, 5e-4, 1e-3,
                                                 2.5e-3, 5e-3, 0.01, 0.025,  0.1,  0.25,
                                                 1,      2.5,  10,   60,     600,  3600};
    static constexpr double count_buckets[] = {0,   1,   2,   4,    8,    16,    32,    64,    128,
                                               256, 512, 768, 1024, 4096, 16384, 65536, 262144};
};

enum class metric_errc : std::uint8_t {
    name_invalid,   ///< not a letter or _, and then letters, digits and _; or too long
    name_taken,     ///< the catalogue has it, or one that is written alike
    no_total,       ///< of a counter: the name does not end with `_total`; or it does, of another
    label_invalid,  ///< the key is no name, or begins with `__`, or is `le`; or a value has no key
    other_kind,     ///< it is there with another kind or another label key, or is written alike
    no_help,        ///< nothing says what it is
    too_long,       ///< the name, the help or the label key
    full,           ///< `own_max` are there
};

constexpr std::string_view to_string(metric_errc code) noexcept {
    switch (code) {
        case metric_errc::name_invalid:
            return "the name has to be a letter or _, then letters, digits and _";
        case metric_errc::name_taken: return "the library has a metric of this name";
        case metric_errc::no_total:
            return "the name of a counter has to end with _total, and no other name does";
        case metric_errc::label_invalid:
            return "the label key has to be a letter or _, then letters, digits and _; not le, and "
                   "without __ in front";
        case metric_errc::other_kind: return "it is there already with another kind or label key";
        case metric_errc::no_help: return "a text has to say what it is";
        case metric_errc::too_long:
            return "the name may have 95 bytes, the help 159, the label key 31";
        case metric_errc::full:
            return "there is room for own_max metrics of the program, and they are there";
    }
    return "?";
}

/// Why the program gets no metric of its own. Allocates nothing.
class metric_error : public std::exception {
public:
    metric_error(metric_errc code, std::string_view name) noexcept
        : code_(code), text_("troupe: metric ", name, to_string(code)) {}
    metric_errc code() const noexcept { return code_; }
    char const* what() const noexcept override { return text_.c_str(); }

private:
    metric_errc             code_;
    detail::error_text<240> text_;
};

/// A label of a metric of the program; none when `key` is empty.
struct metric_label {
    std::string_view key{};
    std::string_view value{};
};

namespace detail {

/// The metrics of the program. What is there stays, at its place.
template <std::size_t Most>
class own_metrics {
public:
    struct row {
        char             name[96];
        char             help[160];
        char             key[32];
        label_text       value;
        metric_kind      kind;
        metric_counter   counter;
        metric_gauge     gauge;
        std::string_view name_view() const noexcept { return name; }
    };

    /// Any thread. The row of this name and label value: the one that is there, or a new one.
    result<row*, metric_error> enter(metric_kind kind, std::string_view name, std::string_view help,
                                     metric_label label) noexcept;
    /// Rows that may be read.
    std::size_t size() const noexcept {
        return size_.load(memory_order_acquire);  // acquire: pairs with the release in enter()
    }
    row const& operator[](std::size_t i) const noexcept { return rows_[i]; }
    /// Whether no row before has this name: a family is written where it begins.
    bool is_first(std::size_t i) const noexcept {
        std::size_t first = 0;
        while (rows_[first].name_view() != rows_[i].name_view()) ++first;
        return first == i;
    }

private:
    /// As text that every reader takes.
    template <std::size_t Size>
    static void keep(char (&to)[Size], std::string_view text) noexcept {
        to[copy_readable(to, Size - 1, text, true)] = '\0';
    }

    spin_lock           lock_;  // of those that enter; who reads needs none
    row                 rows_[Most];
    atomic<std::size_t> size_{0};
};

/// What OpenMetrics calls the family: a counter is one without its suffix.
constexpr std::string_view family_of(std::string_view name, metric_kind kind) noexcept {
    constexpr std::string_view total = "_total";
    bool const                 suffixed = kind == metric_kind::counter && name.ends_with(total);
    return suffixed ? name.substr(0, name.size() - total.size()) : name;
}
/// Whether a sample of the family has the name of the other one: in one of the formats a reader
/// would take two for one.
constexpr bool has_a_sample_called(std::string_view family, metric_kind kind,
                                   std::string_view name) noexcept {
    if (!name.starts_with(family)) return false;
    std::string_view const rest = name.substr(family.size());
    if (rest.empty()) return true;
    if (kind == metric_kind::gauge) return false;
    if (rest == "_created") return true;
    if (kind == metric_kind::counter) return rest == "_total";
    return rest == "_bucket" || rest == "_sum" || rest == "_count";
}
constexpr bool are_written_alike(std::string_view a, metric_kind kind_of_a, std::string_view b,
                                 metric_kind kind_of_b) noexcept {
    a = family_of(a, kind_of_a);
    b = family_of(b, kind_of_b);
    return has_a_sample_called(a, kind_of_a, b) || has_a_sample_called(b, kind_of_b, a);
}

/// Whether a family of the catalogue has this name, or a sample of one.
constexpr bool catalogue_has(std::string_view name, metric_kind kind) noexcept {
    for (metric_info const& m : metric_catalogue) {
        if (are_written_alike(m.name, m.kind, name, kind)) return true;
    }
    return are_written_alike("metric_labels_without_place_total", metric_kind::counter, name, kind);
}

template <std::size_t Most>
TROUPE_COLD auto own_metrics<Most>::enter(metric_kind kind, std::string_view name,
                                          std::string_view help, metric_label label) noexcept
    -> result<row*, metric_error> {
    bool const counts = kind == metric_kind::counter;
    if (!is_metric_name(name)) return metric_error{metric_errc::name_invalid, name};
    if (catalogue_has(name, kind)) return metric_error{metric_errc::name_taken, name};
    if (name.ends_with("_total") != counts) return metric_error{metric_errc::no_total, name};
    if (help.empty()) return metric_error{metric_errc::no_help, name};
    bool const bad_key =
        !is_metric_name(label.key) || label.key == "le" || label.key.starts_with("__");
    bool const labelled = !label.key.empty() || !label.value.empty();
    if (labelled && bad_key) return metric_error{metric_errc::label_invalid, name};
    if (name.size() >= sizeof(row::name) || help.size() >= sizeof(row::help) ||
        label.key.size() >= sizeof(row::key)) {
        return metric_error{metric_errc::too_long, name};
    }
    label_text value;
    value.assign(label.value);
    spin_guard const  held{lock_};
    std::size_t const size = size_.load(memory_order_relaxed);  // relaxed: under the lock
    for (std::size_t i = 0; i < size; ++i) {
        row& there = rows_[i];
        if (there.name_view() != name) {
            if (are_written_alike(there.name_view(), there.kind, name, kind)) {
                return metric_error{metric_errc::other_kind, name};
            }
            continue;
        }
        if (there.kind != kind || there.key != label.key) {
            return metric_error{metric_errc::other_kind, name};
        }
        if (there.value.view() == value.view()) return &there;
    }
    if (size == Most) return metric_error{metric_errc::full, name};
    row& fresh = rows_[size];
    keep(fresh.name, name);
    keep(fresh.help, help);
    keep(fresh.key, label.key);
    fresh.value = value;
    fresh.kind = kind;
    size_.store(size + 1, memory_order_release);  // release: pairs with the acquire in size()
    return &fresh;
}

/// Says what is wrong with the choices of a sink.
template <class Choices>
consteval bool explain_prometheus() {
    static_assert(Choices::prefix.empty() || is_metric_name(Choices::prefix),
                  "troupe: the prefix of a Prometheus sink is a letter or _, then letters, digits "
                  "and _");
    static_assert(are_ascending(Choices::seconds_buckets) && are_ascending(Choices::count_buckets),
                  "troupe: the boundaries of a histogram ascend");
    static_assert(
        are_finite(Choices::seconds_buckets) && are_finite(Choices::count_buckets),
        "troupe: the boundaries of a histogram are finite numbers; the bucket of all that "
        "is larger is there without one");
    static_assert(Choices::own_max >= 1 && Choices::labels_max >= 1,
                  "troupe: a Prometheus sink keeps at least one label value and one metric of the "
                  "program");
    return true;
}

}  // namespace detail

/// Any thread, at any time. `Choices` is `prometheus_defaults` or derived from it. Of what is not
/// told when it happens it knows what the last `collect()` of the system has said.
template <class Choices = prometheus_defaults>
class basic_prometheus_sink {
    static_assert(detail::explain_prometheus<Choices>());

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

    /// A number of the program, which is written with the others. It lives as long as the sink; any
    /// thread may use it. Asked for again, it is the same one. The texts are copied.
    result<metric_counter*, metric_error> counter(std::string_view name, std::string_view help,
                                                  metric_label label = {}) noexcept {
        auto made = own_.enter(metric_kind::counter, name, help, label);
        if (!made) return made.error();
        return &made.value()->counter;
    }
    result<metric_gauge*, metric_error> gauge(std::string_view name, std::string_view help,
                                              metric_label label = {}) noexcept {
        auto made = own_.enter(metric_kind::gauge, name, help, label);
        if (!made) return made.error();
        return &made.value()->gauge;
    }

    /// Appends everything. Takes memory from the heap.
    void write(std::string& to, exposition format = exposition::prometheus) const {
        write(detail::exposition_text{&to, &detail::append_piece, format, Choices::prefix});
    }
    /// The same into a fixed place; how many bytes it has. More than the place: what stands there
    /// is cut, and worth nothing.
    std::size_t write(std::span<char> place,
                      exposition      format = exposition::prometheus) const noexcept {
        detail::limited_text to{place};
        write(detail::exposition_text{&to, &detail::limited_text::put, format, Choices::prefix});
        return to.needed;
    }

private:
    static constexpr bool is_time(metric id) noexcept { return describe(id).unit == "seconds"; }
    static constexpr std::span<double const> bounds_of(metric id) noexcept {
        if (is_time(id)) return Choices::seconds_buckets;
        return Choices::count_buckets;
    }
    static constexpr std::size_t most_bounds() noexcept {
        std::span<double const> const a = Choices::seconds_buckets;
        std::span<double const> const b = Choices::count_buckets;
        return a.size() > b.size() ? a.size() : b.size();
    }
    struct histogram : metric_buckets<most_bounds()> {
        void add(metric id, double value) noexcept {
            metric_buckets<most_bounds()>::add(value, bounds_of(id));
        }
    };
    using table = detail::metric_table<histogram, Choices::labels_max>;

    TROUPE_COLD void write(detail::exposition_text to) const;
    void             write_family(detail::exposition_text& to, metric_info const& m) const;
    void             write_own(detail::exposition_text& to) const;
    void             write_without_place(detail::exposition_text& to) const;

    table                                 table_;
    detail::own_metrics<Choices::own_max> own_;
};

using prometheus_sink = basic_prometheus_sink<>;

template <class Choices>
void basic_prometheus_sink<Choices>::write(detail::exposition_text to) const {
    for (metric_info const& m : metric_catalogue) write_family(to, m);
    write_without_place(to);
    write_own(to);
    to.end();
}

template <class Choices>
void basic_prometheus_sink<Choices>::write_family(detail::exposition_text& to,
                                                  metric_info const&       m) const {
    bool begun = false;
    for (std::size_t place = 0; place < table::places_of(m.id); ++place) {
        if (!table_.was_told(m.id, place)) continue;
        if (!begun) to.family(m.name, m.kind, m.unit, m.help);
        begun = true;
        detail::exposition_text::label const one{m.label, table_.label_at(m.id, place)};
        if (m.kind == metric_kind::histogram) {
            histogram const& h = table_.histogram_at(m.id, place);
            to.histogram(
                m.name, one, bounds_of(m.id), [&](std::size_t n) { return h.in(n); }, h.sum());
        } else if (m.kind == metric_kind::gauge) {
            to.sample(m.name, one, detail::number_text{table_.gauge_at(m.id, place)}.view());
        } else {
            to.sample(m.name, one, detail::number_text{table_.count_at(m.id, place)}.view());
        }
    }
}

/// That a label has had more values than places is a number, too.
template <class Choices>
void basic_prometheus_sink<Choices>::write_without_place(detail::exposition_text& to) const {
    constexpr std::string_view name = "metric_labels_without_place_total";
    bool                       begun = false;
    for (metric_info const& m : metric_catalogue) {
        std::uint64_t const times = table_.without_place(m.id);
        if (times == 0) continue;
        if (!begun) {
            to.family(name, metric_kind::counter, {},
                      "Times a metric was told of a label value that found no place in the sink.");
        }
        begun = true;
        to.sample(name, {"metric", m.name}, detail::number_text{times}.view());
    }
}

template <class Choices>
void basic_prometheus_sink<Choices>::write_own(detail::exposition_text& to) const {
    std::size_t const size = own_.size();
    for (std::size_t i = 0; i < size; ++i) {
        if (!own_.is_first(i)) continue;
        auto const& head = own_[i];
        to.family(head.name, head.kind, {}, head.help);
        for (std::size_t n = i; n < size; ++n) {
            auto const& row = own_[n];
            if (row.name_view() != head.name_view()) continue;
            bool const counts = row.kind == metric_kind::counter;
            to.sample(row.name, {row.key, row.value.view()},
                      counts ? detail::number_text{row.counter.value()}.view()
                             : detail::number_text{row.gauge.value()}.view());
        }
    }
}

static_assert(metrics_sink<prometheus_sink>);

}  // namespace troupe::inline TROUPE_ABI
