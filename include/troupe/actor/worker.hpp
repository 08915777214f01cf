// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a worker holds in its hands, and who is who on the current thread.

#include <cstdint>
#include <exception>
#include <string_view>
#include <utility>

#include "troupe/actor/fwd.hpp"
#include "troupe/config/exceptions.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/memory/gate.hpp"
#include "troupe/memory/magazine.hpp"
#include "troupe/message/fwd.hpp"
#include "troupe/observe/accounting.hpp"
#include "troupe/observe/sampler.hpp"
#include "troupe/schedule/ready_inbox.hpp"
#include "troupe/sync/published.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// An actor whose handler, constructor or `started` runs.
struct role {
    published<cell*> acting;
    char const*      failure = nullptr;  // it has called context::fail()

    void begin(cell* who) noexcept {
        acting.set(who);
        failure = nullptr;
    }
};

/// What a worker calls of an actor that is no handler, for threads that make a report. The words of
/// one change belong together: they were read whole by who finds `changes` even, and the same
/// before and after.
struct errand {
    published<std::uint64_t> changes;
    published<char const*>   name;    // "stopping", "constructor"; null: a handler, or nothing
    published<unsigned>      nested;  // how many actors wait below the one that acts: it is spawned
    published<cell*>         lowest;  // the first of them; of those between nothing is told
    published<char const*>   name_of_lowest;
};

/// How a handler ends.
enum class ending : std::uint8_t { done, suspended };
/// Handles one message of an actor.
using message_handler = ending (*)(cell&, worker&, node&, message_info const&) noexcept;

/// One per worker, and one for all threads that are not workers, behind a lock.
struct alignas(cache_line) worker {
    worker(core& home, gate* door_, depot& store, int index_) noexcept
        : owner(home), door(door_), rack(store), index(index_) {}

    core&       owner;
    gate* const door;
    role        now;  // nobody between turns
    // What it handles, and which message of its turn that is: one store each per message.
    published<message_info const*> handles;
    published<unsigned>            nth;
    magazine_rack                  rack;
    int const                      index;  // -1: the threads that are not workers
    worker_counters                counters;
    sampler                        turns;  // of a system that is measured: whose are timed
    sampler                        asks;
    message_handler                timed = nullptr;  // in such a turn: the handler of the actor
    cell*                          free_cells = nullptr;
    std::uint32_t                  free_cell_count = 0;
    worker*                        next = nullptr;  // of the core; set before the start
    errand                         runs;

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
        return r != nullptr ? r->acting.get() : nullptr;
    }
    void fail(char const* why) const noexcept {
        if (role* const r = current()) r->failure = why;
    }
};
inline thread_local constinit thread_role this_thread{};

/// Takes a role for the time of a scope: in a worker, or outside of all where `on` is null. `name`
/// is what is called of the actor then; it lives as long as the program.
class role_scope {
public:
    role_scope(worker* on, cell* acting, char const* name = nullptr) noexcept
        : before_(this_thread),
          on_(on),
          taken_(on != nullptr ? on->now : own_),
          instead_of_(taken_) {
        if (on != nullptr) begin_errand(on->runs, acting, name);
        else taken_.begin(acting);
        this_thread = {on, on != nullptr ? nullptr : &own_};
    }
    ~role_scope() {
        if (on_ != nullptr) end_errand(on_->runs);
        else taken_ = instead_of_;
        this_thread = before_;
    }
    role_scope(role_scope const&) = delete;
    role_scope& operator=(role_scope const&) = delete;

    /// Calls code of the actor. False: it has failed, and `failed(words, thrown)` was told, while
    /// the exception is handled; `words` are those of context::fail(), and end with zero.
    template <class Call, class Failed>
    bool run(Call const& call, Failed const& failed) {
        bool well = true;
        TROUPE_TRY { call(); }
        TROUPE_CATCH_ALL {
            well = false;
            failed(std::string_view{}, std::current_exception());
            taken_.failure = nullptr;  // one failure, and this is the one with more to say
        }
        if (char const* const why = take_failure()) {
            well = false;
            failed(std::string_view{why}, std::exception_ptr{});
        }
        return well;
    }
    /// Something else of it is called from here on.
    void goes_on_with(char const* name) noexcept {
        if (on_ == nullptr) return;
        on_->runs.changes.set(on_->runs.changes.get() + 1);
        on_->runs.name.set(name);
        on_->runs.changes.set(on_->runs.changes.get() + 1);
    }

private:
    char const* take_failure() noexcept { return std::exchange(taken_.failure, nullptr); }
    void        begin_errand(errand& e, cell* acting, char const* name) noexcept;
    void        end_errand(errand& e) noexcept;
    bool        is_nested() const noexcept {
        cell* const below = instead_of_.acting.get();
        return below != nullptr && below != acting_;
    }

    thread_role const before_;
    worker* const     on_;
    role              own_;
    role&             taken_;
    role const        instead_of_;
    cell*             acting_ = nullptr;
    char const*       name_below_ = nullptr;
};

TROUPE_APART inline void role_scope::begin_errand(errand& e, cell* acting,
                                                  char const* name) noexcept {
    acting_ = acting;
    name_below_ = e.name.get();
    e.changes.set(e.changes.get() + 1);
    if (is_nested()) {
        e.nested.set(e.nested.get() + 1);
        if (e.nested.get() == 1) {
            e.lowest.set(instead_of_.acting.get());
            e.name_of_lowest.set(name_below_);
        }
    }
    taken_.begin(acting);
    e.name.set(name);
    e.changes.set(e.changes.get() + 1);
}

TROUPE_APART inline void role_scope::end_errand(errand& e) noexcept {
    e.changes.set(e.changes.get() + 1);
    if (is_nested()) e.nested.set(e.nested.get() - 1);
    taken_ = instead_of_;
    e.name.set(name_below_);
    e.changes.set(e.changes.get() + 1);
}

}  // namespace troupe::inline TROUPE_ABI::detail
