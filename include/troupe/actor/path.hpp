// SPDX-License-Identifier: BSL-1.0
#pragma once

// Where an actor stands in the tree, as text: `bank/teller#17`. Put together in a fixed place, from
// its end; nothing is allocated.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "troupe/actor/core.hpp"
#include "troupe/config/hints.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// The longest path, in bytes: as much as a failure keeps of it. What is longer is cut in front.
inline constexpr std::size_t path_max = 63;

inline constexpr std::string_view text_cut = "...";

/// Not the first byte of a character of UTF-8.
constexpr bool inside_character(char c) noexcept {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

/// A type without its namespaces and template arguments: "teller" of "bank::teller<long>".
constexpr std::string_view short_type_name(std::string_view type) noexcept {
    std::size_t begin = 0;
    std::size_t end = type.size();
    int         depth = 0;  // in brackets
    for (std::size_t i = 0; i < type.size(); ++i) {
        char const c = type[i];
        bool const opens = c == '<' || c == '(' || c == '{' || c == '[';
        bool const closes = c == '>' || c == ')' || c == '}' || c == ']';
        if (depth == 0 && c == '<' && i != begin && end == type.size()) end = i;
        if (depth == 0 && c == ':') {
            begin = i + 1;
            end = type.size();
        }
        if (opens) ++depth;
        if (closes && depth != 0) --depth;
    }
    return type.substr(begin, end - begin);
}

/// A path in the tree, in a fixed place and cut in front: put together from its end.
class path_text {
public:
    std::string_view view() const noexcept { return {text_ + begin_, path_max - begin_}; }
    bool             full() const noexcept { return full_; }

    void put_in_front(std::string_view part) noexcept;
    /// An actor by its name; without one by its type and the number of its generation.
    void put_in_front(std::string_view name, std::string_view type,
                      std::uint64_t generation) noexcept;

private:
    std::size_t begin_ = path_max;
    bool        full_ = false;
    char        text_[path_max];
};

/// Where an actor stands in the tree. For its owner, or who spawns it: its parents end after it and
/// keep their names until then, so that no lock is needed.
class actor_path {
public:
    /// `parent`: of an actor that was not given its parent yet.
    explicit actor_path(cell const& c, cell const* parent = nullptr) noexcept;
    std::string_view view() const noexcept { return text_.view(); }
    path_text const& text() const noexcept { return text_; }

private:
    void put_in_front(cell const& c) noexcept;

    path_text text_;
};

TROUPE_COLD inline actor_path::actor_path(cell const& c, cell const* parent) noexcept {
    put_in_front(c);
    cell const* above = c.above() != nullptr ? c.above() : parent;
    // The root is nobody's actor: it has no parent, and no name.
    while (above != nullptr && above->above() != nullptr && !text_.full()) {
        text_.put_in_front("/");
        put_in_front(*above);
        above = above->above();
    }
}

/// The same for anybody inside of the system who holds no lock, while the actor may end: then it is
/// empty. A cell stays readable, and parents end after their children: if the actor still lives
/// when all was read, so did all above it.
TROUPE_COLD inline path_text path_from_outside(core& home, cell const& c,
                                               std::uint64_t incarnation) noexcept {
    path_text text;
    // acquire, all of them: they pair with the releases in core::begin() and adopt()
    for (cell const* at = &c; !text.full();) {
        char              name[256];
        std::size_t const length = home.copy_name(*at, name);
        text.put_in_front({name, length}, at->ops.load(memory_order_acquire)->actor_name,
                          at->control.load(memory_order_acquire) >> control::generation_at);
        at = at->parent.load(memory_order_acquire);
        // The root is nobody's actor: it has no parent, and no name.
        if (at == nullptr || at->parent.load(memory_order_acquire) == nullptr) break;
        text.put_in_front("/");
    }
    // relaxed: after those
    return c.incarnation.load(memory_order_relaxed) == incarnation ? text : path_text{};
}

inline void actor_path::put_in_front(cell const& c) noexcept {
    // The generation: a stopping actor still has one. relaxed: it is older than the caller
    text_.put_in_front(core::own_name(c), c.ops.load(memory_order_relaxed)->actor_name,
                       c.control.load(memory_order_relaxed) >> control::generation_at);
}

TROUPE_COLD inline void path_text::put_in_front(std::string_view name, std::string_view type,
                                                std::uint64_t generation) noexcept {
    if (!name.empty()) {
        put_in_front(name);
        return;
    }
    do {
        char const digit = static_cast<char>('0' + generation % 10);
        put_in_front(std::string_view{&digit, 1});
        generation /= 10;
    } while (generation != 0);
    put_in_front("#");
    put_in_front(short_type_name(type));
}

TROUPE_COLD inline void path_text::put_in_front(std::string_view part) noexcept {
    if (full_) return;
    std::size_t const fits = part.size() < begin_ ? part.size() : begin_;
    begin_ -= fits;
    part.substr(part.size() - fits).copy(text_ + begin_, fits);
    if (fits == part.size()) return;
    full_ = true;
    begin_ = text_cut.size();
    while (begin_ != path_max && inside_character(text_[begin_])) ++begin_;
    begin_ -= text_cut.size();
    text_cut.copy(text_ + begin_, text_cut.size());
}

}  // namespace troupe::inline TROUPE_ABI::detail
