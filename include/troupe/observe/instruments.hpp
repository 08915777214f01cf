// SPDX-License-Identifier: BSL-1.0
#pragma once

// What metrics sinks are built of: counter, gauge, two histograms, and a bounded set of label
// values. Each is of fixed size; any thread calls anything at any time; nothing waits, allocates or
// throws. What is read while others write is right by itself, but not all of one instant.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "troupe/sync/atomic.hpp"

namespace troupe::inline TROUPE_ABI {

class metric_counter {
public:
    void add(std::uint64_t n = 1) noexcept {
        count_.fetch_add(n, detail::memory_order_relaxed);  // relaxed: a number
    }
    std::uint64_t value() const noexcept { return count_.load(detail::memory_order_relaxed); }

private:
    detail::atomic<std::uint64_t> count_{0};
};

/// A number that goes up and down.
class metric_gauge {
public:
    // relaxed here and below: a number
    void   set(double value) noexcept { value_.store(value, detail::memory_order_relaxed); }
    double value() const noexcept { return value_.load(detail::memory_order_relaxed); }
    void   add(double more) noexcept {
        change([more](double now) { return now + more; });
    }
    /// Only ever less, or more.
    void lower(double value) noexcept {
        change([value](double now) { return value < now ? value : now; });
    }
    void raise(double value) noexcept {
        change([value](double now) { return value > now ? value : now; });
    }

    metric_gauge() noexcept = default;
    explicit metric_gauge(double first) noexcept : value_(first) {}

private:
    template <class Change>
    void change(Change const& to) noexcept {
        double now = value();
        double next = to(now);
        while (next != now && !value_.compare_exchange_weak(now, next, detail::memory_order_relaxed,
                                                            detail::memory_order_relaxed)) {
            next = to(now);
        }
    }
    detail::atomic<double> value_{0};
};

/// A histogram that needs no boundaries: sixteen steps in each doubling, from 2^-30 (a nanosecond,
/// in seconds) to 2^34. A quantile is off by at most 1/32 of its value; smaller values count as
/// zero, larger ones as the largest that was seen. Two are merged by adding them. 8 KiB.
/// Source: G. Tene's HdrHistogram (2012), with the bits of a double in place of a division.
class metric_histogram {
public:
    static constexpr double relative_error = 1.0 / 32;
    static constexpr double smallest = 1.0 / (1 << 30);
    static constexpr double largest = static_cast<double>(std::uint64_t{1} << 34);

    void add(double value) noexcept {
        if (value != value) return;  // not a number
        buckets_[bucket_of(value)].add();
        sum_.add(value);
        least_.lower(value);
        most_.raise(value);
    }
    void merge(metric_histogram const& other) noexcept {
        for (std::size_t i = 0; i < buckets; ++i) {
            if (std::uint64_t const n = other.buckets_[i].value()) buckets_[i].add(n);
        }
        sum_.add(other.sum_.value());
        least_.lower(other.least_.value());
        most_.raise(other.most_.value());
    }

    std::uint64_t count() const noexcept {
        std::uint64_t all = 0;
        for (metric_counter const& b : buckets_) all += b.value();
        return all;
    }
    double sum() const noexcept { return sum_.value(); }
    /// Zero when there is none.
    double least() const noexcept { return least_.value() > most_.value() ? 0 : least_.value(); }
    double most() const noexcept { return least_.value() > most_.value() ? 0 : most_.value(); }

    /// The value below which, or at which, the part `of_all` (0 to 1) of all values lies: 0.99 for
    /// P99. Zero when there is none.
    double quantile(double of_all) const noexcept;

private:
    static constexpr int         steps_log2 = 4;
    static constexpr int         first_exponent = -30;
    static constexpr std::size_t in_range = 64 << steps_log2;
    static constexpr std::size_t buckets = in_range + 2;  // below and above

    // The exponent of a double and the first bits behind it count up as its value does.
    static constexpr int           shift = 52 - steps_log2;
    static constexpr std::uint64_t first_index = std::uint64_t{1023 + first_exponent} << steps_log2;

    static std::size_t bucket_of(double value) noexcept {
        if (!(value >= smallest)) return 0;
        std::uint64_t const index = (std::bit_cast<std::uint64_t>(value) >> shift) - first_index;
        return static_cast<std::size_t>(index < in_range ? index + 1 : buckets - 1);
    }
    /// Where the n-th bucket of those in range begins.
    static double begin_of(std::size_t n) noexcept {
        return std::bit_cast<double>((first_index + n) << shift);
    }
    double representative(std::size_t bucket) const noexcept {
        if (bucket == 0) return 0;
        if (bucket == buckets - 1) return most();
        return (begin_of(bucket - 1) + begin_of(bucket)) / 2;
    }

    metric_counter buckets_[buckets];
    metric_gauge   sum_;
    metric_gauge   least_{std::numeric_limits<double>::infinity()};
    metric_gauge   most_{-std::numeric_limits<double>::infinity()};
};

inline double metric_histogram::quantile(double of_all) const noexcept {
    std::uint64_t const all = count();
    if (all == 0) return 0;
    double const wanted = of_all * static_cast<double>(all);
    auto         rank = static_cast<std::uint64_t>(wanted > 0 ? wanted : 0);
    if (static_cast<double>(rank) < wanted || rank == 0) ++rank;
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets; ++i) {
        seen += buckets_[i].value();
        if (seen < rank) continue;
        double const value = representative(i);
        return value < least() ? least() : value > most() ? most() : value;
    }
    return most();
}

/// A histogram with boundaries, as Prometheus wants it: for at most `Most` of them. They are given
/// with each call: a constant of the sink, ascending, each the largest value of its bucket.
template <std::size_t Most>
class metric_buckets {
public:
    void add(double value, std::span<double const> bounds) noexcept {
        if (value != value) return;  // not a number
        std::size_t at = 0;
        while (at < bounds.size() && value > bounds[at]) ++at;
        counts_[at].add();
        sum_.add(value);
    }
    /// Values in the bucket that ends with the n-th boundary; behind the last: the rest.
    std::uint64_t in(std::size_t n) const noexcept { return counts_[n].value(); }
    double        sum() const noexcept { return sum_.value(); }

private:
    metric_counter counts_[Most + 1];
    metric_gauge   sum_;
};

constexpr bool are_ascending(std::span<double const> bounds) noexcept {
    for (std::size_t i = 1; i < bounds.size(); ++i) {
        if (!(bounds[i - 1] < bounds[i])) return false;
    }
    return true;
}
constexpr bool are_finite(std::span<double const> bounds) noexcept {
    constexpr double most = std::numeric_limits<double>::max();
    for (double const b : bounds) {
        if (!(b >= -most && b <= most)) return false;
    }
    return true;
}

namespace detail {

/// FNV-1a, 64 bits (G. Fowler, L. C. Noll, K.-P. Vo). Never zero: zero means "no label".
constexpr std::uint64_t label_hash(std::string_view text) noexcept {
    std::uint64_t hash = 14695981039346656037u;
    for (char const c : text) { hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u; }
    return hash == 0 ? 1 : hash;
}

/// How many bytes at `at` are one character of UTF-8; 0: they are none.
constexpr std::size_t utf8_length(std::string_view text, std::size_t at) noexcept {
    auto const byte = [&](std::size_t i) -> unsigned {
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0;
    };
    auto const     follows = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
    unsigned const first = byte(0);
    if (first < 0x80) return 1;
    if (first < 0xc2) return 0;
    if (first < 0xe0) return follows(1) ? 2 : 0;
    if (first < 0xf0) {
        bool const shortest = first != 0xe0 || byte(1) >= 0xa0;
        bool const no_half = first != 0xed || byte(1) < 0xa0;  // of a UTF-16 pair
        return shortest && no_half && follows(1) && follows(2) ? 3 : 0;
    }
    bool const in_range = (first != 0xf0 || byte(1) >= 0x90) && (first != 0xf4 || byte(1) < 0x90);
    return first < 0xf5 && in_range && follows(1) && follows(2) && follows(3) ? 4 : 0;
}

/// Copies as many characters as fit, and puts `?` where a byte is no UTF-8 or controls something.
/// How many bytes were written.
constexpr std::size_t copy_readable(char* to, std::size_t room, std::string_view text,
                                    bool lines) noexcept {
    std::size_t size = 0;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t const length = utf8_length(text, at);
        std::size_t const taken = length == 0 ? 1 : length;
        if (size + taken > room) break;
        auto const byte = static_cast<unsigned char>(text[at]);
        bool const controls = (byte < 0x20 && !(lines && byte == '\n')) || byte == 0x7f;
        if (length == 0 || controls) to[size++] = '?';
        else
            for (std::size_t i = 0; i < length; ++i) to[size++] = text[at + i];
        at += taken;
    }
    return size;
}

/// A label value as it is kept: at most `text_max` bytes of UTF-8 without control characters. A
/// longer one is cut and ends with a mark of its own, so that two of them stay two.
struct label_text {
    static constexpr std::size_t text_max = 95;
    char                         bytes[text_max];
    std::uint8_t                 size = 0;

    constexpr std::string_view view() const noexcept { return {bytes, size}; }

    constexpr void assign(std::string_view text) noexcept {
        constexpr std::size_t mark = 9;  // '~' and eight digits
        bool const            whole = text.size() <= text_max;
        std::size_t const     room = whole ? text_max : text_max - mark;
        size = static_cast<std::uint8_t>(copy_readable(bytes, room, text, false));
        if (whole) return;
        std::uint64_t hash = label_hash(text);
        bytes[size++] = '~';
        for (std::size_t i = 1; i < mark; ++i, hash >>= 4) {
            bytes[size++] = "0123456789abcdef"[hash & 15];
        }
    }
};

}  // namespace detail

/// At most `Most` values of a label, in the order of a hash; those that come later are `other`, as
/// is a value that is called so. A value has the same place for ever. Two values with the same
/// 64-bit hash count as one.
template <std::size_t Most>
class metric_labels {
public:
    /// The place of a value that comes when there is no room, and its name.
    static constexpr std::size_t      other = Most;
    static constexpr std::string_view other_text = "other";

    /// Its place; takes one when the value is new.
    std::size_t place_of(std::string_view value) noexcept {
        std::size_t const found = find(value);
        if (found != other || value == other_text) return found;  // else two would have its name
        return enter(value);
    }
    /// Its place, if it has one; else `other`.
    std::size_t find(std::string_view value) const noexcept {
        std::size_t const found = search(detail::label_hash(value));
        if (found != other) return found;
        detail::label_text kept;
        kept.assign(value);
        return kept.view() == value ? other : search(detail::label_hash(kept.view()));
    }
    /// The value at a place; empty when nobody has it yet.
    std::string_view text(std::size_t place) const noexcept {
        if (place == other) return other_text;
        // acquire: pairs with the release in enter()
        bool const there = written_[place].load(detail::memory_order_acquire);
        return there ? texts_[place].view() : std::string_view{};
    }
    bool has(std::size_t place) const noexcept {
        return place == other || written_[place].load(detail::memory_order_acquire);  // as text()
    }

private:
    std::size_t search(std::uint64_t hash) const noexcept {
        for (std::size_t i = 0, at = hash % Most; i < Most; ++i, at = at + 1 == Most ? 0 : at + 1) {
            // relaxed: the hash is all that is needed
            std::uint64_t const there = hashes_[at].load(detail::memory_order_relaxed);
            if (there == hash) return at;
            if (there == 0) break;
        }
        return other;
    }
    std::size_t enter(std::string_view value) noexcept {
        detail::label_text kept;
        kept.assign(value);
        std::uint64_t const hash = detail::label_hash(kept.view());
        for (std::size_t i = 0, at = hash % Most; i < Most; ++i, at = at + 1 == Most ? 0 : at + 1) {
            std::uint64_t there = 0;
            // relaxed: `written_` publishes the text
            if (hashes_[at].compare_exchange_strong(there, hash, detail::memory_order_relaxed,
                                                    detail::memory_order_relaxed)) {
                texts_[at] = kept;
                // release: pairs with the acquire in text()
                written_[at].store(true, detail::memory_order_release);
                return at;
            }
            if (there == hash) return at;
        }
        return other;
    }

    detail::atomic<std::uint64_t> hashes_[Most];
    detail::atomic<bool>          written_[Most];
    detail::label_text            texts_[Most];
};

}  // namespace troupe::inline TROUPE_ABI
