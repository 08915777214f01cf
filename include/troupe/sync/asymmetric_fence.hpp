// SPDX-License-Identifier: BSL-1.0
#pragma once

// Two threads each write one word and read the other's: without a full barrier both may read the
// old value. Here the frequent side pays nothing and the rare side pays for both: it asks the
// kernel to run a barrier on every processor of the process (membarrier(2), MEMBARRIER_CMD_PRIVATE_
// EXPEDITED). Where that is missing, under ThreadSanitizer and in the model checker both sides use
// sequentially consistent operations, which cost the frequent side one read-modify-write.
// Source of the idea: D. Dice, H. Huang, M. Yang, "Asymmetric Dekker Synchronization" (2001).

#include "troupe/sync/atomic.hpp"

#if TROUPE_HAS_MEMBARRIER && !TROUPE_HAS_TSAN && !defined(TROUPE_MODEL)
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace troupe::inline TROUPE_ABI::detail {

#if TROUPE_HAS_MEMBARRIER && !TROUPE_HAS_TSAN && !defined(TROUPE_MODEL)

/// True when the rare side can pay for both. Asked once per system: the answer cannot change.
inline bool register_heavy_barrier() noexcept {
    return syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
}

/// The rare side, between its write and its read. Only where registering succeeded.
inline void heavy_barrier() noexcept {
    syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
}

/// The frequent side's write. `asymmetric` is what registering answered; where that is false, the
/// read that follows on this side, and write and read of the rare side, must be seq_cst.
template <class Value>
void light_store(atomic<Value>& word, Value value, bool asymmetric) noexcept {
    if (asymmetric) {
        // release with a compiler barrier behind it: pairs with the acquire of who reads the word;
        // the store buffer of this processor is drained by heavy_barrier() of the other side
        word.store(value, memory_order_release);
        asm volatile("" ::: "memory");
    } else {
        // seq_cst: a full barrier of our own; pairs with the seq_cst accesses of the rare side
        word.exchange(value, memory_order_seq_cst);
    }
}

#else

inline bool register_heavy_barrier() noexcept { return false; }
inline void heavy_barrier() noexcept {}

template <class Value>
void light_store(atomic<Value>& word, Value value, bool) noexcept {
    // seq_cst: pairs with the seq_cst accesses of the rare side
    word.exchange(value, memory_order_seq_cst);
}

#endif

}  // namespace troupe::inline TROUPE_ABI::detail
