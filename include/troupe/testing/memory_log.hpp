// SPDX-License-Identifier: BSL-1.0
#pragma once

// A log that a test can ask: it keeps copies of the last records.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "troupe/config/exceptions.hpp"
#include "troupe/observe/log_formatters.hpp"
#include "troupe/port/log_sink.hpp"
#include "troupe/sync/spin_lock.hpp"

namespace troupe::inline TROUPE_ABI {

/// A log record that outlives its call. Without its failure, which would keep the memory of its
/// system.
struct kept_record {
    log_level   level = log_level::info;
    log_event   id = log_event::said;
    std::string event{};
    std::string actor{};
    std::string path{};
    std::string message{};
    std::string detail{};
    /// As in log_record.
    correlation_id correlation{};
    time_point     time{};
    int            worker = -1;
    /// Values as json_formatter writes them, a text without its quotes.
    std::vector<std::pair<std::string, std::string>> fields{};

    /// The value of a field; "" when there is none.
    std::string_view operator[](std::string_view key) const noexcept {
        for (auto const& [name, value] : fields) {
            if (name == key) return value;
        }
        return {};
    }
};

/// The log of a test: `using log_type = troupe::memory_log;`, then `system.log_sink().count(...)`.
/// Keeps the last `kept_max` records. Any thread; allocates; for tests, where nobody minds that one
/// thread waits for another.
class memory_log {
public:
    static constexpr std::size_t kept_max = 256;

    void write(log_record const& record) noexcept;

    /// How many records there were, with those that are not kept any more.
    std::size_t size() const noexcept {
        detail::spin_guard const held{lock_};
        return written_;
    }
    /// How many of the kept ones are of this event, have this level, or these words.
    std::size_t count(log_event id) const noexcept {
        return count_if([id](kept_record const& r) { return r.id == id; });
    }
    std::size_t count(log_level level) const noexcept {
        return count_if([level](kept_record const& r) { return r.level == level; });
    }
    std::size_t count(std::string_view words) const noexcept {
        return count_if([words](kept_record const& r) { return r.event == words; });
    }
    /// The last of the kept ones with this event, or these words.
    std::optional<kept_record> last(log_event id) const {
        return last_with([id](kept_record const& r) { return r.id == id; });
    }
    std::optional<kept_record> last(std::string_view words) const {
        return last_with([words](kept_record const& r) { return r.event == words; });
    }
    /// The kept ones, oldest first.
    std::vector<kept_record> records() const;
    /// How many are not kept: there was no memory, or others have come after them.
    std::size_t lost() const noexcept {
        detail::spin_guard const held{lock_};
        return lost_ + written_ - kept();
    }
    void clear() noexcept {
        detail::spin_guard const held{lock_};
        written_ = lost_ = 0;
    }

private:
    static kept_record copy_of(log_record const& record);
    static std::string text_of(log_value const& value);
    std::size_t        kept() const noexcept TROUPE_REQUIRES(lock_) {
        return written_ < kept_max ? written_ : kept_max;
    }
    template <class Predicate>
    std::size_t count_if(Predicate const& holds) const noexcept;
    template <class Predicate>
    std::optional<kept_record> last_with(Predicate const& holds) const;

    // Held while the ring is looked at, or copied: longer than the locks of the library.
    mutable detail::spin_lock lock_;
    kept_record               ring_[kept_max] TROUPE_GUARDED_BY(lock_);
    std::size_t               written_ TROUPE_GUARDED_BY(lock_) = 0;
    std::size_t               lost_ TROUPE_GUARDED_BY(lock_) = 0;
};

inline std::string memory_log::text_of(log_value const& value) {
    if (value.is() == log_value::kind::text) return std::string{value.text()};
    if (value.is() == log_value::kind::secret) return std::string{detail::log_hidden};
    if (value.is() == log_value::kind::boolean) return value.boolean() ? "true" : "false";
    char     place[64];
    log_line digits{place};
    if (value.is() == log_value::kind::real) digits.put(value.real());
    else if (value.is() == log_value::kind::natural) digits.put(value.natural());
    else digits.put(value.integer());  // a span is its nanoseconds
    return std::string{digits.text()};
}

inline kept_record memory_log::copy_of(log_record const& record) {
    kept_record copy{record.level,
                     record.id,
                     std::string{record.event},
                     std::string{record.actor},
                     std::string{record.path},
                     std::string{record.message},
                     std::string{record.detail},
                     record.correlation,
                     record.time,
                     record.worker,
                     {}};
    for (log_field const f : record.fields) {
        copy.fields.emplace_back(std::string{f.key}, text_of(f.value));
    }
    return copy;
}

inline void memory_log::write(log_record const& record) noexcept {
    TROUPE_TRY {
        kept_record              copy = copy_of(record);
        detail::spin_guard const held{lock_};
        std::swap(ring_[written_++ % kept_max], copy);  // what stood there goes after the lock
        return;
    }
    TROUPE_CATCH_ALL {
        detail::spin_guard const held{lock_};
        ++lost_;
    }
}

template <class Predicate>
std::size_t memory_log::count_if(Predicate const& holds) const noexcept {
    detail::spin_guard const held{lock_};
    std::size_t              found = 0;
    for (std::size_t i = 0; i < kept(); ++i) found += holds(ring_[i]) ? 1 : 0;
    return found;
}

template <class Predicate>
std::optional<kept_record> memory_log::last_with(Predicate const& holds) const {
    detail::spin_guard const held{lock_};
    for (std::size_t i = written_; i > written_ - kept(); --i) {
        if (holds(ring_[(i - 1) % kept_max])) return ring_[(i - 1) % kept_max];
    }
    return std::nullopt;
}

inline std::vector<kept_record> memory_log::records() const {
    std::vector<kept_record> all;
    all.reserve(kept_max);
    detail::spin_guard const held{lock_};
    for (std::size_t i = written_ - kept(); i < written_; ++i) all.push_back(ring_[i % kept_max]);
    return all;
}

static_assert(log_sink<memory_log>);

}  // namespace troupe::inline TROUPE_ABI
