// SPDX-License-Identifier: BSL-1.0
#pragma once

// The tree of actors has no locks. What takes their place is the run right, which one thread at a
// time has of an actor: it is tried for, upwards only, and never waited for; and orders go down to
// one child after the other. Debug builds check that, and end the program with the paths of both
// actors where it does not hold. In release builds every function here is empty.
// More: docs/design/0004-locks.md

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <utility>

#include "troupe/config/assert.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// How a thread has come by a run right.
enum class right_by : std::uint8_t {
    turn,   // a scheduler has handed the actor over
    birth,  // it is being spawned: its creator has it until the spawn returns
    claim,  // the owner of a child has tried for it, and has got it
};

/// What a parent tells its children, one after the other.
enum class sibling_order : std::uint8_t { stop, down, up };

// Of this file alone, as NDEBUG is: the two checks below are two types, so that files built with
// and without it agree within one program. The threads of a model share one thread, so none there.
#if defined(NDEBUG) || defined(TROUPE_MODEL)
constexpr bool tree_order_is_checked = false;
#else
constexpr bool tree_order_is_checked = true;
#endif

/// Any thread; each has rights of its own. Allocates nothing. `Tree` has the type `actor` and says
/// of one, without throwing and for a thread that has its run right or that of its parent:
///     actor const* parent(actor const&)                     null at the top
///     std::uint64_t number(actor const&)                    later children have higher ones;
///                                                           0: it has ended
///     void const* system(actor const&)                      an address that is its system's alone
///     std::size_t path(actor const&, char* to, std::size_t room)      writes it; how much
template <class Tree, bool Checked = tree_order_is_checked>
class tree_order;

template <class Tree>
class tree_order<Tree, true> {
public:
    using actor = typename Tree::actor;

    /// While this lives the calling thread has the run right of an actor, or until give_back().
    /// Lies on the stack.
    class right {
    public:
        right(actor const& of, right_by how) noexcept;
        ~right() {
            if (of_ != nullptr) give_back();
        }
        right(right const&) = delete;
        right& operator=(right const&) = delete;

        /// What was taken later was given back before.
        void give_back() noexcept;

    private:
        friend tree_order;
        actor const*   of_;
        right_by const how_;
        right*         below_ = nullptr;  // taken before this, by the same thread
    };

    /// The thread is about to try for the run right of `wanted`, which it will not wait for. If it
    /// has one of the same system, the latest of them is that of a child of `wanted`.
    static void tries(actor const& wanted) noexcept;

    /// The thread, which has the run right of the parent, gives an order to `child`. `next` is one
    /// whose turn comes later, or null: a younger one when they come up, else an older one.
    static void orders(actor const& child, sibling_order what, actor const* next) noexcept;

    /// An actor ends. `child` is one that is left, or null.
    static void ends(actor const& ending, actor const* child) noexcept;

private:
    static constexpr std::size_t path_room = 256;

    struct words {
        char text[2 * path_room + 100];
    };
    static words        say(actor const& a, char const* did, actor const& b,
                            char const* which = "") noexcept;
    static right const* latest_in(void const* system, right const* from = top_) noexcept;
    static bool         has_right_of(actor const* a) noexcept;

    static inline constinit thread_local right* top_ =
        nullptr;  // of the calling thread: the latest
};

/// The same without a look.
template <class Tree>
class tree_order<Tree, false> {
public:
    using actor = typename Tree::actor;

    class [[maybe_unused]] right {
    public:
        right(actor const&, right_by) noexcept {}
        right(right const&) = delete;
        right& operator=(right const&) = delete;
        void   give_back() noexcept {}
    };
    static void tries(actor const&) noexcept {}
    static void orders(actor const&, sibling_order, actor const*) noexcept {}
    static void ends(actor const&, actor const*) noexcept {}
};

template <class Tree>
tree_order<Tree, true>::right::right(actor const& of, right_by how) noexcept : of_(&of), how_(how) {
    if (how == right_by::claim) tries(of);
    if (how == right_by::turn) {
        // A constructor may wait, and where the thread drives its system others run meanwhile. But
        // no turn stands in another.
        right const* outer = latest_in(Tree::system(of));
        while (outer != nullptr && outer->how_ == right_by::birth) {
            outer = latest_in(Tree::system(of), outer->below_);
        }
        TROUPE_ASSERT(outer == nullptr, say(of, "began a turn inside of one of", *outer->of_).text);
    }
    below_ = std::exchange(top_, this);
}

template <class Tree>
void tree_order<Tree, true>::right::give_back() noexcept {
    TROUPE_ASSERT(top_ == this,
                  say(*of_, "was given back before", *top_->of_, ", which was taken later").text);
    for (right** at = &top_; *at != nullptr; at = &(*at)->below_) {
        if (*at != this) continue;
        *at = below_;
        break;
    }
    of_ = nullptr;
}

template <class Tree>
void tree_order<Tree, true>::tries(actor const& wanted) noexcept {
    [[maybe_unused]] right const* const latest = latest_in(Tree::system(wanted));
    TROUPE_ASSERT(
        latest == nullptr || Tree::parent(*latest->of_) == &wanted,
        say(*latest->of_, "ran, and its thread tried to run", wanted, ", which is not its parent")
            .text);
}

template <class Tree>
void tree_order<Tree, true>::orders(actor const& child, sibling_order what,
                                    actor const* next) noexcept {
    [[maybe_unused]] actor const* const parent = Tree::parent(child);
    TROUPE_ASSERT(parent != nullptr && has_right_of(parent),
                  say(child, "was given an order by a thread that does not run",
                      parent != nullptr ? *parent : child)
                      .text);
    std::uint64_t const own = Tree::number(child);
    std::uint64_t const other = next == nullptr ? 0 : Tree::number(*next);
    // Who has ended by itself meanwhile hears no order.
    if (own == 0 || other == 0) return;
    if (what == sibling_order::up) {
        TROUPE_ASSERT(own < other,
                      say(child, "was ordered up before", *next, ", which is older").text);
        return;
    }
    TROUPE_ASSERT(own > other, say(child,
                                   what == sibling_order::down ? "was ordered down before"
                                                               : "was ordered to stop before",
                                   *next, ", which is younger")
                                   .text);
}

template <class Tree>
void tree_order<Tree, true>::ends([[maybe_unused]] actor const& ending,
                                  [[maybe_unused]] actor const* child) noexcept {
    TROUPE_ASSERT(child == nullptr,
                  say(ending, "ended before", *child, ", which is its child").text);
}

template <class Tree>
auto tree_order<Tree, true>::latest_in(void const* system, right const* from) noexcept
    -> right const* {
    while (from != nullptr && Tree::system(*from->of_) != system) from = from->below_;
    return from;
}

template <class Tree>
bool tree_order<Tree, true>::has_right_of(actor const* a) noexcept {
    right const* r = top_;
    while (r != nullptr && r->of_ != a) r = r->below_;
    return r != nullptr;
}

template <class Tree>
TROUPE_COLD auto tree_order<Tree, true>::say(actor const& a, char const* did, actor const& b,
                                             char const* which) noexcept -> words {
    char       first[path_room];
    char       second[path_room];
    auto const first_length = static_cast<int>(Tree::path(a, first, path_room));
    auto const second_length = static_cast<int>(Tree::path(b, second, path_room));
    words      w;
    std::snprintf(w.text, sizeof w.text, "tree order: %.*s %s %.*s%s", first_length, first, did,
                  second_length, second, which);
    return w;
}

}  // namespace troupe::inline TROUPE_ABI::detail
