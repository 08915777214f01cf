// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a scheduler keeps for one of its workers.

#include <cstdint>

#include "troupe/os/parker.hpp"
#include "troupe/schedule/private_slot.hpp"
#include "troupe/schedule/ready_ring.hpp"
#include "troupe/sync/counter.hpp"

namespace troupe::inline TROUPE_ABI::detail {

struct lane {
#if defined(TROUPE_MODEL)
    static constexpr std::uint32_t ring_capacity = 4;  // so that an interleaving can fill it
#else
    static constexpr std::uint32_t ring_capacity = 256;
#endif

    ready_ring<ring_capacity> ring;
    private_slot              slot;
    owned_counter             turns;              // the worker; the watcher reads it
    std::uint64_t             turns_seen = 0;     // the watcher: `turns` when it last looked
    std::uint32_t             slot_streak = 0;    // turns in a row that came from the slot
    bool                      long_turn = false;  // the last turn ended at its limit
    std::uint32_t             dice = 1;           // where to begin stealing; never zero
    bool                      parked = false;     // guarded by the lock of the injection queue
    parker                    park;
};

}  // namespace troupe::inline TROUPE_ABI::detail
