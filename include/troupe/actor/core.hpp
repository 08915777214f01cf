// SPDX-License-Identifier: BSL-1.0
#pragma once

// The part of a system that actor code knows: it has no template parameters, so that an actor is
// compiled once for all systems. The system's policies stand behind its virtual functions, which
// are called when an actor wakes, per turn and when a magazine is empty, never per message.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "troupe/actor/cell.hpp"
#include "troupe/actor/reply_slot.hpp"
#include "troupe/actor/timer.hpp"
#include "troupe/actor/wait_record.hpp"
#include "troupe/actor/worker.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/memory/page_arena.hpp"
#include "troupe/observe/dead_letters.hpp"
#include "troupe/observe/snapshot.hpp"
#include "troupe/port/clock.hpp"
#include "troupe/port/log_sink.hpp"
#include "troupe/port/metrics_sink.hpp"
#include "troupe/supervision/fwd.hpp"
#include "troupe/sync/tree_order.hpp"

namespace troupe::inline TROUPE_ABI {
enum class failed_in : std::uint8_t;
}

namespace troupe::inline TROUPE_ABI::detail {

enum class order : std::uint8_t;
struct failure_facts;
struct name_row;
struct rules;

/// What the library tells the log, besides the event.
struct log_facts {
    cell const*      who = nullptr;    // the caller is its owner or spawns it, or gives
    std::uint64_t    incarnation = 0;  // that, because it may end meanwhile
    std::string_view actor{};          // its type and its path, where they are known already
    std::string_view path{};
    std::string_view message{};
    std::string_view detail{};
    failure const*   why = nullptr;
    log_fields       fields{};
};

class core : public clock_listener {
public:
    /// `log_floor`: log_floor_of() the sink.
    core(block_source& source, std::uint64_t actors_max, bool measured, std::uint64_t seed,
         std::uint8_t log_floor = log_nothing);
    core(core const&) = delete;
    core& operator=(core const&) = delete;

    // --- what the system provides (system/engine_core.hpp)
    virtual void       ready(worker* from, cell& c, ready_token token) noexcept = 0;
    virtual void       timer_armed(time_point deadline) noexcept = 0;
    virtual time_point now() const noexcept = 0;
    virtual worker*    worker_here() noexcept = 0;
    virtual bool       drives_here() const noexcept = 0;
    virtual bool       run_once() noexcept = 0;
    virtual void       wait_for_work(duration patience) noexcept = 0;
    virtual void       log(log_record const& record) noexcept = 0;
    virtual void       tell_count(metric id, std::string_view label, std::uint64_t n) noexcept = 0;
    virtual void       tell_gauge(metric id, std::string_view label, double value) noexcept = 0;
    virtual void       tell_sample(metric id, std::string_view label, double value) noexcept = 0;
    virtual void       tell_failed(failure const& f) noexcept = 0;
    virtual void       root_ended() noexcept = 0;
    /// Keeps the memory of the system, though not the system, until release(): for those who have
    /// a pointer into it and are not inside.
    virtual void hold() noexcept = 0;
    virtual void release() noexcept = 0;

    // --- memory. `w` is the calling worker of this system, or null (actor/memory_of_core.hpp)
    void* take_block(worker* w, std::uint8_t size_class) noexcept {
        return w != nullptr ? w->rack.take(size_class, root_token{}) : take_block(size_class);
    }
    TROUPE_HOT void give_block(worker* w, void* block, std::uint8_t size_class) noexcept {
        if (w != nullptr) w->rack.give(block, size_class, root_token{});
        else give_block(block, size_class);
    }
    cell* take_cell(worker* w) noexcept;
    void  give_cell(worker* w, cell& c) noexcept;

    // --- messages
    /// One by chance.
    correlation_id new_correlation() noexcept { return {chance(), chance() | 1}; }
    void           count_sent(worker* w) noexcept;
    /// The message will not be handled: it is counted, told, destroyed, and its asker answered.
    /// `at`: the target's cell, where it is known; the target may have ended.
    void drop(worker* w, node& n, drop_cause cause, cell const* at = nullptr) noexcept;
    /// As drop, for a message that was never built.
    void drop_unbuilt(worker* w, message_info const& info, std::uint64_t target, drop_cause cause,
                      cell const* at = nullptr) noexcept;
    /// Gives the block of a message back that was never built.
    void give_node(worker* w, node& n) noexcept;
    /// Destroys the message and gives its block back.
    void dispose(worker* w, node& n) noexcept;

    // --- the run right
    void make_ready(worker* w, cell& c, ready_token token) noexcept { ready(w, c, token); }
    /// Sets bits in the control word and makes the actor run if it does not. False when the
    /// generation is not the cell's.
    bool wake(worker* w, cell& c, std::uint64_t generation, std::uint64_t bits,
              ready_token token) noexcept;
    /// Gives up the run right until wake(). False when there is something to attend to.
    bool park(cell& c) noexcept;

    // --- waiting for room (actor/waiting.hpp)
    void note_overcommit(worker* w, worker* sender_on, cell& sender, cell& target,
                         std::uint64_t incarnation) noexcept;
    bool settle_mutes(worker& w, cell& c) noexcept;
    void release_waiters(worker& w, cell& c, std::uint32_t depth, bool end_of_turn) noexcept;
    enum class waits : std::uint8_t { enlisted, room, cycle };
    waits       enlist(cell* waiter, wait_record& r) noexcept;
    static void withdraw(wait_record& r) noexcept;
    send_status wait_for_room(cell& c, node& n, time_point deadline) noexcept;
    bool        ask_closes_cycle(worker& w, cell& asker, cell& target) noexcept;
    bool        edge_closes_cycle(worker& w, cell& asker, cell& target) noexcept;
    void        note_wait() noexcept;
    void        tell_wait(wait_record const& r) noexcept;
    /// So many messages were seen in a mailbox.
    void        note_depth(worker* w, std::uint32_t depth) noexcept;
    void        tell_cycle(worker& w, cell& c, std::string_view what) noexcept;
    void        clear_edge(cell& c) noexcept;
    static void drop_edge(reply_slot const& slot, cell& target) noexcept;
    void        release_all_waiters(worker& w, cell& c) noexcept;
    void        release_muted(worker& w, cell& c) noexcept;
    void        forget_mutes(worker* w, cell& c) noexcept;

    // --- asks (actor/asking.hpp)
    reply_slot* open_slot(worker* w, std::uint8_t size_class) noexcept;
    void        finish(worker* w, reply_slot& s, std::uint32_t outcome) noexcept;
    void        leave_slot(worker* w, reply_slot& s, bool unread) noexcept;
    void        free_slot(worker* w, reply_slot& s) noexcept;
    void        begin_ask(worker* w, reply_slot& s) noexcept;
    void        end_ask(worker* w, std::uint32_t outcome, time_point begun) noexcept;
    bool        chosen_outside() noexcept;
    void        tell_ask(worker* w, time_point begun) noexcept;

    // --- timers (actor/timing.hpp)
    void arm(timer_entry& t, time_point deadline) noexcept;
    /// Sets control::due after `delay`.
    void           arm(actor_timer& t, cell& c, duration delay) noexcept;
    void           disarm(timer_entry& t) noexcept;
    bool           fired(thread_timer const& t) noexcept;
    message_timer* arm_message(worker* w, cell& target, node& message, time_point deadline,
                               message_period const& period, std::uint64_t& id) noexcept;
    bool           cancel(worker* w, message_timer& t, std::uint64_t id) noexcept;
    void           cancel_all(worker* w, cell& c) noexcept;
    void           cancel_every_message(worker* w) noexcept;
    bool           run_due_timers(worker& w) noexcept;
    void           end_asks() noexcept;
    time_point     next_deadline() noexcept;

    // --- ties (actor/watching.hpp, linking.hpp, termination.hpp)
    enum class tied : std::uint8_t { done, twice, gone, no_memory };
    bool watch(worker* w, cell& c, cell* target, std::uint64_t of, signal_call on) noexcept;
    void unwatch(cell& c, std::uint64_t of) noexcept;
    bool link_to(worker* w, cell& c, cell* target, std::uint64_t of) noexcept;
    void unlink_from(worker* w, cell& c, std::uint64_t of) noexcept;
    tied add_watcher(worker* w, cell& c, std::uint64_t number, watcher& x) noexcept;
    bool remove_watcher(cell& target, watcher& x) noexcept;
    void finish_with(worker* w, end_node& n, terminated const& told) noexcept;
    /// What ties mean elsewhere. A system knows of it when somebody has made the first one: a
    /// program that makes none is not compiled with it.
    struct tie_actions {
        void (*tell_end)(core&, worker*, cell&, std::uint64_t number, std::uint64_t was) noexcept;
        void (*end_watches)(core&, worker&, cell&) noexcept;  // of an object that goes
        bool (*hear_link)(core&, worker&, cell&) noexcept;
        bool (*take_signal)(core&, worker&, cell&) noexcept;
        void (*abandon)(core&) noexcept;
    };
    /// Null: there was no tie in this system.
    tie_actions const* ties() const noexcept {
        return tie_actions_.load(memory_order_acquire);  // acquire: pairs with mark_watched()
    }

    /// What timers with messages mean elsewhere; as with ties, known when the first was armed.
    struct message_timer_actions {
        void (*fire)(core&, worker&, message_timer&, time_point present) noexcept;
        void (*cancel)(core&, worker*, cell&) noexcept;  // all of an actor
    };
    static message_timer_actions const& all_message_timer_actions() noexcept;

    // --- life and death (actor/life.hpp, attending.hpp, ending.hpp)
    enum class attention : std::uint8_t {
        go_on,      // it runs: the next message
        stay,       // look again, then wait
        parked,     // the run right is gone
        ended,      // the run right is gone, and the cell
        cut_head,   // the message of its suspended handler is to be dropped
        drop_mail,  // what is queued is to be dropped
    };
    attention attend(worker& w, cell& c) noexcept;
    /// Until take_time() no `stopping` that waits is begun any more, and those that wait are cut.
    void hurry() noexcept;
    void take_time() noexcept { hurries_.store(false, memory_order_seq_cst); }
    void run_root(worker& w, cell& c) noexcept;
    void adopt(worker* w, cell& parent, cell& child) noexcept;
    void request_stop(worker* w, cell& c, std::uint64_t incarnation) noexcept;

    /// What a program has only if somebody in it supervises: found through the one that does.
    struct supervision_actions {
        void (*hear)(core&, worker&, cell& parent, family&, seat* newest) noexcept;
        void (*proceed)(core&, worker&, cell& parent, family&) noexcept;
        void (*end_of_delay)(core&, worker&, cell& parent, family&) noexcept;
        void (*forget_group)(core&, cell& parent, family&) noexcept;
        void (*fall)(core&, worker&, cell& child, seat&) noexcept;
        attention (*step)(core&, worker&, cell& child, std::uint64_t bits) noexcept;
        void (*exit)(core&, worker*, cell& child) noexcept;
        void (*forget_delay)(core&, seat&) noexcept;  // of a child that stops
        void (*leave_place)(core&, worker&, cell& child) noexcept;
        void (*forget_arguments)(cell& child) noexcept;
        bool (*furnish)(core&, worker*, cell&, rules const* supervisor, std::size_t) noexcept;
        void (*take_apart)(core&, worker*, annex&) noexcept;  // what furnish() has made
    };
    static supervision_actions const& all_supervision_actions() noexcept;

    /// The same for the hooks that come when an actor stops.
    struct hook_actions {
        bool (*hand_back)(core&, worker&, cell&, node&) noexcept;
        void (*begin)(core&, worker&, cell&) noexcept;  // `stopping`
        attention (*wait)(core&, worker&, cell&, std::uint64_t bits) noexcept;
        void (*stopped)(core&, worker&, cell&) noexcept;
    };
    static hook_actions const& all_hook_actions() noexcept;

    // --- failures and what comes of them (actor/failing.hpp, restarting.hpp, deciding.hpp)
    void fail(worker& w, cell& c, failure_facts facts, bool stops) noexcept;
    void exit(worker* w, cell& c) noexcept;
    void note_failure(worker* w, cell& c, failure const& why, std::uint64_t bits) noexcept;
    void call_started(role_scope& role, cell& c);
    void tell_overdue(cell& c, failed_in where) noexcept;
    /// What `begin` cannot know: memory for the actor's place with its supervisor, and for its own
    /// children. False: there is none. Called as one of the actions above.
    bool   furnish(worker* w, cell& c, rules const* supervisor, std::size_t arguments) noexcept;
    annex* annex_for(worker* w, cell& c) noexcept;

    /// A cell for a new actor, counted and numbered; null: `error` says why.
    cell* begin(worker* w, cell_ops const& ops, spawn_errc& error) noexcept;
    /// Around the spawn of an actor at the top by a thread outside: the root does not end between.
    void begin_birth() noexcept;
    void end_birth() noexcept;
    int  births() const noexcept { return births_.load(memory_order_seq_cst); }
    /// The actor was never started: takes back what begin() did. `parent`: where it was to live.
    void  undo(worker* w, cell& c, cell const* parent) noexcept;
    cell& root() noexcept { return *root_; }

    // --- names (actor/names.hpp)
    bool        take_name(worker* w, cell& parent, cell& c, std::string_view name,
                          spawn_errc& error) noexcept;
    void        free_name(worker* w, cell& c) noexcept;
    std::size_t copy_name(cell const& c, char* to) noexcept;
    /// Others may take the name; the actor still has it, until free_name().
    void unlist_name(cell& c) noexcept;
    /// The same for the actor's owner, who need not copy.
    static std::string_view own_name(cell const& c) noexcept;

    // --- the log (actor/logging.hpp)
    bool tells(log_level level) const noexcept {
        return static_cast<std::uint8_t>(level) >= log_floor_;
    }
    bool tells(log_event id) const noexcept { return tells(level_of(id)); }
    /// The same, of what the class of an actor may not want to tell.
    bool tells(log_event id, cell_ops const& of) const noexcept {
        return tells(id) && level_of(id) >= of.log_floor;
    }
    void tell(log_event id, log_facts const& facts) noexcept;
    void say(log_level level, std::string_view words, cell const* who, log_fields fields) noexcept;

    // --- numbers for the sink: any thread inside, under no lock. The texts are copied. A statement
    // with `metric::` in it is such a call and nothing else (tests/budget/unmeasured.sh).
    void count(metric id, std::string_view label, std::uint64_t n = 1) noexcept {
        if (measured_) tell_count(id, label, n);
    }
    void gauge(metric id, std::string_view label, double value) noexcept {
        if (measured_) tell_gauge(id, label, value);
    }
    void sample(metric id, std::string_view label, double value) noexcept {
        if (measured_) tell_sample(id, label, value);
    }
    void sample(metric id, std::string_view label, duration span) noexcept {
        sample(id, label, static_cast<double>(span.count()) / 1e9);
    }
    /// The label of an actor. For who stands inside of it, or of its parent.
    static std::string_view type_of(cell const& c) noexcept {
        return c.ops.load(memory_order_relaxed)->actor_name;  // relaxed: our own
    }
    /// Somebody looks at the numbers.
    bool measured() const noexcept { return measured_; }

    // --- questions
    dead_letter_log const& letters() const noexcept { return dead_letters_; }
    accounting             books() noexcept;
    /// All but what the scheduler counts, and the process.
    void look(system_snapshot& seen) noexcept;
    /// How many restarts have waited for their delay.
    std::uint64_t delays_over() const noexcept { return delays_over_.load(memory_order_acquire); }
    /// Nothing ran, which was found out since delays_over() was `before`; and no message waits for
    /// an actor that is built again after a delay, nor has one come back meanwhile.
    bool is_drained(std::uint64_t before) noexcept {
        bool const empty = books().queued == 0;
        bool const none_waits = delays_begun_.load(memory_order_acquire) == before;
        return delays_over() == before && (empty || none_waits);
    }
    bool draining() const noexcept {
        // acquire: pairs with the release in the system's stop
        return draining_.load(memory_order_acquire);
    }

protected:
    ~core() = default;  // by the system's own type
    void add_worker(worker& w) noexcept {
        w.next = workers_;
        workers_ = &w;
        if (!measured_) return;
        w.turns.begin();
        w.asks.begin();
    }
    void free_memory() noexcept TROUPE_NO_THREAD_SAFETY_ANALYSIS;  // nobody else is left
    template <class Token>
    page* first_page(Token const& token) noexcept {
        lock_guard const held{cells_mutex_, token};
        return pages_;  // pages are added at the front and never taken away while actors live
    }
    static constexpr std::size_t cells_per_page = page_bytes / sizeof(cell);

    depot               depot_;
    std::uint64_t const actors_max_;
    bool const          measured_;  // false: the null sink, which is never called
    std::uint8_t const  log_floor_;
    std::uint64_t       serial_ = 0;
    gate* const         door_;
    worker*             workers_ = nullptr;  // by `next`; set before the start
    cell*               root_ = nullptr;
    // Written by every spawn and end: a line of their own, as all workers read the others.
    alignas(cache_line) atomic<std::uint64_t> actors_{0};
    atomic<std::uint64_t> created_{0};
    alignas(cache_line) atomic<bool> draining_{false};
    // Of restarts. acquire and release, both: who sees a delay over sees what was queued before
    atomic<std::uint64_t> delays_begun_{0};
    atomic<std::uint64_t> delays_over_{0};
    atomic<bool>          hurries_{false};  // the thread that ends the system

private:
    friend class census;
    friend class lookout;
    friend class metrics_collector;
    void* take_block(std::uint8_t size_class) noexcept;
    void  give_block(void* block, std::uint8_t size_class) noexcept;
    template <class Token>
    void let_go(worker* w, wait_record& r, Token const& token) noexcept
        TROUPE_REQUIRES(rank::waiting::lock);
    // life.hpp
    void        take_notices(worker& w, cell& c) noexcept;
    void        link(cell& parent, cell& child) noexcept;
    void        bury(worker& w, cell& parent, cell& child) noexcept;
    void        let_rest(worker& w, cell& c) noexcept;
    void        clear_side(worker* w, cell& c, cell const* parent) noexcept;
    void        free_annex(worker* w, annex& a) noexcept;
    void        take_apart(worker* w, annex& a) noexcept;
    static void forget_arguments(cell& c) noexcept;
    // attending.hpp
    static void enter(cell& c, phase next) noexcept;
    attention   step(worker& w, cell& c, std::uint64_t bits) noexcept;
    template <class Call>
    bool call_out(worker& w, cell& c, failed_in where, duration deadline,
                  Call const& call) noexcept;
    template <class Call>
    bool                 run_or_fail(worker& w, cell& c, char const* name, failed_in const& where,
                                     Call const& call) noexcept;
    void                 hook_failed(worker& w, cell& c, failed_in where, std::string_view words,
                                     std::exception_ptr const& thrown = {}) noexcept;
    bool                 is_over(actor_timer const& t) noexcept;
    static bool          has_hooks(cell const& c) noexcept;
    static std::uint64_t ordered_to_end(cell const& c) noexcept;
    void                 has_failed(worker& w, cell& c) noexcept;
    void                 begin_stop(worker& w, cell& c, std::uint64_t cause) noexcept;
    bool                 hand_back(worker& w, cell& c, node& n) noexcept;
    static bool          is_whole(cell const& c, phase stands) noexcept;
    void                 leave_plans(cell& c) noexcept;
    void                 begin_hook(worker& w, cell& c) noexcept;
    void                 call_stopped(worker& w, cell& c) noexcept;
    attention            wait_for_hook(worker& w, cell& c, std::uint64_t bits) noexcept;
    bool                 go_on_with_hook(worker& w, cell& c) noexcept;
    void                 cut_hook(worker& w, cell& c, std::string_view why) noexcept;
    void                 end_alarm(worker& w, cell& c) noexcept;
    bool                 drop_frame(worker& w, cell& c) noexcept;
    void                 stop_next_child(worker& w, cell& c) noexcept;
    attention            wind_up(worker& w, cell& c) noexcept;
    void                 destroy_object(worker& w, cell& c) noexcept;
    void                 let_loose(worker& w, cell& c) noexcept;
    void                 end(worker& w, cell& c) noexcept;
    void                 tell_stopped(cell& c) noexcept;
    // watching.hpp
    static tie_actions const& all_tie_actions() noexcept;
    bool                      mark_watched(cell& c, std::uint64_t incarnation) noexcept
        TROUPE_REQUIRES(rank::watches::lock);
    tied        enter_table(worker* w, cell& c, std::uint64_t number, tie& t, bool once) noexcept;
    bool        is_tied(cell& c, std::uint64_t of, tie_kind what) noexcept;
    tie*        take_tie(cell& c, std::uint64_t of, tie_kind what) noexcept;
    tied        reach(watch_node& n) noexcept;
    static void withdraw(watch_node& n) noexcept;
    static void let_go(watch_node& n) noexcept;
    void        drop_ties(worker* w, cell& c, terminated const* left) noexcept;
    void        tell_end(worker* w, cell& c, std::uint64_t number, std::uint64_t was) noexcept;
    void        tell_watchers(worker* w, cell& c, terminated const& told) noexcept;
    bool        take_signal(worker& w, cell& c) noexcept;
    void        abandon_watchers() noexcept;
    void        abandon_watchers(cell& c, std::uint64_t number) noexcept;
    void        deliver(worker* w, watch_node& n, terminated const& told) noexcept;
    void        call_signal(worker& w, cell& c, watch_node& n) noexcept;
    ended_by    how_it_ended(std::uint64_t was) const noexcept;
    static constexpr int ties_batch = 64;  // as many for one taking of the lock
    // linking.hpp
    tied        reach(link_node& n) noexcept;
    static void let_go(link_node& n) noexcept;
    void        cut(worker* w, link_side& side, terminated const& left) noexcept;
    static tie* take_others(annex& a, tie const& one) noexcept TROUPE_REQUIRES(rank::watches::lock);
    bool        hear_link(worker& w, cell& c) noexcept;
    // restarting.hpp
    void        exit_supervised(worker* w, cell& c) noexcept;
    void        leave_place(worker& w, cell& c) noexcept;
    void        fall(worker& w, cell& c, seat& s) noexcept;
    attention   step_supervised(worker& w, cell& c, std::uint64_t bits) noexcept;
    void        report(worker& w, cell& c, seat& s, std::uint8_t what) noexcept;
    attention   obey(worker& w, cell& c) noexcept;
    attention   obey_running(worker& w, cell& c) noexcept;
    attention   begin_replacing(worker& w, cell& c, seat& s, order after,
                                failure const& why) noexcept;
    void        begin_delay(actor_timer& t, cell& c, duration delay) noexcept;
    void        end_delay(actor_timer& t) noexcept;
    void        end_delay(seat& s) noexcept;
    attention   replace(worker& w, cell& c) noexcept;
    attention   rise(worker& w, cell& c, std::uint64_t bits) noexcept;
    attention   rebuild(worker& w, cell& c, seat& s) noexcept;
    static void forget_declared(cell& c) noexcept;
    void        call_restarting(worker& w, cell& c, failure const& why) noexcept;
    duration    next_delay(seat& s) noexcept;
    /// A number by chance, for jitter. Any thread.
    std::uint64_t chance() noexcept;
    // deciding.hpp
    void    hear_reports(worker& w, cell& parent, family& f, seat* newest) noexcept;
    void    hear_again(worker& w, cell& parent, family& f) noexcept;
    void    hear(worker& w, cell& parent, family& f, seat& s, std::uint8_t what) noexcept;
    void    decide(worker& w, cell& parent, family& f, seat& s) noexcept;
    verdict ask_decider(worker& w, cell& parent, seat& s, failure& why) noexcept;
    void escalate(worker& w, cell& parent, seat& s, failure const& why, failed_in where) noexcept;
    void command(worker& w, seat& s, order what) noexcept;
    // group.hpp
    static child_info info_of(cell& child, bool failed) noexcept;
    void begin_group(worker& w, cell& parent, family& f, seat& s, failure const& why) noexcept;
    void proceed(worker& w, cell& parent, family& f) noexcept;
    void take_down(worker& w, family& f, seat& s) noexcept;
    bool next_down(worker& w, cell& parent, family& f) noexcept;
    bool next_up(worker& w, cell& parent, family& f) noexcept;
    void bring_up(cell& parent, family& f) noexcept;
    void end_of_delay(worker& w, cell& parent, family& f) noexcept;
    void forget_group(cell& parent) noexcept;
    void drop_record(worker* w, wait_record& r) noexcept;
    void resume(worker* w, cell& c, std::uint64_t incarnation, ready_token token) noexcept;
    bool unmute(worker& w, cell& muted) noexcept;
    template <class Token>
    bool unmute_here(worker* w, cell& muted, Token const& token) noexcept
        TROUPE_REQUIRES(waiting_mutex_, rank::waiting::lock);
    bool  closes_cycle(cell& waiter, cell& target, cell*& muted) const noexcept;
    void  set_edge(cell& waiter, cell& target, std::uint64_t kind) noexcept;
    void  wait_on(worker& w, cell& c) noexcept;
    bool  room_closes_cycle(cell& c, wait_record& r) noexcept;
    void  let_through(worker& w, cell& c, wait_record& r) noexcept;
    void  notify(worker* w, reply_slot::listener const& told, ready_token token) noexcept;
    void  discard(reply_slot& s, bool has_value, bool has_exception) noexcept;
    void  expire(timer_entry& due, ready_token token) noexcept TROUPE_REQUIRES(rank::timers::lock);
    void  fail_ask(reply_slot& s, ask_errc why, ready_token token) noexcept;
    void  unlink(message_timer& t) noexcept TROUPE_REQUIRES(rank::timers::lock);
    void  put_back(message_timer& t) noexcept TROUPE_REQUIRES(timers_mutex_, rank::timers::lock);
    node* take_away(message_timer& t) noexcept TROUPE_REQUIRES(timers_mutex_, rank::timers::lock);
    void  fire(worker& w, message_timer& t, time_point present) noexcept;
    void  cancel_messages(worker* w, cell& c) noexcept;
    void  note_earliest() noexcept TROUPE_REQUIRES(timers_mutex_);
    template <class Token>
    bool add_cell_page(Token const& token) noexcept TROUPE_REQUIRES(cells_mutex_);

    ranked_mutex<rank::foreign_pool> foreign_mutex_;
    worker                           foreign_ TROUPE_GUARDED_BY(foreign_mutex_);
    atomic<std::uint64_t>            sent_outside_{0};
    atomic<std::uint64_t>            asks_outside_[ask_outcomes];
    atomic<std::uint32_t>            asks_begun_outside_{0};
    atomic<std::uint32_t>            deepest_outside_{0};

    ranked_mutex<rank::cells> cells_mutex_;
    cell*                     free_cells_ TROUPE_GUARDED_BY(cells_mutex_) = nullptr;
    page*                     pages_ TROUPE_GUARDED_BY(cells_mutex_) = nullptr;

    ranked_mutex<rank::waiting> waiting_mutex_;
    std::uint64_t               waits_begun_ TROUPE_GUARDED_BY(waiting_mutex_) = 0;
    std::uint64_t messages_waiting_ TROUPE_GUARDED_BY(waiting_mutex_) = 0;  // in no mailbox

    /// Guards lists of watchers, tables of ties and what has arrived, of all annexes.
    ranked_mutex<rank::watches> watches_mutex_;
    atomic<tie_actions const*>  tie_actions_{nullptr};  // written under watches_mutex_

    ranked_mutex<rank::timers> timers_mutex_;
    timer_wheel                wheel_ TROUPE_GUARDED_BY(timers_mutex_);
    message_timer*             free_timers_ TROUPE_GUARDED_BY(timers_mutex_) = nullptr;
    std::uint64_t              timers_made_ TROUPE_GUARDED_BY(timers_mutex_) = 0;
    std::uint64_t              next_timer_id_ TROUPE_GUARDED_BY(timers_mutex_) = 1;
    atomic<std::int64_t>       earliest_{never.nanoseconds};  // written under timers_mutex_
    // Null: no message waits for its time. Written under timers_mutex_.
    atomic<message_timer_actions const*> message_timers_{nullptr};

    static constexpr std::size_t name_rows = 1024;
    ranked_mutex<rank::names>    names_mutex_;
    atomic<cell*>                adopted_{nullptr};  // children of the root, pushed by any thread
    atomic<int>                  births_{0};         // threads outside that are inside spawn
    dead_letter_log              dead_letters_;
    atomic<std::uint64_t>        chance_;
    name_row* names_[name_rows] TROUPE_GUARDED_BY(names_mutex_) = {};  // heads of chains
};

}  // namespace troupe::inline TROUPE_ABI::detail
