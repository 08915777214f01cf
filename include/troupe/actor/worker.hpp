// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a worker holds in its hands, and who is who on the current thread.

#include <cstdint>
#include <utility>

#include "troupe/actor/fwd.hpp"
#include "troupe/memory/gate.hpp"
#include "troupe/memory/magazine.hpp"
#include "troupe/observe/accounting.hpp"
#include "troupe/schedule/ready_inbox.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// An actor whose handler, constructor or `started` runs.
struct role {
    cell*       acting = nullptr;
    char const* failure = nullptr;  // it has called context::fail()
};

/// One per worker, and one for all threads that are not workers, behind a lock.
struct alignas(cache_line) worker {
    worker(core& home, gate* door_, depot& store, int index_) noexcept
        : owner(home), door(door_), rack(store), index(index_) {}

    core&           owner;
    gate* const     door;
    role            now;  // nobody between turns
    magazine_rack   rack;
    int const       index;  // -1: the threads that are not workers
    worker_counters counters;
    cell*           free_cells = nullptr;
    std::uint32_t   free_cell_count = 0;
    worker*         next = nullptr;  // of the core; set before the start

    /// What threads outside have made ready, if the scheduler wants turns to end early for it.
    ready_inbox const* outside = nullptr;
    bool outside_waits() const noexcept { return outside != nullptr && !outside->empty(); }
};

/// Who runs on this thread. In each module of the program this is a variable of its own; the turn
/// of an actor sets the one of the actor's module.
struct thread_role {
    worker* on = nullptr;       // the worker, while it runs an actor
    role*   outside = nullptr;  // an actor that is spawned by a thread that is no worker

    role* current() const noexcept { return on != nullptr ? &on->now : outside; }
    cell* acting() const noexcept {
        role const* const r = current();
        return r != nullptr ? r->acting : nullptr;
    }
    void fail(char const* why) const noexcept {
        if (role* const r = current()) r->failure = why;
    }
};
inline thread_local constinit thread_role this_thread{};

/// Takes a role for the time of a scope: in a worker, or outside of all where `on` is null.
class role_scope {
public:
    role_scope(worker* on, cell* acting) noexcept
        : before_(this_thread), taken_(on != nullptr ? on->now : own_), instead_of_(taken_) {
        taken_ = {acting};
        this_thread = {on, on != nullptr ? nullptr : &own_};
    }
    ~role_scope() {
        taken_ = instead_of_;
        this_thread = before_;
    }
    role_scope(role_scope const&) = delete;
    role_scope& operator=(role_scope const&) = delete;

    /// Why the actor has failed, once; null if it has not.
    char const* take_failure() noexcept { return std::exchange(taken_.failure, nullptr); }

private:
    thread_role const before_;
    role              own_;
    role&             taken_;
    role const        instead_of_;
};

}  // namespace troupe::inline TROUPE_ABI::detail
