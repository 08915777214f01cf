// SPDX-License-Identifier: BSL-1.0
#pragma once

// Watching: who watches is told once of the end, whenever it comes.
//
//     watch      into the table of the watcher, then, if the target lives, into its list
//     end        the generation goes and the bit `watched` is read in one exchange; then each that
//                is in the list is taken out and delivered
//     deliver    still in the table of the watcher? then it has arrived, and the watcher is woken
//     take       in a turn of the watcher, between messages: out of the table, on(terminated)
//
// Exactly one: a record goes from the list once, by the end or by its owner. Not lost: `watched` is
// set under the lock where the generation is right. So whoever watches sees a wrong generation, or
// the end sees the bit, waits for the lock and finds the record. No two locks are held together, no
// memory is taken or given and nothing is called under one.

#include <exception>
#include <new>
#include <type_traits>
#include <utility>

#include "troupe/actor/attending.hpp"
#include "troupe/actor/context.hpp"
#include "troupe/actor/life.hpp"
#include "troupe/actor/make_failure.hpp"
#include "troupe/actor/task.hpp"
#include "troupe/actor/ties.hpp"
#include "troupe/config/exceptions.hpp"

namespace troupe::inline TROUPE_ABI {
namespace detail {

/// Memory that an actor may lack for its ties: taken before the lock, given back after it.
class side_memory {
public:
    side_memory(core& home, worker* w) noexcept : home_(home), w_(w) {}
    side_memory(side_memory const&) = delete;
    side_memory& operator=(side_memory const&) = delete;
    ~side_memory() {
        if (annex_ != nullptr) home_.give_block(w_, annex_, size_class_of(sizeof(annex)));
        give_table();
    }

    /// The annex of an actor that cannot end meanwhile. Null: take() some memory.
    annex* side_of(cell& c) noexcept TROUPE_REQUIRES(rank::watches::lock) {
        annex* found = c.side.load(memory_order_acquire);  // acquire: what another has built
        lacks_annex_ = found == nullptr;
        if (found != nullptr || annex_ == nullptr) return found;
        auto* const fresh = new (annex_) annex;
        // release: what was built; acquire: as above. Its owner may come between.
        if (!c.side.compare_exchange_strong(found, fresh, memory_order_acq_rel,
                                            memory_order_acquire)) {
            fresh->~annex();
            return found;
        }
        annex_ = nullptr;
        return fresh;
    }
    /// Puts a larger table into its place. How many heads to take() now; zero: the table will do.
    std::uint32_t fit(tie_table*& place) noexcept TROUPE_REQUIRES(rank::watches::lock) {
        if (table_ != nullptr && (place == nullptr || place->heads() < table_->heads())) {
            if (place != nullptr) table_->take_all(*place);
            std::swap(place, table_);
        }
        if (place == nullptr) return tie_table::heads_min;
        std::uint32_t const wanted = place->heads_wanted();
        return wanted == place->heads() || !grows_ ? 0 : wanted;
    }
    /// False: there is none.
    bool take(std::uint32_t heads) noexcept TROUPE_EXCLUDES(rank::watches::lock) {
        if (lacks_annex_) {
            annex_ = home_.take_block(w_, size_class_of(sizeof(annex)));
            if (annex_ == nullptr) return false;
        }
        if (heads == 0) return true;
        give_table();
        if (void* const memory = home_.take_block(w_, tie_table::size_class(heads))) {
            table_ = new (memory) tie_table{heads};
            return true;
        }
        grows_ = false;  // one that is full serves as well, only slower
        return heads != tie_table::heads_min;
    }

private:
    void give_table() noexcept {
        if (tie_table* const t = std::exchange(table_, nullptr)) {
            home_.give_block(w_, t, t->size_class());
        }
    }

    core&         home_;
    worker* const w_;
    void*         annex_ = nullptr;
    tie_table*    table_ = nullptr;  // a fresh one, then the one that was replaced
    bool          lacks_annex_ = false;
    bool          grows_ = true;
};

/// The system of an actor that lives, or whose system's memory is held.
inline core& core_of(cell const& c) noexcept {
    return *c.door.load(memory_order_relaxed)->inside();  // relaxed: it does not change meanwhile
}

/// From one system to an actor of another, whose memory is held; or of the same.
class passage {
public:
    passage(core& from, cell& to, std::uint64_t number) noexcept
        : to_(to), number_(number), home_(core_of(to)) {
        if (&home_ == &from) return;
        gate& door = *to.door.load(memory_order_relaxed);  // relaxed: as above
        if (door.enter(number >> serial_shift)) entered_ = &door;
        else ended_ = true;
    }
    ~passage() {
        if (entered_ != nullptr) entered_->leave();
    }
    passage(passage const&) = delete;
    passage& operator=(passage const&) = delete;

    core& home() const noexcept { return home_; }
    /// `w` is the calling worker of the system that it comes from. Nothing happens when there is
    /// nobody any more.
    void wake(worker* w, std::uint64_t bits) const noexcept {
        if (ended_) return;
        home_.wake(entered_ == nullptr ? w : nullptr, to_, number_ << control::generation_at, bits,
                   root_token{});
    }

private:
    cell&               to_;
    std::uint64_t const number_;
    core&               home_;
    gate*               entered_ = nullptr;
    bool                ended_ = false;
};

/// Out of the table, and of what has arrived.
inline void take_out(annex& a, tie& t) noexcept TROUPE_REQUIRES(rank::watches::lock) {
    a.ties->remove(t);
    if (t.arrived) arrivals{a.arrived}.remove(t);
}

/// From here on the end of this actor will look for who watches. False: it is gone.
inline bool core::mark_watched(cell& c, std::uint64_t incarnation) noexcept {
    std::uint64_t const generation = incarnation << control::generation_at;
    // acquire: one that is gone was destroyed before; pairs with the exchange in end()
    std::uint64_t old = c.control.load(memory_order_acquire);
    do {
        if (((old ^ generation) >> control::generation_at) != 0) return false;
        if ((old & control::watched) != 0) return true;
        // relaxed: released with the bit, and with what arrives
        tie_actions_.store(&all_tie_actions(), memory_order_relaxed);
        // release: pairs with the acquire in end(); everything else is ordered by the lock
    } while (!c.control.compare_exchange_weak(old, old | control::watched, memory_order_acq_rel,
                                              memory_order_acquire));
    return true;
}

/// Puts a record into the table of an actor of this system; `once`: unless there is one.
inline core::tied core::enter_table(worker* w, cell& c, std::uint64_t number, tie& t,
                                    bool once) noexcept {
    side_memory   spare{*this, w};
    std::uint32_t heads = 0;
    do {
        lock_guard const held{watches_mutex_, root_token{}};
        if (!mark_watched(c, number)) return tied::gone;
        annex* const a = spare.side_of(c);
        if (once && a != nullptr && a->ties != nullptr &&
            a->ties->find(t.incarnation, t.what) != nullptr) {
            return tied::twice;
        }
        heads = a == nullptr ? tie_table::heads_min : spare.fit(a->ties);
        if (heads == 0) {
            a->ties->insert(t);
            return tied::done;
        }
    } while (spare.take(heads));
    return tied::no_memory;
}

/// Puts a record into the list of an actor of this system.
inline core::tied core::add_watcher(worker* w, cell& c, std::uint64_t number, watcher& x) noexcept {
    side_memory spare{*this, w};
    do {
        lock_guard const held{watches_mutex_, root_token{}};
        if (!mark_watched(c, number)) return tied::gone;
        if (annex* const a = spare.side_of(c)) {
            watcher_list{a->watchers}.push(x);
            return tied::done;
        }
    } while (spare.take(0));
    return tied::no_memory;
}

/// Takes a record out of the list, if it is still there: then the end will not find it.
inline bool core::remove_watcher(cell& target, watcher& x) noexcept {
    lock_guard const held{watches_mutex_, root_token{}};
    if (!x.linked) return false;
    watcher_list{annex_of(target)->watchers}.remove(x);
    return true;
}

/// One place less where it hangs. Any thread.
inline void core::let_go(watch_node& n) noexcept {
    // acq_rel: the last one sees what the other wrote
    if (n.holders.fetch_sub(1, memory_order_acq_rel) != 1) return;
    core& home = core_of(n.me);
    core* there = n.far ? &core_of(*n.whom) : nullptr;
    n.~watch_node();
    home.give_block(home.worker_here(), &n, size_class_of(sizeof(watch_node)));
    if (there == nullptr) return;
    there->release();
    home.release();
}

/// The owner of the watcher. `target` may be null, and of any system. False: no memory.
TROUPE_APART inline bool core::watch(worker* w, cell& c, cell* target, std::uint64_t of,
                                     signal_call on) noexcept {
    std::uint64_t const number = c.incarnation.load(memory_order_relaxed);  // relaxed: our own
    void* const         memory = take_block(w, size_class_of(sizeof(watch_node)));
    if (memory == nullptr) return is_tied(c, of, tie_kind::watch);
    auto* const n = new (memory) watch_node{c, number, target, of, on};
    tied const  entered = enter_table(w, c, number, *n, true);
    if (entered != tied::done) {
        let_go(*n);
        return entered == tied::twice;
    }
    tied const came = reach(*n);
    if (came == tied::gone) {
        {
            lock_guard const held{watches_mutex_, root_token{}};
            arrivals{annex_of(c)->arrived}.push(*n);
        }
        // relaxed: the owner looks at it before the next message
        c.control.fetch_or(control::signal, memory_order_relaxed);
    }
    return came != tied::no_memory;
}

/// From the table to the target. Where there is no memory it leaves the table again.
inline core::tied core::reach(watch_node& n) noexcept {
    visit const here{n.whom, n.incarnation};
    core* const there = here.system();
    if (there == nullptr) return tied::gone;
    n.reached = true;
    if (there != this) {
        n.far = true;
        there->hold();
        hold();
    }
    n.holders.store(2, memory_order_relaxed);  // relaxed: it is published by the lock
    tied const came = there->add_watcher(here.on(), *n.whom, n.incarnation, n);
    if (came == tied::done) return came;
    n.holders.store(1, memory_order_relaxed);
    if (came == tied::no_memory) {
        {
            lock_guard const held{watches_mutex_, root_token{}};
            annex_of(n.me)->ties->remove(n);
        }
        let_go(n);
    }
    return came;
}

inline bool core::is_tied(cell& c, std::uint64_t of, tie_kind what) noexcept {
    lock_guard const   held{watches_mutex_, root_token{}};
    annex const* const a = annex_of(c);
    return a != nullptr && a->ties != nullptr && a->ties->find(of, what) != nullptr;
}

/// Under no lock: the tie, out of the table of its owner, or null.
inline tie* core::take_tie(cell& c, std::uint64_t of, tie_kind what) noexcept {
    lock_guard const held{watches_mutex_, root_token{}};
    annex* const     a = annex_of(c);
    tie* const       t = a == nullptr || a->ties == nullptr ? nullptr : a->ties->find(of, what);
    if (t != nullptr) take_out(*a, *t);
    return t;
}

/// The owner of the watcher.
TROUPE_APART inline void core::unwatch(cell& c, std::uint64_t of) noexcept {
    if (tie* const t = take_tie(c, of, tie_kind::watch)) withdraw(static_cast<watch_node&>(*t));
}

/// The owner of the watcher, who has taken it out of the table: what is on its way finds that.
inline void core::withdraw(watch_node& n) noexcept {
    if (n.reached && core_of(*n.whom).remove_watcher(*n.whom, n)) let_go(n);
    let_go(n);
}

/// The object of this actor goes, or the actor: `left`, or null, says how. Nobody is told anything
/// through its ties any more; who is linked to it hears that it has failed.
TROUPE_APART inline void core::drop_ties(worker* w, cell& c, terminated const* left) noexcept {
    annex* const a = annex_of(c);
    if (a == nullptr) return;
    std::uint32_t heads = 0;
    std::uint32_t head = 0;
    for (;;) {
        tie* batch = nullptr;
        {
            lock_guard const held{watches_mutex_, root_token{}};
            if (a->ties == nullptr) return;
            if (heads != a->ties->heads()) head = 0;  // somebody's link has made it grow
            heads = a->ties->heads();
            for (int i = 0; i < ties_batch; ++i) {
                tie* const t = a->ties->next(head, left != nullptr);
                if (t == nullptr) break;
                take_out(*a, *t);
                t->next = batch;
                batch = t;
            }
        }
        if (batch == nullptr) return;
        while (tie* const t = batch) {
            batch = t->next;
            if (t->what == tie_kind::watch) withdraw(static_cast<watch_node&>(*t));
            else cut(w, static_cast<link_side&>(*t), *left);
        }
    }
}

/// The actor is gone, and had ties: they end, and who watches is told. `was`: its last control
/// word.
TROUPE_APART inline void core::tell_end(worker* w, cell& c, std::uint64_t number,
                                        std::uint64_t was) noexcept {
    annex* a = nullptr;
    {
        // Who has set the bit may be about to put the annex there.
        lock_guard const held{watches_mutex_, root_token{}};
        a = annex_of(c);
    }
    if (a == nullptr) return;  // there was no memory for it
    ended_by const   how = how_it_ended(was);
    terminated const told{ref_access::make<any_ref>(c, number),
                          c.ops.load(memory_order_relaxed)->actor_name, how,
                          how == ended_by::failure ? a->why : failure{}};
    drop_ties(w, c, &told);
    tell_watchers(w, c, told);
    tie_table* table = nullptr;
    {
        lock_guard const held{watches_mutex_, root_token{}};
        table = std::exchange(a->ties, nullptr);
    }
    if (table != nullptr) give_block(w, table, table->size_class());
}

inline ended_by core::how_it_ended(std::uint64_t was) const noexcept {
    if ((was & control::faulty) != 0) return ended_by::failure;
    if ((was & control::exits) != 0) return ended_by::exit;
    // relaxed: who was stopped by the end of the system was told so after it was set
    bool const over = (root_->control.load(memory_order_relaxed) & control::stopping) != 0;
    return over ? ended_by::shutdown : ended_by::stop;
}

/// In batches: others want the lock too.
inline void core::tell_watchers(worker* w, cell& c, terminated const& told) noexcept {
    annex& a = *annex_of(c);
    for (;;) {
        watcher* batch = nullptr;
        {
            lock_guard const held{watches_mutex_, root_token{}};
            for (int i = 0; i < ties_batch && a.watchers != nullptr; ++i) {
                watcher& x = *a.watchers;
                watcher_list{a.watchers}.remove(x);
                x.older = batch;
                batch = &x;
            }
        }
        if (batch == nullptr) return;
        while (watcher* const x = batch) {
            batch = x->older;
            if (x->what == tie_kind::watch) deliver(w, static_cast<watch_node&>(*x), told);
            else finish_with(w, static_cast<end_node&>(*x), told);
        }
    }
}

/// A record that was taken out of the list of this system's actor.
inline void core::deliver(worker* w, watch_node& n, terminated const& told) noexcept {
    n.how = told.how;
    n.why = told.why;
    n.actor = told.actor.data();
    n.actor_length = static_cast<std::uint32_t>(told.actor.size());
    passage const to{*this, n.me, n.my_incarnation};
    bool          wanted = false;
    {
        lock_guard const held{to.home().watches_mutex_, root_token{}};
        wanted = n.in_table;
        if (wanted) arrivals{annex_of(n.me)->arrived}.push(n);
    }
    if (wanted) to.wake(w, control::signal);
    let_go(n);
}

/// A record that holds the answerer's half of a slot.
inline void core::finish_with(worker* w, end_node& n, terminated const& told) noexcept {
    new (n.slot.value()) terminated(told);
    finish(w, n.slot, reply_slot::answered);
}

/// The system is given up, while actors of it may still run: who waits for them elsewhere is told.
TROUPE_COLD inline void core::abandon_watchers() noexcept {
    for (page* p = first_page(root_token{}); p != nullptr; p = p->next) {
        auto* const cells = reinterpret_cast<cell*>(p->memory);
        for (std::size_t i = 0; i < cells_per_page; ++i) {
            // acquire: pairs with the release at birth
            std::uint64_t const number = cells[i].incarnation.load(memory_order_acquire);
            if (number != 0) abandon_watchers(cells[i], number);
        }
    }
}
TROUPE_COLD inline void core::abandon_watchers(cell& c, std::uint64_t number) noexcept {
    watcher* taken = nullptr;
    {
        lock_guard const held{watches_mutex_, root_token{}};
        // One that ends right now waits for the lock, and tells the others.
        if (!mark_watched(c, number)) return;
        annex* const a = annex_of(c);
        watcher*     next = a == nullptr ? nullptr : a->watchers;
        while (watcher* const x = next) {
            next = x->older;
            if (x->what == tie_kind::watch && !static_cast<watch_node*>(x)->far) continue;
            watcher_list{a->watchers}.remove(*x);
            x->older = taken;
            taken = x;
        }
    }
    terminated const told{ref_access::make<any_ref>(c, number),
                          c.ops.load(memory_order_relaxed)->actor_name,
                          ended_by::shutdown,
                          {}};
    while (watcher* const x = taken) {
        taken = x->older;
        if (x->what == tie_kind::watch) {
            deliver(nullptr, static_cast<watch_node&>(*x), told);
        } else {
            finish(nullptr, static_cast<end_node&>(*x).slot,
                   reply_slot::error(ask_errc::target_gone));
        }
    }
}

/// A turn of the watcher, which is neither muted nor suspended: one on(terminated). False: nothing
/// has come.
inline bool core::take_signal(worker& w, cell& c) noexcept {
    annex* const a = annex_of(c);
    tie*         first = nullptr;
    {
        lock_guard const held{watches_mutex_, root_token{}};
        first = arrivals{a->arrived}.first();
        if (first != nullptr && first->what == tie_kind::watch) take_out(*a, *first);
    }
    if (first == nullptr) return false;
    if (first->what == tie_kind::link) {
        // It came just now: hear_link() sees to it. relaxed: our own
        c.control.fetch_or(control::signal, memory_order_relaxed);
        return true;
    }
    call_signal(w, c, static_cast<watch_node&>(*first));
    return true;
}

TROUPE_APART inline void core::call_signal(worker& w, cell& c, watch_node& n) noexcept {
    signal_call const on = n.on;
    terminated const  told{n.whom == nullptr ? any_ref{}
                                             : ref_access::make<any_ref>(*n.whom, n.incarnation),
                          {n.actor, n.actor_length},
                          n.how,
                          std::move(n.why)};
    let_go(n);
    run_or_fail(w, c, "on(terminated)", failed_in::signal, [&](role_scope&) { on(c, told); });
}

// ---- what an actor says

template <class Actor>
concept hears_of_ends_with_context =
    requires(Actor& a, terminated const& t, context<Actor>& self) { a.on(t, self); };
template <class Actor>
concept hears_of_ends_alone = requires(Actor& a, terminated const& t) { a.on(t); };
template <class Actor>
inline constexpr bool actor_hears_of_ends =
    hears_of_ends_with_context<Actor> || hears_of_ends_alone<Actor>;

/// Calls on(terminated).
template <class Actor>
decltype(auto) hear_of_end(cell& c, terminated const& told) {
    Actor& actor = *static_cast<Actor*>(c.body);
    if constexpr (hears_of_ends_with_context<Actor>) {
        return actor.on(told, context_access::as<context<Actor>>(c));
    } else {
        return actor.on(told);
    }
}
template <class Actor, class Returned>
inline constexpr bool handler_of_ends_does_not_wait = std::is_void_v<Returned>;

/// True when an actor can watch; otherwise says what is in the way.
template <class Actor>
consteval bool check_watching() {
    if constexpr (!actor_hears_of_ends<Actor>) {
        static_assert(actor_hears_of_ends<Actor>,
                      "troupe: who watches is told by a signal; add a public `void "
                      "on(troupe::terminated const&)` to the actor, with or without "
                      "`troupe::context<Actor>&` after it (it does not stand in the protocol)");
        return false;
    } else {
        using returned =
            decltype(hear_of_end<Actor>(std::declval<cell&>(), std::declval<terminated const&>()));
        static_assert(handler_of_ends_does_not_wait<Actor, returned>,
                      "troupe: on(terminated) returns void: nobody waits for it, and it waits for "
                      "nobody; to wait there, send a message to the actor itself and co_await in "
                      "its handler");
        return std::is_void_v<returned>;
    }
}

}  // namespace detail

template <class Actor>
watch_status context<Actor>::watch(any_ref const& target) noexcept {
    if constexpr (detail::check_watching<Actor>()) {
        if (system().watch(on(), *cell_, detail::ref_access::cell_of(target), target.identity(),
                           &detail::hear_of_end<Actor>)) {
            return watch_status::watching;
        }
    }
    return watch_status::pool_exhausted;
}

template <class Actor>
void context<Actor>::unwatch(any_ref const& target) noexcept {
    system().unwatch(*cell_, target.identity());
}

}  // namespace troupe::inline TROUPE_ABI
