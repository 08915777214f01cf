// SPDX-License-Identifier: BSL-1.0
// Children that fail below a parent that supervises, against everything that may come between: a
// stop of the child, of its parent, messages, a second failure, the end of a delay. The core is the
// shipped one, and so is the spawn.
//
// Whatever comes: each message is handled or counted as a dead letter, each object is destroyed
// once, the parent is asked once for each failure, nobody stays where nothing wakes him, and at the
// end all memory is back.

#include "support/small_system.hpp"

#include "troupe/system/spawn.hpp"

#include <functional>
#include <initializer_list>
#include <optional>

namespace {

using namespace troupe_model;
using troupe::verdict;

struct job {
    bool fails;
};
struct look {
    bool fails;
};

/// What one thread of a model does. Children are the first and the second of a parent.
enum class does {
    fails_first,
    fails_second,
    fails_parent,
    works_first,
    stops_first,
    stops_second,
    stops_parent,
    looks,  // a message for the parent, so that it is at work when it is told
    clock,  // the delay is over
};

/// Counts copies of itself: the arguments of a spawn are kept, and given back.
struct counted_copy {
    int* alive;
    explicit counted_copy(int& counter) : alive(&counter) { ++*alive; }
    counted_copy(counted_copy const& other) : alive(other.alive) { ++*alive; }
    ~counted_copy() { --*alive; }
};

/// What happened to one actor that can be restarted, in turns of it.
struct history {
    plain<int> turn{0};  // a race on it is a broken run right
    plain<int> why{0};   // the child, before it fails; read by its parent
    plain<int> said{0};  // its parent, before it says what comes; read by the next object
    int        built = 0;
    int        destroyed = 0;
    int        handled = 0;
    int        failures = 0;
    void       touch() { turn.write(turn.read() + 1); }
};

/// Handles jobs, and fails when it is told to.
struct child_actor {
    using protocol = troupe::protocol<void(job)>;
    history&     told;
    counted_copy kept;
    plain<int>   alive{1};
    child_actor(history& h, counted_copy const& copy) : told(h), kept(copy) {
        told.touch();
        RL_ASSERT(told.built == told.destroyed);
        if (++told.built > 1) static_cast<void>(told.said.read());
    }
    ~child_actor() {
        told.touch();
        alive.write(0);
        ++told.destroyed;
    }
    void on(job j, troupe::context<child_actor>& self) {
        told.touch();
        RL_ASSERT(alive.read() == 1);
        ++told.handled;
        if (!j.fails) return;
        told.why.write(++told.failures);
        self.fail("it was told to");
    }
};

/// What the parent knows of its children.
struct children_of {
    cell*    at[2] = {};
    history* of = nullptr;
    int      asked = 0;  // for a verdict
};

/// The parent of two children. `Rules::says` is what it says.
template <class Rules>
struct parent_actor {
    using protocol = troupe::protocol<void(look)>;
    static constexpr auto supervision = Rules::strategy;
    history&              told;
    children_of&          below;
    parent_actor(history& h, children_of& b) : told(h), below(b) {
        told.touch();
        ++told.built;
    }
    ~parent_actor() {
        told.touch();
        ++told.destroyed;
    }
    void on(look l, troupe::context<parent_actor>& self) {
        told.touch();
        if (l.fails) self.fail("it was told to");
    }
    verdict on_failure(troupe::failure const& f) {
        told.touch();
        ++below.asked;
        history& child = below.of[ref_access::cell_of(f.who()) == below.at[1]];
        RL_ASSERT(child.why.read() > 0);
        child.said.write(below.asked);
        return Rules::says;
    }
};

/// Above it.
template <class Rules>
struct top_actor {
    using protocol = troupe::protocol<>;
    static constexpr auto supervision = troupe::one_for_one{};
    verdict               on_failure(troupe::failure const&) { return Rules::above; }
};

struct alone {
    static constexpr auto strategy = troupe::one_for_one{};
    static constexpr auto says = verdict::restart;
};
struct goes_on : alone {
    static constexpr auto says = verdict::resume;
};
struct gives_up : alone {
    static constexpr auto says = verdict::escalate;
};
struct parent_goes_on : alone {
    static constexpr auto above = verdict::resume;
};
struct parent_restarts : alone {
    static constexpr auto above = verdict::restart;
};
struct once {
    static constexpr auto strategy = troupe::one_for_one{.max_restarts = 1};
    static constexpr auto says = verdict::restart;
};
struct drops {
    static constexpr auto strategy = troupe::one_for_one{.mailbox = troupe::mail::drop};
    static constexpr auto says = verdict::restart;
};
struct later {
    static constexpr auto strategy =
        troupe::one_for_one{.backoff = {.first = troupe::duration{1'000}}};
    static constexpr auto says = verdict::restart;
};
struct all {
    static constexpr auto strategy = troupe::one_for_all{};
    static constexpr auto says = verdict::restart;
};
struct all_later {
    static constexpr auto strategy =
        troupe::one_for_all{.backoff = {.first = troupe::duration{1'000}}};
    static constexpr auto says = verdict::restart;
};

template <class Rules>
concept has_a_top = requires { Rules::above; };

/// Each thread does one thing and runs whom it has made ready; or, with workers, they run all.
template <unsigned Workers, class Rules, does... What>
struct family_of_two
    : rl::test_suite<family_of_two<Workers, Rules, What...>, Workers + sizeof...(What)> {
    static constexpr unsigned threads = sizeof...(What);
    static constexpr does     what[] = {What...};
    static constexpr bool     has(does d) { return ((What == d) || ...); }
    using system_type = small_system<Workers == 0 ? threads : Workers>;
    using mailbox = troupe::unbounded_mailbox;

    std::optional<system_type> system;
    cell*                      top = nullptr;
    cell*                      parent = nullptr;
    cell*                      children[2] = {};
    std::uint64_t              numbers[3] = {};  // of the children and the parent
    history                    of[3];            // the same
    children_of                below;
    int                        copies = 0;

    void before() {
        system.emplace(1'000);
        system->on_the_spot = Workers == 0;
        system->end_of_work = threads;
        if constexpr (has_a_top<Rules>) {
            top = &system->template spawn<top_actor<Rules>, mailbox>();
            parent = &spawn<parent_actor<Rules>>(*top, 2, std::ref(below));
        } else {
            parent = &system->template spawn<parent_actor<Rules>, mailbox>(of[2], below);
            numbers[2] = parent->incarnation.load(memory_order_relaxed);
            top = parent;
        }
        below.of = of;
        for (int i = 0; i < 2; ++i) {
            below.at[i] = children[i] = &spawn<child_actor>(*parent, i, counted_copy{copies});
        }
    }
    template <class Actor, class Argument>
    cell& spawn(cell& above, int index, Argument const& argument) {
        birth const made = spawn_child<Actor, resolved_policies<Actor, mailbox>, true>(
            &bring_to_life, *system, &above, std::ref(of[index]), argument);
        RL_ASSERT(made.born != nullptr);
        numbers[index] = made.incarnation;
        return *made.born;
    }
    template <class Message>
    void send(worker* w, cell& to, std::uint64_t number, Message const& message) {
        node* const n = build<Message>(*system, w, to, number, message);
        system->count_sent(w);
        cell_ops const& ops = *to.ops.load(memory_order_relaxed);
        static_cast<void>(w != nullptr ? ops.send(to, *n, *w)
                                       : ops.submit(to, *n, nullptr, send_mode::hold));
    }
    void act(worker* w, does d) {
        switch (d) {
            case does::fails_first: return send(w, *children[0], numbers[0], job{true});
            case does::fails_second: return send(w, *children[1], numbers[1], job{true});
            case does::fails_parent: return send(w, *parent, numbers[2], look{true});
            case does::works_first: return send(w, *children[0], numbers[0], job{false});
            case does::looks: return send(w, *parent, numbers[2], look{false});
            case does::stops_first: return system->request_stop(w, *children[0], numbers[0]);
            case does::stops_second: return system->request_stop(w, *children[1], numbers[1]);
            case does::stops_parent: return system->request_stop(w, *parent, numbers[2]);
            case does::clock: return pass(w != nullptr ? *w : system->of(0));
        }
    }
    void pass(worker& w) {
        system->time = system->time + std::chrono::seconds{1};
        system->run_due_timers(w);
    }
    void thread(unsigned index) {
        if constexpr (Workers == 0) {
            act(&system->of(index), what[index]);
            system->turns(index);
        } else if (index < Workers) {
            system->work(index);
        } else {
            act(nullptr, what[index - Workers]);
            system->thread_ended();
        }
    }

    void after() {
        for (int i = 0; i < 3 && Rules::strategy.backoff.first.count() != 0; ++i) {
            pass(system->of(0));
            system->finish_turns();
        }
        look_around();
        system->request_stop(&system->of(0), *top, top->incarnation.load(memory_order_relaxed));
        system->finish_turns();
        RL_ASSERT(system->ended == 1);
        for (history& h : of) RL_ASSERT(h.built == h.destroyed);
        RL_ASSERT(copies == 0);
        troupe::accounting const books = system->books();
        RL_ASSERT(books.balanced());
        RL_ASSERT(books.queued == 0);
        RL_ASSERT(books.timers == 0);
        RL_ASSERT(books.blocks == 0);
        system.reset();
    }

    static bool lives(cell& c, std::uint64_t number) {
        return c.incarnation.load(memory_order_relaxed) == number;
    }
    static constexpr bool groups =
        std::is_same_v<std::remove_cvref_t<decltype(Rules::strategy)>, troupe::one_for_all>;
    static constexpr bool stopped =
        has(does::stops_parent) || has(does::stops_first) || has(does::stops_second);
    static constexpr bool ends[] = {has(does::stops_first), has(does::stops_second)};

    /// Where everybody stands when nobody does anything any more.
    void look_around() {
        int const failures = of[0].failures + of[1].failures;
        // Who fails while his group goes down anyway is not asked about; nor when his parent ends.
        int const  least = groups ? failures != 0 : failures;
        bool const whole = lives(*parent, numbers[2]) && of[2].built == 1;
        RL_ASSERT(below.asked <= failures);
        RL_ASSERT(stopped || !whole || below.asked >= least);
        if (top != parent) rests(*top);
        if (!lives(*parent, numbers[2])) {
            RL_ASSERT(has(does::stops_parent) || Rules::says == verdict::escalate ||
                      failures > static_cast<int>(Rules::strategy.max_restarts));
        } else {
            RL_ASSERT(!has(does::stops_parent));
            rests(*parent);
            if (whole) {
                for (unsigned i = 0; i < 2; ++i) look_at(i, failures);
            }
        }
    }
    void look_at(unsigned i, int failures) {
        RL_ASSERT(lives(*children[i], numbers[i]) != ends[i]);
        if (ends[i]) return;
        rests(*children[i]);
        RL_ASSERT(of[i].built == of[i].destroyed + 1);
        if (stopped) return;
        if (Rules::says == verdict::resume) RL_ASSERT(of[i].built == 1);
        else if (groups) RL_ASSERT((of[i].built > 1) == (failures > 0));
        else RL_ASSERT(of[i].built == 1 + of[i].failures);
    }
    /// It runs, has nothing to do, and whoever comes finds it so.
    static void rests(cell& c) {
        std::uint64_t const state = c.control.load(memory_order_relaxed);
        RL_ASSERT(control::phase_of(state) == phase::running);
        RL_ASSERT((state & (control::transient | control::parked)) == 0);
        RL_ASSERT(c.box.word.load(memory_order_relaxed) == (inbox_word::open | inbox_word::idle));
        if (seat* const s = seat_of(c)) {
            RL_ASSERT(s->told.load(memory_order_relaxed) == 0);
            RL_ASSERT(s->ordered.load(memory_order_relaxed) == order::none);
        }
        if (family* const f = family_of(c)) {
            RL_ASSERT(f->doing == family::stage::idle);
            RL_ASSERT(f->reports.load(memory_order_relaxed) == nullptr);
        }
    }
};

/// Every order of steps, with at most one preemption, or two in a soak run.
template <class Rules, does... What>
void each(char const* name) {
    unsigned const most = sizeof...(What) == 2 ? 1 : 0;
    orders<family_of_two<0, Rules, What...>>(name, deep() ? most + 1 : most);
}
/// Two workers, and the threads outside of them.
template <class Rules, does... What>
void some(char const* name) {
    random<family_of_two<2, Rules, What...>>(name, 5'000);
}

}  // namespace

int main() {
    using enum does;
    each<alone, fails_first, works_first>("restart: a message");
    each<alone, fails_first, stops_first>("restart: a stop");
    each<alone, fails_first, stops_parent>("restart: the parent ends");
    each<alone, fails_first, fails_second>("restart: two at once");
    each<alone, fails_first, fails_first>("restart: twice");
    each<alone, fails_first, looks>("restart: a parent at work");
    each<alone, fails_first, works_first, stops_first>("restart: a message, a stop");
    each<alone, fails_first, works_first, stops_parent>("restart: a message, its parent ends");
    each<alone, fails_first, stops_first, stops_parent>("restart: both end");
    each<goes_on, fails_first, works_first>("resume: a message");
    each<goes_on, fails_first, stops_first>("resume: a stop");
    each<once, fails_first, fails_first>("budget: twice");
    each<gives_up, fails_first, fails_second>("escalate: two at once");
    each<gives_up, fails_first, stops_parent>("escalate: the parent ends");
    each<drops, fails_first, works_first>("drop: a message");
    each<later, fails_first, clock>("delay: it is over");
    each<later, fails_first, clock, stops_first>("delay: it is over, and a stop");
    each<later, fails_first, clock, stops_parent>("delay: it is over, the parent ends");
    each<parent_goes_on, fails_first, fails_parent>("both fail: the parent goes on");
    each<parent_restarts, fails_first, fails_parent>("both fail: the parent restarts");
    each<parent_restarts, fails_parent, stops_first>("the parent restarts: a stop below");
    each<all, fails_first, fails_second>("group: two at once");
    each<all, fails_first, stops_first>("group: a stop");
    each<all, fails_first, stops_second>("group: a stop of the other");
    each<all, fails_first, stops_parent>("group: the parent ends");
    each<all_later, fails_first, fails_second>("group with a delay: two at once");
    each<all_later, fails_first, clock, stops_second>("group with a delay: it is over");

    some<alone, fails_first, works_first, stops_first>("restart: a message, a stop");
    some<alone, fails_first, fails_second, stops_parent>("restart: two, the parent ends");
    some<goes_on, fails_first, works_first, stops_first>("resume: a message, a stop");
    some<later, fails_first, clock, stops_first>("delay: it is over, and a stop");
    some<parent_goes_on, fails_first, fails_second, fails_parent>("both fail: the parent goes on");
    some<parent_restarts, fails_first, fails_parent, stops_second>("both fail: it restarts");
    some<all, fails_first, fails_second, stops_first>("group: two at once, and a stop");
    some<all, fails_first, fails_second, stops_parent>("group: two at once, the parent ends");
    some<all_later, fails_first, clock, fails_second>("group with a delay: two at once");
}
