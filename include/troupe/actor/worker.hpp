// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a worker holds in its hands, and who is who on the current thread.

#include <cstdint>

#include "troupe/actor/fwd.hpp"
#include "troupe/memory/gate.hpp"
#include "troupe/memory/magazine.hpp"
#include "troupe/observe/accounting.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// One per worker, and one for all threads that are not workers, behind a lock.
struct alignas(cache_line) worker {
    worker(core& home, gate* door_, depot& store, int index_) noexcept
        : owner(home), door(door_), rack(store), index(index_) {}

    core&           owner;
    gate* const     door;
    magazine_rack   rack;
    int const       index;  // -1: the threads that are not workers
    worker_counters counters;
    cell*           free_cells = nullptr;
    std::uint32_t   free_cell_count = 0;
};

/// Who runs on this thread. In each module of the program this is a variable of its own; the turn
/// of an actor sets the one of the actor's module.
struct thread_role {
    worker*     on = nullptr;       // the worker, while it runs an actor
    cell*       acting = nullptr;   // the actor whose handler, constructor or `started` runs
    char const* failure = nullptr;  // it has called context::fail()
};
inline thread_local constinit thread_role this_thread{};

/// Takes a role for the time of a scope.
class role_scope {
public:
    role_scope(worker* on, cell* acting) noexcept : before_(this_thread) {
        this_thread = {on, acting};
    }
    ~role_scope() { this_thread = before_; }
    role_scope(role_scope const&) = delete;
    role_scope& operator=(role_scope const&) = delete;

private:
    thread_role const before_;
};

}  // namespace troupe::inline TROUPE_ABI::detail
