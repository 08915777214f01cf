// SPDX-License-Identifier: BSL-1.0
#pragma once

// Deadlines in order: a hierarchical timing wheel whose tick is one nanosecond. Arming and
// cancelling are O(1), memory is fixed, and a jump of the clock by a year costs no more than a
// step. Not thread-safe: the core guards it by a lock of rank `timers`. It calls nothing and owns
// nothing. Source: G. Varghese, A. Lauck, "Hashed and Hierarchical Timing Wheels" (1987).

#include <bit>
#include <cstddef>
#include <cstdint>

#include "troupe/base/time.hpp"
#include "troupe/config/assert.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// One timer, a member of what it wakes. It must stay where it is while it is armed.
struct wheel_entry {
    static constexpr std::uint16_t idle = 0xffff;

    wheel_entry*  next{};           // in a slot, and in the chain that collect() gives
    wheel_entry*  previous{};       // in a slot only; that of the first entry is the last
    time_point    deadline{never};  // kept after collecting: the due time, for periodic timers
    std::uint16_t slot{idle};       // where it hangs; `idle`: not armed

    bool armed() const noexcept { return slot != idle; }
};

static_assert(sizeof(wheel_entry) <= 32);

/// The wheel. A time is a number of 11 digits in base 64, and there is a row of 64 slots per digit.
/// An entry hangs in the row of the highest digit in which its deadline differs from the present,
/// in the slot of that digit:
///
///     present    .. 07 31 05 20
///     deadline   .. 07 31 05 44    row 0, slot 44: exact to the tick
///     deadline   .. 07 40 63 02    row 2, slot 40: spread over rows 1 and 0 when the present gets
///                                  to .. 07 40
///
/// So the place depends on the deadline and the present alone: equal deadlines always share a slot,
/// where they stand in the order of arming. An entry moves at most once per row on its way down.
class timer_wheel {
public:
    timer_wheel() = default;
    timer_wheel(timer_wheel const&) = delete;
    timer_wheel& operator=(timer_wheel const&) = delete;

    /// Arms an entry that is not armed. A deadline that has passed is due at the next collect().
    void arm(wheel_entry& entry, time_point deadline, time_point now) noexcept;

    /// False when it was not armed, because it never was or because it was collected already.
    bool cancel(wheel_entry& entry) noexcept;

    /// Unlinks every entry with deadline <= now and gives them as a chain by `next`, in the order
    /// of their deadlines, equal ones in the order of arming. None is armed any more; read `next`
    /// before arming one again. A reading older than one handed in before counts as that one (two
    /// threads may read the clock and then take the lock in the other order).
    wheel_entry* collect(time_point now) noexcept;

    /// When to call collect() next; `never` when nothing is armed. Not later than the earliest
    /// deadline, and earlier only after the earliest of a slot was cancelled: then a collect() at
    /// this time gives nothing but moves it forward.
    time_point next_deadline() const noexcept;

    std::size_t size() const noexcept { return size_; }

private:
    static constexpr unsigned      digit_bits = 6;
    static constexpr unsigned      slots_per_row = 1u << digit_bits;
    static constexpr unsigned      rows = (64 + digit_bits - 1) / digit_bits;
    static constexpr std::uint16_t due_slot = rows * slots_per_row;  // deadlines that have passed

    struct slot {
        wheel_entry*  first{};
        std::uint64_t earliest{};  // not later than any deadline in the slot
    };
    struct chain {
        wheel_entry* first{};
        wheel_entry* last{};
        void         append(wheel_entry& entry) noexcept {
            (first != nullptr ? last->next : first) = &entry;
            last = &entry;
        }
    };

    // Ordered like the time itself: the sign bit is turned, so that times may be negative.
    static constexpr std::uint64_t key_of(time_point t) noexcept {
        return static_cast<std::uint64_t>(t.nanoseconds) ^ (std::uint64_t{1} << 63);
    }
    static constexpr time_point time_of(std::uint64_t key) noexcept {
        return {static_cast<std::int64_t>(key ^ (std::uint64_t{1} << 63))};
    }
    // The highest digit in which two different keys differ.
    static constexpr unsigned row_of(std::uint64_t difference) noexcept {
        return (63u - static_cast<unsigned>(std::countl_zero(difference))) / digit_bits;
    }
    static constexpr unsigned digit(std::uint64_t key, unsigned row) noexcept {
        return static_cast<unsigned>(key >> (row * digit_bits)) % slots_per_row;
    }

    void                place(wheel_entry& entry) noexcept;
    wheel_entry*        take_slot(unsigned index) noexcept;
    void                take_due(chain& due, unsigned index) noexcept;
    static wheel_entry* merge(wheel_entry* earlier, wheel_entry* later) noexcept;
    static wheel_entry* sort(wheel_entry* entries) noexcept;

    slot          slots_[due_slot + 1];
    std::uint64_t occupied_[rows] = {};  // one bit per slot of a row
    std::uint64_t present_ = 0;          // key of the latest time that was collected
    std::size_t   size_ = 0;
};

inline void timer_wheel::arm(wheel_entry& entry, time_point deadline, time_point now) noexcept {
    TROUPE_ASSERT(!entry.armed(), "a timer is armed a second time");
    // An empty wheel may be turned at no cost; then the first collect() need not spread its
    // entries.
    if (size_ == 0 && key_of(now) > present_) present_ = key_of(now);
    entry.deadline = deadline;
    ++size_;
    place(entry);
}

inline bool timer_wheel::cancel(wheel_entry& entry) noexcept {
    if (!entry.armed()) return false;
    slot& home = slots_[entry.slot];
    if (home.first == &entry) {
        home.first = entry.next;
        if (entry.next != nullptr) {
            entry.next->previous = entry.previous;
        } else if (entry.slot != due_slot) {
            occupied_[entry.slot / slots_per_row] &=
                ~(std::uint64_t{1} << (entry.slot % slots_per_row));
        }
    } else {
        entry.previous->next = entry.next;
        (entry.next != nullptr ? entry.next : home.first)->previous = entry.previous;
    }
    entry.slot = wheel_entry::idle;
    entry.next = nullptr;
    --size_;
    return true;
}

inline wheel_entry* timer_wheel::collect(time_point now) noexcept {
    chain due;
    take_due(due, due_slot);
    std::uint64_t const reached = key_of(now);
    if (reached > present_) {
        // Below the highest digit that changes, all that is left has passed; in its row, what
        // stands before the new digit. The slot of the new digit is spread; rows above do not
        // change.
        unsigned const top = row_of(present_ ^ reached);
        unsigned const entered = digit(reached, top);
        for (unsigned row = 0; row <= top; ++row) {
            std::uint64_t passed = occupied_[row];
            if (row == top) passed &= (std::uint64_t{1} << entered) - 1;
            for (; passed != 0; passed &= passed - 1) {
                take_due(due,
                         row * slots_per_row + static_cast<unsigned>(std::countr_zero(passed)));
            }
        }
        present_ = reached;
        wheel_entry* entry = take_slot(top * slots_per_row + entered);
        while (entry != nullptr) {
            wheel_entry* const next = entry->next;
            if (key_of(entry->deadline) <= reached) {
                entry->slot = wheel_entry::idle;
                --size_;
                due.append(*entry);
            } else {
                place(*entry);
            }
            entry = next;
        }
    }
    if (due.first == nullptr) return nullptr;
    due.last->next = nullptr;
    return sort(due.first);
}

inline time_point timer_wheel::next_deadline() const noexcept {
    if (slots_[due_slot].first != nullptr) return time_of(slots_[due_slot].earliest);
    for (unsigned row = 0; row < rows; ++row) {
        // Whatever hangs in a row is due before all that hangs in the rows above.
        if (occupied_[row] == 0) continue;
        auto const place = static_cast<unsigned>(std::countr_zero(occupied_[row]));
        return time_of(slots_[row * slots_per_row + place].earliest);
    }
    return never;
}

// Hangs an entry, whose deadline is set, behind the others of its slot.
inline void timer_wheel::place(wheel_entry& entry) noexcept {
    std::uint64_t const key = key_of(entry.deadline);
    unsigned            index = due_slot;
    if (key > present_) {
        unsigned const row = row_of(key ^ present_);
        unsigned const place = digit(key, row);
        index = row * slots_per_row + place;
        occupied_[row] |= std::uint64_t{1} << place;
    }
    slot& home = slots_[index];
    entry.slot = static_cast<std::uint16_t>(index);
    entry.next = nullptr;
    if (home.first == nullptr) {
        home.first = &entry;
        home.earliest = key;
        entry.previous = &entry;
    } else {
        entry.previous = home.first->previous;
        entry.previous->next = &entry;
        home.first->previous = &entry;
        if (key < home.earliest) home.earliest = key;
    }
}

// Empties a slot; the entries still believe that they hang there.
inline wheel_entry* timer_wheel::take_slot(unsigned index) noexcept {
    wheel_entry* const entries = slots_[index].first;
    slots_[index].first = nullptr;
    if (index != due_slot) {
        occupied_[index / slots_per_row] &= ~(std::uint64_t{1} << (index % slots_per_row));
    }
    return entries;
}

inline void timer_wheel::take_due(chain& due, unsigned index) noexcept {
    for (wheel_entry* entry = take_slot(index); entry != nullptr; entry = entry->next) {
        entry->slot = wheel_entry::idle;
        --size_;
        due.append(*entry);
    }
}

// Both are in order; of equals, those of `earlier` come first.
inline wheel_entry* timer_wheel::merge(wheel_entry* earlier, wheel_entry* later) noexcept {
    wheel_entry*  first = nullptr;
    wheel_entry** end = &first;
    while (earlier != nullptr && later != nullptr) {
        wheel_entry*& from = later->deadline < earlier->deadline ? later : earlier;
        *end = from;
        end = &from->next;
        from = from->next;
    }
    *end = earlier != nullptr ? earlier : later;
    return first;
}

// A stable merge sort over the runs that are already in order: the slots come in order, so what is
// collected step by step is one run, and only long jumps have something to sort.
inline wheel_entry* timer_wheel::sort(wheel_entry* entries) noexcept {
    wheel_entry* merged[64] = {};  // merged[i]: 2^i runs, earlier than those of merged[i - 1]
    while (entries != nullptr) {
        wheel_entry* run = entries;
        wheel_entry* last = run;
        while (last->next != nullptr && !(last->next->deadline < last->deadline)) last = last->next;
        entries = last->next;
        last->next = nullptr;
        unsigned i = 0;
        for (; merged[i] != nullptr; ++i) {
            run = merge(merged[i], run);
            merged[i] = nullptr;
        }
        merged[i] = run;
    }
    wheel_entry* all = nullptr;
    for (wheel_entry* const part : merged) {
        if (part != nullptr) all = all == nullptr ? part : merge(part, all);
    }
    return all;
}

}  // namespace troupe::inline TROUPE_ABI::detail
