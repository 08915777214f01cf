// SPDX-License-Identifier: BSL-1.0
#pragma once

// One direction of a connection in memory: bytes in a ring, and when they arrive. It knows no lock;
// who has it holds that of the network.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <utility>

#include "troupe/base/time.hpp"
#include "troupe/port/transport.hpp"
#include "troupe/remote/loopback_faults.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// Chance that repeats itself: splitmix64.
class loopback_chance {
public:
    explicit loopback_chance(std::uint64_t seed = 0) noexcept : state_(seed) {}
    std::uint64_t next() noexcept {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }
    std::uint64_t below(std::uint64_t limit) noexcept { return limit == 0 ? 0 : next() % limit; }
    /// Draws also where it cannot be: so that one fault turned on does not move the others.
    bool happens(unsigned per_mille) noexcept { return below(1000) < per_mille; }

private:
    std::uint64_t state_;
};

class loopback_stream {
public:
    loopback_stream() noexcept = default;
    ~loopback_stream() { ::operator delete(ring_); }
    loopback_stream(loopback_stream const&) = delete;
    loopback_stream& operator=(loopback_stream const&) = delete;

    /// The only place that allocates. False: there is no memory.
    bool reserve(std::size_t capacity) noexcept {
        ring_ = static_cast<std::byte*>(::operator new(capacity, std::nothrow));
        capacity_ = ring_ != nullptr ? capacity : 0;
        return ring_ != nullptr;
    }
    /// For the next connection.
    void restart(std::uint64_t seed) noexcept {
        discard();
        chance = loopback_chance{seed};
        free_at_ = last_at_ = end_at_ = looked_at_ = {INT64_MIN};
        ended_ = ended_by_reset_ = false;
    }
    /// What is on its way arrives nowhere.
    void discard() noexcept {
        read_ = arrived_ = last_ = before_ = written_;
        marks_ = 0;
    }

    std::size_t room() const noexcept {
        return capacity_ - static_cast<std::size_t>(written_ - read_);
    }
    bool has_unread() const noexcept { return read_ != written_; }

    /// Takes the first `size` bytes, for which there is room. They have not arrived.
    void write(gathered_bytes buffers, std::size_t size) noexcept;
    // What may be done to what was written last, before arrives_later(). False: it is not possible.
    bool duplicate() noexcept;
    bool reorder() noexcept;
    void flip_bit() noexcept;
    /// What was written arrives when the faults let it.
    void arrives_later(time_point now, loopback_faults const& faults) noexcept;

    /// After what was written comes the end.
    void end(time_point now, loopback_faults const& faults, bool by_reset) noexcept {
        end_at_ = due(0, now, faults);
        ended_ = true;
        ended_by_reset_ = by_reset;
    }

    /// What has arrived by `now`, at most as much as there is place.
    std::size_t read(std::span<std::byte> place, time_point now) noexcept;
    /// Who is not there any more has been told to be so.
    bool end_is_known(time_point now) const noexcept { return ended_ && end_at_ <= now; }
    bool ended_by_reset() const noexcept { return ended_by_reset_; }

    /// When something arrives that had not when it was last read.
    time_point next_arrival() const noexcept {
        if (marks_ != 0) return mark(0).at;
        return ended_ && end_at_ > looked_at_ ? end_at_ : never;
    }

    loopback_chance chance;

private:
    // Up to `to` it arrives at `at`.
    struct arrival {
        std::uint64_t to;
        time_point    at;
    };
    // More at a time than this arrive together.
    static constexpr unsigned marks_max = 32;

    arrival&       mark(unsigned i) noexcept { return arrivals_[(first_ + i) % marks_max]; }
    arrival const& mark(unsigned i) const noexcept { return arrivals_[(first_ + i) % marks_max]; }
    std::byte&     at(std::uint64_t offset) noexcept {
        return ring_[static_cast<std::size_t>(offset % capacity_)];
    }
    void put(std::byte const* from, std::size_t size) noexcept;
    void reverse(std::uint64_t from, std::uint64_t to) noexcept {
        for (; from + 1 < to; ++from) std::swap(at(from), at(--to));
    }
    time_point due(std::uint64_t bytes, time_point now, loopback_faults const& faults) noexcept;

    std::byte*  ring_ = nullptr;
    std::size_t capacity_ = 0;
    // Offsets, from the first byte that there ever was: read_ <= arrived_ <= written_.
    std::uint64_t read_ = 0;
    std::uint64_t arrived_ = 0;
    std::uint64_t written_ = 0;
    std::uint64_t last_ = 0;    // where the last write begins
    std::uint64_t before_ = 0;  // and the one before it
    arrival       arrivals_[marks_max] = {};
    unsigned      first_ = 0;
    unsigned      marks_ = 0;
    time_point    free_at_{INT64_MIN};  // the last byte has left then, where the speed is limited
    time_point    last_at_{INT64_MIN};  // the last byte arrives then
    time_point    end_at_{INT64_MIN};
    time_point    looked_at_{INT64_MIN};  // when it was read last
    bool          ended_ = false;
    bool          ended_by_reset_ = false;
};

inline void loopback_stream::put(std::byte const* from, std::size_t size) noexcept {
    while (size != 0) {
        auto const        begin = static_cast<std::size_t>(written_ % capacity_);
        std::size_t const part = size < capacity_ - begin ? size : capacity_ - begin;
        std::memcpy(ring_ + begin, from, part);
        written_ += part;
        from += part;
        size -= part;
    }
}

inline void loopback_stream::write(gathered_bytes buffers, std::size_t size) noexcept {
    before_ = last_;
    last_ = written_;
    for (auto const& buffer : buffers) {
        std::size_t const part = buffer.size() < size ? buffer.size() : size;
        put(buffer.data(), part);
        size -= part;
    }
}

inline bool loopback_stream::duplicate() noexcept {
    std::uint64_t const begin = last_;
    std::uint64_t const end = written_;
    if (end - begin > room()) return false;
    for (std::uint64_t from = begin; from != end; ++from) {
        std::byte const copy = at(from);
        put(&copy, 1);
    }
    last_ = end;
    before_ = begin;
    return true;
}

inline bool loopback_stream::reorder() noexcept {
    if (before_ == last_ || last_ == written_ || before_ < read_) return false;
    std::uint64_t const size = written_ - last_;
    // Two parts change places when all is turned round, and then each of them.
    reverse(before_, written_);
    last_ = before_ + size;
    reverse(before_, last_);
    reverse(last_, written_);
    return true;
}

inline void loopback_stream::flip_bit() noexcept {
    if (last_ == written_) return;
    std::uint64_t const bit = chance.below(8 * (written_ - last_));
    at(last_ + bit / 8) ^= std::byte{1} << (bit % 8);
}

inline time_point loopback_stream::due(std::uint64_t bytes, time_point now,
                                       loopback_faults const& faults) noexcept {
    if (std::uint64_t const speed = faults.bytes_per_second; speed != 0) {
        if (free_at_ < now) free_at_ = now;
        // In two parts, so that it does not overflow: whole seconds and the rest.
        free_at_ = free_at_ + std::chrono::seconds{static_cast<std::int64_t>(bytes / speed)} +
                   duration{static_cast<std::int64_t>(static_cast<double>(bytes % speed) * 1e9 /
                                                      static_cast<double>(speed))};
    }
    time_point    at = faults.bytes_per_second != 0 ? free_at_ : now;
    auto const    jitter = static_cast<std::uint64_t>(faults.jitter.count());
    std::uint64_t drawn = 0;
    if (faults.jitter.count() > 0) drawn = chance.below(jitter + 1);
    at = at + faults.delay + duration{static_cast<std::int64_t>(drawn)};
    if (last_at_ < at) last_at_ = at;
    return last_at_;
}

inline void loopback_stream::arrives_later(time_point now, loopback_faults const& faults) noexcept {
    std::uint64_t const before = marks_ != 0 ? mark(marks_ - 1).to : arrived_;
    if (before == written_) return;
    time_point const when = due(written_ - before, now, faults);
    if (when <= now && marks_ == 0) {
        arrived_ = written_;
        return;
    }
    if (marks_ < marks_max) ++marks_;
    mark(marks_ - 1) = {written_, when};
}

inline std::size_t loopback_stream::read(std::span<std::byte> place, time_point now) noexcept {
    looked_at_ = now;
    for (; marks_ != 0 && mark(0).at <= now; --marks_) {
        arrived_ = mark(0).to;
        first_ = (first_ + 1) % marks_max;
    }
    std::uint64_t const there = arrived_ - read_;
    std::size_t const size = there < place.size() ? static_cast<std::size_t>(there) : place.size();
    for (std::size_t done = 0; done != size;) {
        auto const        begin = static_cast<std::size_t>(read_ % capacity_);
        std::size_t const left = size - done;
        std::size_t const part = left < capacity_ - begin ? left : capacity_ - begin;
        std::memcpy(place.data() + done, ring_ + begin, part);
        read_ += part;
        done += part;
    }
    return size;
}

}  // namespace troupe::inline TROUPE_ABI::detail
