// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a scheduler keeps for one of its workers.

#include <cstdint>

#include "troupe/os/parker.hpp"
#include "troupe/schedule/private_slot.hpp"
#include "troupe/schedule/ready_backlog.hpp"
#include "troupe/schedule/reactor_place.hpp"
#include "troupe/schedule/ready_ring.hpp"
#include "troupe/schedule/ring_delay.hpp"
#include "troupe/sync/counter.hpp"
#include "troupe/sync/lock_rank.hpp"

namespace troupe::inline TROUPE_ABI::detail {

struct lane {
#if defined(TROUPE_MODEL)
    // so that an interleaving can fill them
    static constexpr std::uint32_t ring_capacity = 4;
    static constexpr std::size_t   backlog_batches = 2;
#else
    static constexpr std::uint32_t ring_capacity = 256;
    static constexpr std::size_t   backlog_batches = 64;
#endif
    static constexpr std::uint32_t many = ring_capacity / 4;  // entries: they divide well

    ready_ring<ring_capacity>      ring;
    ring_delay                     delay;           // the worker
    atomic<bool>                   overdue{false};  // others may take from the ring; any worker
    private_slot                   slot;
    owned_counter                  turns;              // the worker; the watcher reads it
    std::uint64_t                  turns_seen = 0;     // the watcher: `turns` when it last looked
    std::uint32_t                  slot_streak = 0;    // turns in a row that came from the slot
    bool                           long_turn = false;  // the last turn ended at its limit
    input_watch                    input;              // the worker
    bool                           had_input = false;  // later than work from threads outside
    std::uint32_t                  dice = 1;           // where to begin stealing; never zero
    std::uint64_t                  outside_turn = 0;   // the last that came from outside
    atomic<bool>                   parked{false};      // written under the scheduler's lock
    parker                         park;
    atomic<std::uint32_t>          backlog_size{0};  // written under that lock, read as a hint
    ready_backlog<backlog_batches> backlog TROUPE_GUARDED_BY(rank::injection::lock);
};

}  // namespace troupe::inline TROUPE_ABI::detail
