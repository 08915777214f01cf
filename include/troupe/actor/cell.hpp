// SPDX-License-Identifier: BSL-1.0
#pragma once

// What the library keeps of one actor: three cache lines in memory that stays readable for ever.
// The first belongs to those who send, the second to the one that runs the actor, the third to its
// place in the tree. The actor object itself lies in a pool block of its own.
//
//     ref { cell*, incarnation }  -->  line 0  mailbox word, incarnation, operations, door
//                                      line 1  head of the queue, body, control, what it waits for
//                                      line 2  parent, children, siblings, waiters, annex, timers
//
// More: docs/design/0001-cells-and-references.md

#include <cstdint>
#include <string_view>

#include "troupe/actor/fwd.hpp"
#include "troupe/actor/phase.hpp"
#include "troupe/base/errors.hpp"
#include "troupe/mailbox/inbox.hpp"
#include "troupe/memory/gate.hpp"
#include "troupe/port/log_event.hpp"
#include "troupe/schedule/runnable.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// How a send behaves at a full mailbox.
enum class send_mode : std::uint8_t {
    normal,    // by the policy of the mailbox
    attempt,   // never waits, never mutes
    hold,      // refuse, and leave the message with the caller: it will wait for room
    next,      // as hold, for the first of those that wait: the owner lets it in
    internal,  // from a timer: by the policy, but nobody is muted
};

/// What became of a message. One word: as a struct of three bytes it is put together in memory, and
/// reading it at once as a whole stalls the processor.
class submitted {
public:
    submitted(send_status status, bool over = false, bool kept = false) noexcept
        : bits_(static_cast<std::uint32_t>(status) | (over ? over_bit : 0) |
                (kept ? kept_bit : 0)) {}
    send_status status() const noexcept { return static_cast<send_status>(bits_ & 0xff); }
    /// Taken by a full mailbox.
    bool over() const noexcept { return (bits_ & over_bit) != 0; }
    /// Still the caller's (send_mode::hold).
    bool kept() const noexcept { return (bits_ & kept_bit) != 0; }

private:
    static constexpr std::uint32_t over_bit = 1u << 8;
    static constexpr std::uint32_t kept_bit = 1u << 9;
    std::uint32_t                  bits_;
};

/// Tells types apart at run time, without RTTI: the address of something that is one per type. In a
/// module of the program that was linked by itself a type may have another one.
using type_id = void const*;
template <class Type>
inline constinit char type_mark{};  // not constant: linkers may merge those
template <class Type>
inline constexpr type_id id_of = &type_mark<Type>;

/// Everything that depends on the type of an actor and its mailbox; one constant per pair. The
/// system's own policies act through the core.
struct cell_ops {
    submitted (*send)(cell&, node&, worker&) noexcept = nullptr;
    submitted (*submit)(cell&, node&, worker*, send_mode) noexcept = nullptr;
    bool (*run)(cell&, worker&, unsigned messages) noexcept = nullptr;  // true: again
    bool (*claim)(inbox&) noexcept = nullptr;
    void (*open)(inbox&, bool idle) noexcept = nullptr;
    node* (*close)(inbox&, node*& head) noexcept = nullptr;
    std::uint32_t (*depth)(inbox&) noexcept = nullptr;
    bool (*try_idle)(inbox&) noexcept = nullptr;
    void (*destroy)(void* body) noexcept = nullptr;  // null: nothing to do
    std::uint8_t     body_class = 0;
    std::uint32_t    capacity = 0;
    std::uint32_t    low_water = 0;
    bool             refuses = false;  // a send may be refused, and its sender is told
    bool             sender = false;   // messages carry who sent them
    life_ops const*  life = nullptr;   // hooks and strategy; null: it has none
    type_id          actor = nullptr;
    type_id const*   accepts = nullptr;  // its signatures
    std::uint32_t    signatures = 0;
    std::string_view actor_name{};
    bool             keeps_its_state = false;       // when it fails: its state was put back
    log_level        log_floor = log_level::debug;  // below it nothing of its life is told
};

/// The bits of `cell::control`; the upper half of the word is the generation, so that a request for
/// an actor that is gone cannot reach the next one in the same cell.
namespace control {
inline constexpr std::uint64_t stop = 1;      // end the actor
inline constexpr std::uint64_t notice = 2;    // a child has ended, was adopted, or reports
inline constexpr std::uint64_t resume = 4;    // what it waits for may have come
inline constexpr std::uint64_t failing = 8;   // its handler has failed
inline constexpr std::uint64_t ordered = 16;  // its parent has decided
inline constexpr std::uint64_t due = 32;      // a delay is over
inline constexpr std::uint64_t signal = 64;   // somebody it watches has ended
inline constexpr std::uint64_t transient =
    stop | notice | resume | failing | ordered | due | signal;
inline constexpr std::uint64_t parked = 1 << 7;   // it waits in some way: no run right exists
inline constexpr std::uint64_t waiters = 1 << 8;  // somebody waits for room in the mailbox
inline constexpr std::uint64_t stopping = 1 << 9;
inline constexpr std::uint64_t watched = 1 << 10;  // somebody wants to know of its end
inline constexpr std::uint64_t exits = 1 << 11;    // it has stopped itself
inline constexpr std::uint64_t faulty = 1 << 12;   // it ends by a failure
inline constexpr int           phase_at = 13;
inline constexpr std::uint64_t phase_mask = 7 << phase_at;
inline constexpr std::uint64_t starting = 1 << 16;  // a thread outside builds it
inline constexpr std::uint64_t hookless = 1 << 17;  // its object has had its last hook
inline constexpr int           restarts_at = 18;    // how many, up to a limit: for reports
inline constexpr std::uint64_t restarts_max = (1 << 14) - 1;
inline constexpr int           generation_at = 32;
/// Any of these: it does not handle messages, or will not when it has looked.
inline constexpr std::uint64_t standing = failing | ordered | phase_mask;
/// Any of these: there is more to do than the next message.
inline constexpr std::uint64_t attention = transient | stopping | phase_mask;

constexpr phase phase_of(std::uint64_t state) noexcept {
    return static_cast<phase>((state & phase_mask) >> phase_at);
}
constexpr std::uint64_t restarts_of(std::uint64_t state) noexcept {
    return state >> restarts_at & restarts_max;
}
constexpr std::uint64_t of(phase p) noexcept { return static_cast<std::uint64_t>(p) << phase_at; }
}  // namespace control

/// All zero is a dead cell.
struct alignas(cache_line) cell : runnable {
    // Line 0: read and written by senders.
    inbox                   box;
    atomic<std::uint64_t>   incarnation{0};  // the owner, at birth and death; read by senders
    atomic<cell_ops const*> ops{nullptr};    // spawn; read by senders
    atomic<gate*>           door{nullptr};   // the core, when it takes the page; read by senders

    // Line 1: the holder of the run right, but for `control` and `wait_edge`.
    alignas(cache_line) atomic<std::uint64_t> control{0};  // anyone, see core::wake()
    atomic<std::uint64_t> wait_edge{0};    // the owner: whom it waits for; read by cycle searches
    node*                 head = nullptr;  // the message that is next, or in the handler
    void*                 body = nullptr;  // the actor object
    fiber*                awaiting = nullptr;   // its suspended handler
    wait_record*          muted = nullptr;      // full mailboxes it has sent to
    cell*                 self = nullptr;       // where its context points
    std::uint32_t         unfolded = 0;         // messages taken, still counted in the depth
    std::uint32_t         edge_epoch : 24 = 0;  // makes each wait edge a new value
    std::uint32_t         full_turns : 7 = 0;   // in which no waiter was let in
    std::uint32_t         sent_to_full_self : 1 = 0;

    // Line 2: the tree.
    alignas(cache_line) atomic<cell*> parent{nullptr};  // spawn; read by reports
    cell*          last_child = nullptr;                // the owner
    cell*          older = nullptr;                     // the owner of the parent
    cell*          newer = nullptr;          // the owner of the parent; the adoption list
    atomic<cell*>  ended_children{nullptr};  // pushed by ending children, taken by the owner
    wait_record*   waiters TROUPE_GUARDED_BY(rank::waiting::lock) = nullptr;  // last of a ring
    atomic<annex*> side{nullptr};    // what only some actors have; see annex.hpp
    atomic<void*>  timers{nullptr};  // its armed timers; written under rank::timers

    std::uint64_t generation() const noexcept {
        // relaxed: callers own the cell, or compare what they get
        return incarnation.load(memory_order_relaxed) << control::generation_at;
    }
    /// Of a cell whose run right the caller holds, or as a hint.
    phase stands() const noexcept { return control::phase_of(control.load(memory_order_relaxed)); }
    cell* above() const noexcept { return parent.load(memory_order_relaxed); }  // relaxed: constant
};

#if !defined(TROUPE_MODEL)
static_assert(sizeof(cell) == 3 * cache_line);
#endif

/// The published size of a small idle actor: its cell and the smallest block for its object. An
/// idle actor owns no mailbox storage.
inline constexpr std::size_t small_actor_bytes = sizeof(cell) + block_sizes[0];
#if !defined(TROUPE_MODEL)
static_assert(small_actor_bytes <= 224);
#endif

}  // namespace troupe::inline TROUPE_ABI::detail
