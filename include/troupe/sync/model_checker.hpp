// SPDX-License-Identifier: BSL-1.0
#pragma once

// Only in model tests (TROUPE_MODEL): the Relacy race detector, which stands behind the doors of
// this room, and what its words need so that the shipped source compiles unchanged. Every program
// that includes this explores interleavings; none of it is part of a build that runs.

#if defined(TROUPE_MODEL)

// First the headers of the standard library that spell memory orders: Relacy replaces these words.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <memory>
#include <mutex>
#include <new>
#include <ostream>
#include <thread>
#include <type_traits>

#include <relacy/relacy.hpp>

// It also replaces these, for code that is written for it. Its `operator new` still counts every
// block, so a leak or a second release is found without them.
#undef new
#undef delete
#undef malloc
#undef calloc
#undef realloc
#undef free
#undef assert
#undef errno

#include "troupe/config/abi.hpp"

// What it prints of values that it does not know.
template <class Value>
struct rl::atomic_add_type<Value const*> {
    typedef std::ptrdiff_t type;
    typedef void const*    output_type;
};

namespace troupe::inline TROUPE_ABI::detail {

template <class Value>
    requires std::is_enum_v<Value>
std::ostream& operator<<(std::ostream& to, Value value) {
    return to << static_cast<long long>(value);
}

/// A static object of the process: each interleaving begins it anew, with a placement new.
template <class Value>
union model_static {
    Value value;
    model_static() {}
    ~model_static() {}
};

// What `memory_order_...` is replaced by.
using rl::mo_acq_rel;
using rl::mo_acquire;
using rl::mo_relaxed;
using rl::mo_release;
using rl::mo_seq_cst;

/// Stands for std::mutex.
class model_mutex {
public:
    void lock() { mutex_.lock($); }
    void unlock() { mutex_.unlock($); }

private:
    rl::mutex mutex_;
};

/// Stands for the two futex calls, which compare and fall asleep in one step. A sleep may end by
/// itself at any moment, and one with a limit may reach it at any moment. As in the kernel, the
/// word of a wake need not exist any more: it is looked at only if somebody sleeps there.
struct model_futex {
    static inline void const* sleeping_at[16] = {};  // by thread

    template <class Value>
    static void wait(rl::atomic<Value>& word, Value expected, bool limited) {
        rl::context& c = rl::ctx();
        c.sched();
        bool stays = false;
        {
            rl::preemption_disabler const one_step{c};
            // relaxed: the calls order nothing that the parker relies upon
            stays = word.fetch_or(0, memory_order_relaxed) == expected;
        }
        if (!stays) return;
        void const*& here = sleeping_at[rl::thread_index()];
        here = &word;
        word.wait(c, limited, true, $);
        here = nullptr;
    }
    template <class Value>
    static void wake(rl::atomic<Value>& word) {
        rl::context& c = rl::ctx();
        c.sched();
        for (void const* const at : sleeping_at) {
            if (at != &word) continue;
            word.wake(c, 1, $);
            return;
        }
    }
};

}  // namespace troupe::inline TROUPE_ABI::detail

#endif
