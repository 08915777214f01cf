// SPDX-License-Identifier: BSL-1.0
#pragma once

// A reference to an actor whose type is not known: what `context::sender()` gives, and what one may
// keep to compare. Nothing can be sent through it; `as` makes a typed one where the actor agrees.

#include <compare>
#include <cstdint>
#include <string_view>  // std::hash
#include <type_traits>

#include "troupe/actor/ref.hpp"

namespace troupe::inline TROUPE_ABI {

/// The envelope of messages that say who has sent them. The actor that wants to know writes `using
/// envelope_type = troupe::with_sender;`.
struct with_sender {};
/// The envelope of messages that also say to which request they belong: context::correlation().
struct with_correlation {};

/// Any thread may use any copy. It does not keep the actor alive.
class any_ref {
public:
    /// Null: nobody.
    constexpr any_ref() noexcept = default;
    template <class Target, class Certainty>
    any_ref(ref<Target, Certainty> const& typed) noexcept  // NOLINT: every reference is one
        : cell_(typed.cell_), incarnation_(typed.incarnation_) {}

    /// A typed reference to the same actor: `Target` is its class, or a protocol all of whose
    /// signatures stand in its own. Otherwise null, and also when the actor has ended, or when it
    /// may refuse messages (`overflow::fail`) and the type of the reference would not say so. Types
    /// of a plugin that was linked by itself are other types, even if they have the same name.
    template <class Target, class Certainty = by_declaration>
    ref<Target, Certainty> as() const noexcept;

    explicit    operator bool() const noexcept { return cell_ != nullptr; }
    friend bool operator==(any_ref const& a, any_ref const& b) noexcept {
        return a.cell_ == b.cell_ && a.incarnation_ == b.incarnation_;
    }
    /// By creation, as `ref`.
    friend std::strong_ordering operator<=>(any_ref const& a, any_ref const& b) noexcept {
        return a.incarnation_ <=> b.incarnation_;
    }
    std::uint64_t identity() const noexcept { return incarnation_; }

private:
    friend struct detail::ref_access;
    any_ref(detail::cell* cell, std::uint64_t incarnation) noexcept
        : cell_(cell), incarnation_(incarnation) {}

    detail::cell* cell_ = nullptr;
    std::uint64_t incarnation_ = 0;
};

namespace detail {

template <class Actor>
inline constexpr bool actor_asks_for_the_sender = false;
template <class Actor>
    requires requires { typename Actor::envelope_type; }
inline constexpr bool actor_asks_for_the_sender<Actor> =
    std::is_same_v<typename Actor::envelope_type, with_sender> ||
    std::is_same_v<typename Actor::envelope_type, with_correlation>;

/// Whether the actor behind the operations has a signature.
inline bool accepts_signature(cell_ops const& ops, type_id signature) noexcept {
    for (std::uint32_t i = 0; i < ops.signatures; ++i) {
        if (ops.accepts[i] == signature) return true;
    }
    return false;
}
template <class... Signatures>
bool accepts_all(cell_ops const& ops, tag<protocol<Signatures...>>) noexcept {
    return (accepts_signature(ops, id_of<Signatures>) && ...);
}

}  // namespace detail

template <class Target, class Certainty>
ref<Target, Certainty> any_ref::as() const noexcept {
    using namespace detail;
    if constexpr (check_target<Target>()) {
        // acquire: pairs with the release at birth, so that the operations are this actor's. Cells
        // stay readable for ever.
        if (cell_ == nullptr || cell_->incarnation.load(memory_order_acquire) != incarnation_) {
            return {};
        }
        cell_ops const& ops = *cell_->ops.load(memory_order_relaxed);
        if (ops.refuses && !can_refuse<Target, Certainty>()) return {};
        bool fits = false;
        if constexpr (is_protocol<Target>) fits = accepts_all(ops, tag<Target>{});
        else fits = ops.actor == id_of<Target>;
        if (fits) return ref_access::make<ref<Target, Certainty>>(*cell_, incarnation_);
    }
    return {};
}

}  // namespace troupe::inline TROUPE_ABI

template <>
struct std::hash<troupe::any_ref> {
    std::size_t operator()(troupe::any_ref const& r) const noexcept {
        return std::hash<std::uint64_t>{}(r.identity());
    }
};
