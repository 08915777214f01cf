// SPDX-License-Identifier: BSL-1.0
#pragma once

// Who lives in a system and what each is at, for a thread that makes a report while the actors run.
// It touches nothing of an actor that runs: cells are read between two equal looks at their
// incarnation, workers say what they have in hand (worker.hpp), names are copied under their lock.
// Only of an actor that is parked more is read: nobody runs it, so its run right is taken for that
// moment. More: docs/design/0008-supervision.md
//
//     lookout    how long each worker has had the same in hand, from looks that are repeated
//     census     one list of the living, and the texts that are made of it
//
// Texts come from the heap, like everything that is for people.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "troupe/actor/fiber.hpp"
#include "troupe/actor/make_failure.hpp"
#include "troupe/actor/names.hpp"
#include "troupe/actor/termination.hpp"
#include "troupe/base/growing_list.hpp"
#include "troupe/config/exceptions.hpp"
#include "troupe/os/monotonic_clock.hpp"
#include "troupe/system/report.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// What a worker had in hand when it was looked at.
struct sighting {
    cell*               acting = nullptr;
    std::uint64_t       incarnation = 0;
    char const*         name = nullptr;    // of what runs, if it is no handler
    cell*               lowest = nullptr;  // see errand
    std::uint64_t       lowest_incarnation = 0;
    char const*         name_of_lowest = nullptr;
    unsigned            nested = 0;
    message_info const* message = nullptr;
    std::uint64_t       handled = 0;
    unsigned            nth = 0;
    std::uint64_t       changes = 0;
    time_point          since{};  // real time; the look that saw this first

    /// Nothing was begun between the two.
    bool is_same(sighting const& other) const noexcept {
        return acting == other.acting && incarnation == other.incarnation &&
               handled == other.handled && nth == other.nth && changes == other.changes;
    }
};

/// Looks at all workers again and again. One thread.
class lookout {
public:
    /// Begins with a look. Without memory it sees nobody.
    lookout(core& of, duration deadline) noexcept;
    ~lookout() { delete[] seen_; }
    lookout(lookout const&) = delete;
    lookout& operator=(lookout const&) = delete;

    void look() noexcept;
    void look_if_due() noexcept {
        if (until_next().count() == 0) look();
    }
    duration until_next() const noexcept { return left_until(next_); }
    /// When the last look was: nothing is known of what came since.
    time_point looked_at() const noexcept { return looked_at_; }

    /// What was seen of an actor at the last look; null: no worker had it in hand.
    sighting const* of(std::uint64_t incarnation) const noexcept;
    /// When an actor is in nobody's hands: whether that is certain.
    bool certain() const noexcept { return certain_; }

private:
    static bool read(worker const& w, sighting& s) noexcept;
    static bool read_once(worker const& w, sighting& s) noexcept;

    core&          core_;
    duration const interval_;
    time_point     looked_at_{};
    time_point     next_{};
    unsigned       count_ = 0;
    sighting*      seen_ = nullptr;
    bool           certain_ = true;
};

TROUPE_COLD inline lookout::lookout(core& of, duration deadline) noexcept
    : core_(of),
      interval_(deadline / 16 > std::chrono::milliseconds{1} ? deadline / 16
                                                             : std::chrono::milliseconds{1}) {
    for (worker* w = of.workers_; w != nullptr; w = w->next) ++count_;
    seen_ = new (std::nothrow) sighting[count_];
    look();
}

TROUPE_COLD inline void lookout::look() noexcept {
    looked_at_ = real_time();
    next_ = looked_at_ + interval_;
    certain_ = seen_ != nullptr;
    if (seen_ == nullptr) return;
    sighting* before = seen_;
    for (worker* w = core_.workers_; w != nullptr; w = w->next, ++before) {
        sighting   now;
        bool const whole = read(*w, now);
        if (!whole) now = sighting{};  // it is busy: nothing takes it long
        now.since = now.is_same(*before) ? before->since : looked_at_;
        *before = now;
        certain_ = certain_ && whole && now.nested < 2;
    }
}

TROUPE_COLD inline bool lookout::read(worker const& w, sighting& s) noexcept {
    for (int i = 0; i < 100; ++i) {
        if (read_once(w, s)) return true;
    }
    return false;
}

/// False: something was begun meanwhile.
TROUPE_COLD inline bool lookout::read_once(worker const& w, sighting& s) noexcept {
    // All of these acquire, in this order: what is seen later is at least as new.
    s.changes = w.runs.changes.seen();
    s.handled = w.counters.handled.seen();
    s.acting = w.now.acting.seen();
    s.message = w.handles.seen();
    s.nth = w.nth.seen();
    s.name = w.runs.name.seen();
    s.nested = w.runs.nested.seen();
    s.lowest = s.nested == 0 ? nullptr : w.runs.lowest.seen();
    s.name_of_lowest = w.runs.name_of_lowest.seen();
    // acquire: as above; who is in hand lives
    if (s.acting != nullptr) s.incarnation = s.acting->incarnation.load(memory_order_acquire);
    if (s.lowest != nullptr)
        s.lowest_incarnation = s.lowest->incarnation.load(memory_order_acquire);
    return (s.changes & 1) == 0 && s.acting == w.now.acting.seen() &&
           s.message == w.handles.seen() && s.handled == w.counters.handled.seen() &&
           s.changes == w.runs.changes.seen();
}

TROUPE_COLD inline sighting const* lookout::of(std::uint64_t incarnation) const noexcept {
    for (unsigned i = 0; seen_ != nullptr && i < count_; ++i) {
        sighting const& s = seen_[i];
        if (s.acting != nullptr && s.incarnation == incarnation) return &s;
        if (s.lowest != nullptr && s.lowest_incarnation == incarnation) return &s;
    }
    return nullptr;
}

/// All who live in a system, in the order of their creation; the root does not count. Any thread,
/// with no lock held, while the system stands; throws std::bad_alloc.
class census {
public:
    explicit census(core& of);

    std::vector<straggler> stragglers(lookout const& seen);
    /// Logs the same. Never throws.
    static void tell_stragglers(core& of, lookout const& seen) noexcept;
    /// A line per actor, below its parent's and further in.
    std::string tree() const;

private:
    struct member {
        cell*           at = nullptr;
        std::uint64_t   incarnation = 0;
        cell*           above = nullptr;  // null: it is in its constructor
        std::uint64_t   above_incarnation = 0;
        std::uint64_t   state = 0;  // control word
        cell_ops const* ops = nullptr;
        std::size_t     name_at = 0;  // in names_
        std::size_t     name_length = 0;
    };
    struct name_tag {
        std::uint64_t incarnation;
        std::size_t   at;
        std::size_t   length;
    };
    /// Why an actor that is parked does not go on.
    struct hindrance {
        enum class kind : std::uint8_t { none, reply, end, room, child, verdict, restart, worker };
        kind                what = kind::none;
        cell*               who = nullptr;
        std::uint64_t       incarnation = 0;    // of that
        message_info const* message = nullptr;  // in its suspended handler
        bool                hook = false;       // `stopping` is suspended
    };
    static constexpr std::size_t levels_shown = 32;  // further in the line says how far
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    void        list_living();
    void        list_names();
    bool        copy_names(growing_list<name_tag>& tags, std::size_t& rows, std::size_t& bytes);
    static bool read(cell& c, member& m) noexcept;
    std::size_t find(std::uint64_t incarnation) const noexcept;

    std::string_view name_of(member const& m) const noexcept {
        return {names_.begin() + m.name_at, m.name_length};
    }
    static std::string_view state_of(member const& m) noexcept;
    path_text               path_of(member const& m) const noexcept;
    bool                    describe(member m, lookout const& seen, sketch& s) noexcept;
    hindrance               look_at(member& m, lookout const& seen) noexcept;
    hindrance               turn_of(member const& m) const noexcept;
    bool                    look_at_parked(member& m, hindrance& found) noexcept;
    static hindrance        read_parked(cell& c) noexcept;
    static void             read_wait(cell& c, hindrance& found) noexcept;
    void                    tell(hindrance const& why, line_text& text) noexcept;
    path_text               path_of(cell* who, std::uint64_t incarnation) noexcept;
    void                    add_line(std::string& text, member const& m, std::size_t level) const;

    core&                core_;
    growing_list<member> members_;
    growing_bytes        names_;
};

TROUPE_COLD inline census::census(core& of) : core_(of) {
    list_living();
    list_names();
}

TROUPE_COLD inline void census::list_living() {
    for (page* p = core_.first_page(root_token{}); p != nullptr; p = p->next) {
        auto* const cells = reinterpret_cast<cell*>(p->memory);
        for (std::size_t i = 0; i < core::cells_per_page; ++i) {
            member m;
            if (cells + i == core_.root_ || !read(cells[i], m)) continue;
            members_.push_back(m);
        }
    }
    // A function, and no template of the standard library, which costs each program more to
    // compile.
    if (members_.size() == 0) return;
    std::qsort(members_.begin(), members_.size(), sizeof(member), [](void const* a, void const* b) {
        std::uint64_t const left = static_cast<member const*>(a)->incarnation;
        std::uint64_t const right = static_cast<member const*>(b)->incarnation;
        return left < right ? -1 : left > right ? 1 : 0;
    });
}

/// False: nobody lives there, or somebody else does meanwhile.
TROUPE_COLD inline bool census::read(cell& c, member& m) noexcept {
    m.at = &c;
    // acquire, all of them: they pair with the releases in core::begin() and adopt(). What belongs
    // to the next actor is written after the last one's incarnation was taken away.
    m.incarnation = c.incarnation.load(memory_order_acquire);
    if (m.incarnation == 0) return false;
    m.ops = c.ops.load(memory_order_acquire);
    m.state = c.control.load(memory_order_acquire);
    m.above = c.parent.load(memory_order_acquire);
    // A parent ends after its children.
    if (m.above != nullptr) m.above_incarnation = m.above->incarnation.load(memory_order_acquire);
    // relaxed: after those
    return c.incarnation.load(memory_order_relaxed) == m.incarnation;
}

/// Copies all names under their lock. False: they need more room than was given.
TROUPE_COLD inline bool census::copy_names(growing_list<name_tag>& tags, std::size_t& rows,
                                           std::size_t& bytes) {
    lock_guard const held{core_.names_mutex_, root_token{}};
    rows = bytes = 0;
    for (name_row* chain : core_.names_) {
        for (name_row* r = chain; r != nullptr; r = r->next) {
            ++rows;
            bytes += r->length;
            // Nothing is allocated under the lock.
            if (rows > tags.capacity() || bytes > names_.capacity()) continue;
            // acquire: as in read(). Who is listed lives, or was never born, and then has none.
            tags.push_back(
                {r->named->incarnation.load(memory_order_acquire), names_.size(), r->length});
            names_.append(r->text().data(), r->length);
        }
    }
    return rows <= tags.capacity() && bytes <= names_.capacity();
}

TROUPE_COLD inline void census::list_names() {
    growing_list<name_tag> tags;
    std::size_t            rows = 0;
    std::size_t            bytes = 0;
    while (!copy_names(tags, rows, bytes)) {
        tags.clear();
        names_.clear();
        tags.reserve(rows + rows / 8);
        names_.reserve(bytes + bytes / 8);
    }
    for (name_tag const& t : tags) {
        std::size_t const i = find(t.incarnation);
        if (i == none) continue;
        members_[i].name_at = t.at;
        members_[i].name_length = t.length;
    }
}

TROUPE_COLD inline std::size_t census::find(std::uint64_t incarnation) const noexcept {
    std::size_t first = 0;
    std::size_t last = members_.size();
    while (first != last) {
        std::size_t const middle = first + (last - first) / 2;
        if (members_[middle].incarnation < incarnation) first = middle + 1;
        else last = middle;
    }
    return first != members_.size() && members_[first].incarnation == incarnation ? first : none;
}

TROUPE_COLD inline std::string_view census::state_of(member const& m) noexcept {
    if (m.above == nullptr || (m.state & control::starting) != 0) return "starting";
    return to_string(control::phase_of(m.state));
}

TROUPE_COLD inline path_text census::path_of(member const& m) const noexcept {
    path_text text;
    for (member const* at = &m; !text.full();) {
        text.put_in_front(name_of(*at), at->ops->actor_name, at->state >> control::generation_at);
        if (at->above == nullptr || at->above == core_.root_) break;
        text.put_in_front("/");
        std::size_t const i = find(at->above_incarnation);
        if (i == none) {
            text.put_in_front("...");  // born since the list was made
            break;
        }
        at = &members_[i];
    }
    return text;
}

TROUPE_COLD inline std::vector<straggler> census::stragglers(lookout const& seen) {
    std::vector<straggler> all;
    all.reserve(members_.size());
    for (member const& m : members_) {
        sketch s;
        if (!describe(m, seen, s)) continue;
        all.push_back({std::string{s.path.view()}, s.actor, s.state, s.message, s.running,
                       std::string{s.waits_for.view()}});
    }
    return all;
}

TROUPE_COLD inline void census::tell_stragglers(core& of, lookout const& seen) noexcept {
    TROUPE_TRY {
        census living{of};
        for (member const& m : living.members_) {
            sketch s;
            if (!living.describe(m, seen, s)) continue;
            line_text const line =
                line_of(s.path.view(), s.actor, s.state, s.message, s.running, s.waits_for.view());
            of.tell(log_event::straggler, {.actor = s.actor,
                                           .path = s.path.view(),
                                           .message = s.message,
                                           .detail = line.view()});
        }
    }
    TROUPE_CATCH_ALL {
        of.tell(log_event::straggler, {.detail = "no memory to say who did not end"});
    }
}

/// False: it has ended meanwhile.
TROUPE_COLD inline bool census::describe(member m, lookout const& seen, sketch& s) noexcept {
    std::uint64_t const incarnation = m.incarnation;
    if (!read(*m.at, m) || m.incarnation != incarnation) return false;
    s.path.add(path_of(m).view());
    s.actor = m.ops->actor_name;
    s.state = state_of(m);
    if (sighting const* const in_hand = seen.of(m.incarnation)) {
        bool const        acts = in_hand->incarnation == m.incarnation;
        char const* const name = acts ? in_hand->name : in_hand->name_of_lowest;
        if (name != nullptr) s.message = name;
        else if (in_hand->message != nullptr) s.message = in_hand->message->name;
        s.running = seen.looked_at() - in_hand->since;
        return true;
    }
    if ((m.state & control::starting) != 0) {
        s.message = m.above == nullptr ? "constructor" : "started";
        return true;
    }
    hindrance why = look_at(m, seen);
    if (why.what == hindrance::kind::none && !why.hook) why = turn_of(m);
    if (why.hook) s.message = to_string(failed_in::stopping);
    else if (why.message != nullptr) s.message = why.message->name;
    s.state = state_of(m);
    tell(why, s.waits_for);
    return true;
}

TROUPE_COLD inline census::hindrance census::look_at(member& m, lookout const& seen) noexcept {
    hindrance found;
    if (look_at_parked(m, found)) return found;
    // relaxed: hints
    std::uint64_t const state = m.at->control.load(memory_order_relaxed);
    bool const          lives = ((state ^ m.state) >> control::generation_at) == 0;
    if (lives && seen.certain() && m.above != nullptr && !seems_idle(m.at->box)) {
        found.what = hindrance::kind::worker;
    }
    return found;
}

/// Siblings end one after the other. Of an actor that was not told to stop yet, or whose parent was
/// not: the sibling that has to end before.
TROUPE_COLD inline census::hindrance census::turn_of(member const& m) const noexcept {
    member const* untold = nullptr;  // the topmost
    for (member const* at = &m;;) {
        if ((at->state & (control::stop | control::stopping)) == 0) untold = at;
        if (at->above == nullptr || at->above == core_.root_) break;
        std::size_t const i = find(at->above_incarnation);
        if (i == none) return {};
        at = &members_[i];
    }
    if (untold == nullptr) return {};
    for (std::size_t i = members_.size(); i-- != 0;) {
        member const& youngest = members_[i];
        if (youngest.above != untold->above) continue;
        if (youngest.incarnation == untold->incarnation) return {};
        hindrance found;
        found.what = hindrance::kind::end;
        found.who = youngest.at;
        found.incarnation = youngest.incarnation;
        return found;
    }
    return {};
}

/// An actor that is parked is nobody's: who takes the mark off may read it as its owner would. What
/// comes meanwhile finds no mark, leaves its bit and goes, as when the actor runs. Nothing is
/// called and nobody waits in between, so the order of run rights (sync/tree_order.hpp) is not
/// touched.
TROUPE_COLD inline bool census::look_at_parked(member& m, hindrance& found) noexcept {
    cell&         c = *m.at;
    std::uint64_t state = c.control.load(memory_order_relaxed);  // relaxed: the exchange checks it
    do {
        if (((state ^ m.state) >> control::generation_at) != 0 || (state & control::parked) == 0) {
            return false;
        }
        // acquire: takes over what the owner wrote before it parked
    } while (!c.control.compare_exchange_weak(state, state & ~control::parked, memory_order_seq_cst,
                                              memory_order_relaxed));
    m.state = state;
    found = read_parked(c);
    if (!core_.park(c)) core_.make_ready(core_.worker_here(), c, root_token{});
    return true;
}

TROUPE_COLD inline census::hindrance census::read_parked(cell& c) noexcept {
    using kind = hindrance::kind;
    hindrance found;
    switch (c.stands()) {
        case phase::running: read_wait(c, found); break;
        case phase::stopping:
            read_wait(c, found);
            found.hook = true;
            break;
        case phase::failed:
            found.what = kind::verdict;
            found.who = c.above();
            break;
        case phase::down: found.what = kind::restart; break;
        case phase::replacing:
        case phase::ending:
            found.what = c.last_child == nullptr ? kind::none : kind::child;
            found.who = c.last_child;
            break;
    }
    // acquire: pairs with the release at birth
    if (found.who != nullptr && found.incarnation == 0) {
        found.incarnation = found.who->incarnation.load(memory_order_acquire);
    }
    return found;
}

/// Its handler is suspended, or it is muted.
TROUPE_COLD inline void census::read_wait(cell& c, hindrance& found) noexcept {
    using kind = hindrance::kind;
    wait_record const* room = nullptr;
    if (fiber const* const f = c.awaiting) {
        if (c.stands() == phase::running) found.message = c.head->info;
        if (!f->ready()) {
            room = f->room;
            found.what = f->reply == nullptr                              ? kind::none
                         : f->reply->request->id == type_hash<terminated> ? kind::end
                                                                          : kind::reply;
            found.who = f->reply == nullptr ? nullptr : f->asked;
        } else {
            found.what = kind::worker;
        }
    }
    // acquire: pairs with the release in core::let_go()
    if (c.muted != nullptr &&
        c.muted->state.load(memory_order_acquire) == wait_record::phase::enlisted) {
        room = c.muted;
    }
    if (room == nullptr) return;
    found.what = kind::room;
    found.who = room->target;
    found.incarnation = room->incarnation;
}

TROUPE_COLD inline void census::tell(hindrance const& why, line_text& text) noexcept {
    using kind = hindrance::kind;
    path_text const        path = path_of(why.who, why.incarnation);
    std::string_view const who = path.view();
    std::string_view       what;
    std::string_view       of = " of ";
    switch (why.what) {
        case kind::none: return;
        case kind::reply: what = "a reply"; break;
        case kind::end: what = who.empty() ? "an end" : "the end"; break;
        case kind::room:
            what = "room";
            of = " in ";
            break;
        case kind::child:
            what = "its child";
            of = " ";
            break;
        case kind::verdict: what = "a verdict"; break;
        case kind::restart: what = "its restart"; break;
        case kind::worker: what = "a worker"; break;
    }
    text.add(what);
    if (who.empty()) return;
    text.add(of);
    text.add(who);
}

/// Of somebody who may be of another system, or gone: then it is empty.
TROUPE_COLD inline path_text census::path_of(cell* who, std::uint64_t incarnation) noexcept {
    path_text text;
    if (incarnation == 0 || who == core_.root_) return text;
    if (std::size_t const i = find(incarnation); i != none) return path_of(members_[i]);
    char        name[256];
    std::size_t length = 0;
    // acquire: pairs with the release in add_cell_page(), and at birth
    gate* const           door = who->door.load(memory_order_acquire);
    cell_ops const* const ops = who->ops.load(memory_order_acquire);
    if (door != nullptr && door->enter(incarnation >> serial_shift)) {
        length = door->inside()->copy_name(*who, name);
        door->leave();
    }
    if (who->incarnation.load(memory_order_acquire) == incarnation) {
        text.put_in_front({name, length}, ops->actor_name, static_cast<std::uint32_t>(incarnation));
    }
    return text;
}

TROUPE_COLD inline std::string census::tree() const {
    std::string       text;
    std::size_t const n = members_.size();
    // Parents stand before their children, siblings in order: a list of children for each, and one
    // at `n` for those at the top.
    std::vector<std::size_t> next(n + 1, none);
    std::vector<std::size_t> first(n + 1, none);
    std::vector<std::size_t> last(n + 1, none);
    std::vector<std::size_t> above(n + 1, n);
    for (std::size_t i = 0; i < n; ++i) {
        std::size_t const found = find(members_[i].above_incarnation);
        std::size_t const parent = found == none ? n : found;
        above[i] = parent;
        (first[parent] == none ? first[parent] : next[last[parent]]) = i;
        last[parent] = i;
    }
    std::size_t level = 0;
    for (std::size_t i = first[n]; i != none;) {
        add_line(text, members_[i], level);
        if (first[i] != none) {
            i = first[i];
            ++level;
            continue;
        }
        while (i != n && next[i] == none) {
            i = above[i];
            if (i != n) --level;
        }
        i = i == n ? none : next[i];
    }
    return text;
}

TROUPE_COLD inline void census::add_line(std::string& text, member const& m,
                                         std::size_t level) const {
    text.append(2 * (level < levels_shown ? level : levels_shown), ' ');
    if (level > levels_shown) text.append("(level ").append(std::to_string(level)).append(") ");
    path_text own;
    own.put_in_front(name_of(m), m.ops->actor_name, m.state >> control::generation_at);
    text.append(own.view()).append(": ").append(m.ops->actor_name);
    text.append(", ").append(state_of(m));
    if (std::uint64_t const restarts = control::restarts_of(m.state)) {
        text.append(", ").append(std::to_string(restarts));
        text.append(restarts == 1 ? " restart" : " restarts");
        if (restarts == control::restarts_max) text.append(" or more");
    }
    text.push_back('\n');
}

}  // namespace troupe::inline TROUPE_ABI::detail
