// SPDX-License-Identifier: BSL-1.0
#pragma once

// A typed reference to an actor: sixteen bytes, copied freely, never dangling. It does not keep the
// actor alive; a message to an actor that is gone is a counted dead letter.
// More: docs/design/0001-cells-and-references.md

#include <compare>
#include <cstdint>
#include <string_view>  // std::hash, as in <functional>, which is ten times the price
#include <type_traits>
#include <utility>

#include "troupe/actor/async_send.hpp"
#include "troupe/actor/delivery.hpp"
#include "troupe/actor/request.hpp"
#include "troupe/mailbox/policies.hpp"
#include "troupe/message/protocol.hpp"

namespace troupe::inline TROUPE_ABI {

/// What `ref::send` may answer: `by_declaration` follows the actor's own `mailbox_type`; a spawn
/// that overrides it with another kind gives a reference that says so.
struct by_declaration;
struct refusable;
struct sure;

namespace detail {

/// The mailbox an actor declares; none: the default of the library (design decision 2).
template <class Target>
struct declared_mailbox {
    using type = bounded_mailbox<1024>;
};
template <class Target>
    requires requires { typename Target::mailbox_type; }
struct declared_mailbox<Target> {
    using type = typename Target::mailbox_type;
};

template <class Target, class Certainty>
consteval bool can_refuse() {
    if constexpr (std::is_same_v<Certainty, by_declaration>) {
        return mailbox_refuses<typename declared_mailbox<Target>::type>;
    } else {
        return std::is_same_v<Certainty, refusable>;
    }
}

/// Stands for "the type of the argument" where a message type may be written.
struct deduced {};

/// The type of the message in `send<Message>(arguments...)`; void where it was not said.
template <class Message, class... Arguments>
struct message_of {
    using type = Message;
};
template <class... Arguments>
struct message_of<deduced, Arguments...> {
    using type = void;
};
template <class Argument>
struct message_of<deduced, Argument> {
    using type = std::remove_cvref_t<Argument>;
};

template <class... Arguments>
inline constexpr bool one_message = sizeof...(Arguments) == 1;

/// False: the compiler prints who was sent what, and what it accepts.
template <class Target, class Message, class Protocol = protocol_of<Target>>
inline constexpr bool target_accepts = protocol_accepts<Protocol, Message>;

template <class Message, int Position, class Argument, int Count>
consteval void check_argument() {
    static_assert(
        argument_keeps_its_value<Message, Position, Argument, Count>,
        "troupe: this argument would be narrowed when the message is built from it; convert "
        "it with static_cast");
}
template <class Message, class... Arguments, std::size_t... I>
consteval void check_each_argument(std::index_sequence<I...>) {
    (check_argument<Message, I + 1, Arguments, sizeof...(Arguments)>(), ...);
}

/// True when the message may be sent; otherwise says what is wrong, and nothing else is said.
template <class Target, class Message, class... Arguments>
consteval bool check_message() {
    using accepted = protocol_of<Target>;
    if constexpr (!check_target<Target>()) {
        return false;
    } else if constexpr (std::is_void_v<Message>) {
        static_assert(one_message<Arguments...>,
                      "troupe: give one message, or name it to build it in place: "
                      "send<Message>(arguments...), ask<Message>(arguments...)");
        return false;
    } else if constexpr (!protocol_accepts<accepted, Message>) {
        static_assert(target_accepts<Target, Message, accepted>,
                      "troupe: the actor does not accept this message; send one that its protocol "
                      "names (built in place: send<Message>(arguments...)), or add "
                      "`Reply(Message)` to the protocol and a handler to the actor");
        return false;
    } else if constexpr (arguments_narrow<Message, Arguments...>) {
        check_each_argument<Message, Arguments...>(std::index_sequence_for<Arguments...>{});
        return false;
    } else {
        static_assert(
            std::is_constructible_v<Message, Arguments...>,
            "troupe: the message cannot be built from these arguments (one that cannot be "
            "copied is moved: std::move)");
        return std::is_constructible_v<Message, Arguments...> && check_storable<Message>();
    }
}

template <class Argument>
inline constexpr bool safe_inside_co_await = !unsafe_in_place_argument<Argument>;
template <class Argument>
consteval void check_named_first() {
    static_assert(safe_inside_co_await<Argument>,
                  "troupe: name it first: GCC 12 destroys a temporary argument of this type twice "
                  "inside a co_await expression; make it a variable and std::move it");
}

/// As check_message, for what is awaited in one expression.
template <built Form, class Target, class Message, class... Arguments>
consteval bool check_awaited() {
    if constexpr (!check_message<Target, Message, Arguments...>()) {
        return false;
    } else {
        constexpr bool safe =
            Form == built::outside || !(unsafe_in_place_argument<Arguments> || ...);
        if constexpr (!safe) (check_named_first<Arguments>(), ...);
        return safe;
    }
}

template <class Message>
inline constexpr built form_of =
    std::is_same_v<Message, deduced> ? built::outside : built::in_place;

/// What a reference to `Wide` must have to become one to `Narrow`. Only a protocol is narrower than
/// an actor: one that happens to say the same as an actor's does not lead back to that actor.
template <class Wide, class Narrow>
concept narrows_to_a_protocol_and_never_back = std::is_same_v<Wide, Narrow> || is_protocol<Narrow>;
template <class Wide, class Narrow>
concept protocol_is_covered = protocol_covers<protocol_of<Wide>, protocol_of<Narrow>>;
template <class Wide, class WideCertainty, class Narrow, class NarrowCertainty>
concept refusal_stays_visible =
    !can_refuse<Wide, WideCertainty>() || can_refuse<Narrow, NarrowCertainty>();

/// What `send` gives: the status where it may tell something, else nothing.
template <bool Told>
auto status_if([[maybe_unused]] send_status status) noexcept {
    if constexpr (Told) return status;
}

struct ref_access;

}  // namespace detail

/// `Target` is an actor type or a `protocol`. Any thread may use any copy. Sends from one actor (or
/// one thread) to another arrive in the order in which they were made. Nothing here throws, except
/// what the constructor of a message throws, and then nothing was sent. Nothing allocates from the
/// heap once the pool is warm.
template <class Target, class Certainty>
class ref {
public:
    /// Null: what is sent through it is a counted dead letter.
    constexpr ref() noexcept = default;

    /// To a protocol that the target covers; never back to an actor type, and never from one that
    /// may refuse to one that may not.
    template <class Wide, class WideCertainty>
        requires(!std::is_same_v<ref<Wide, WideCertainty>, ref>) &&
                    detail::narrows_to_a_protocol_and_never_back<Wide, Target> &&
                    detail::protocol_is_covered<Wide, Target> &&
                    detail::refusal_stays_visible<Wide, WideCertainty, Target, Certainty>
    ref(ref<Wide, WideCertainty> const& other) noexcept  // NOLINT: a wider reference is one
        : cell_(other.cell_), incarnation_(other.incarnation_) {}

    /// Sends: `send(message)`, or built in place, `send<Message>(arguments...)`. At a full `block`
    /// mailbox an actor is muted when its handler ends, and a thread outside waits here. Gives the
    /// status if the mailbox may refuse (`overflow::fail`); otherwise nothing.
    template <class Message = detail::deduced, class... Arguments>
    auto send(Arguments&&... arguments) const {
        using message = typename detail::message_of<Message, Arguments...>::type;
        constexpr bool told = detail::can_refuse<Target, Certainty>();
        if constexpr (detail::check_message<Target, message, Arguments...>()) {
            return detail::status_if<told>(
                detail::deliver<message>(cell_, incarnation_,
                                         static_cast<Arguments&&>(arguments)...)
                    .status());
        } else {
            return detail::status_if<told>(send_status::no_target);
        }
    }

    /// As `send`, but never waits and never mutes: at a full mailbox the message is refused.
    template <class Message = detail::deduced, class... Arguments>
    send_status try_send(Arguments&&... arguments) const {
        return deliver<Message>(detail::send_mode::attempt, detail::never,
                                std::forward<Arguments>(arguments)...);
    }

    /// As `send`, but waits until `deadline` (on the system's clock) at most; `timed_out` after it.
    /// For threads outside: inside a handler it is `try_send`, and `would_block` when there is no
    /// room.
    template <class Message = detail::deduced, class... Arguments>
    send_status send_until(time_point deadline, Arguments&&... arguments) const {
        if (detail::runs_on_worker(cell_, incarnation_)) {
            send_status const status = try_send<Message>(std::forward<Arguments>(arguments)...);
            return status == send_status::full ? send_status::would_block : status;
        }
        return deliver<Message>(detail::send_mode::normal, deadline,
                                std::forward<Arguments>(arguments)...);
    }

    /// In a coroutine handler: waits for room, so that the mailbox keeps its bound strictly.
    /// Awaited it gives the `send_status`; where the mailbox does not block it never waits.
    template <class Message = detail::deduced, class... Arguments>
    auto async_send(Arguments&&... arguments) const {
        using message = typename detail::message_of<Message, Arguments...>::type;
        constexpr auto form = detail::form_of<Message>;
        if constexpr (detail::check_awaited<form, Target, message, Arguments...>()) {
            return pending_send<message, form>{cell_, incarnation_, std::in_place,
                                               static_cast<Arguments&&>(arguments)...};
        } else {
            return detail::misused_request{};
        }
    }

    /// Makes a request; it leaves when it is awaited: `co_await to.ask<withdraw>(5)` in a handler,
    /// `to.ask(withdraw{5}).get()` outside of actors.
    template <class Message = detail::deduced, class... Arguments>
    auto ask(Arguments&&... arguments) const {
        using message = typename detail::message_of<Message, Arguments...>::type;
        constexpr auto form = detail::form_of<Message>;
        if constexpr (detail::check_awaited<form, Target, message, Arguments...>()) {
            return request<detail::reply_of<detail::protocol_of<Target>, message>, message, form>{
                cell_, incarnation_, std::in_place, static_cast<Arguments&&>(arguments)...};
        } else {
            return detail::misused_request{};
        }
    }

    explicit operator bool() const noexcept { return cell_ != nullptr; }

    /// The same actor: not its successor in the same memory.
    friend bool operator==(ref const& a, ref const& b) noexcept {
        return a.cell_ == b.cell_ && a.incarnation_ == b.incarnation_;
    }
    /// By creation: system, then actor. The same in every run.
    friend std::strong_ordering operator<=>(ref const& a, ref const& b) noexcept {
        return a.incarnation_ <=> b.incarnation_;
    }
    /// Differs for all actors of the process.
    std::uint64_t identity() const noexcept { return incarnation_; }

private:
    template <class, class>
    friend class ref;
    friend class any_ref;
    friend struct detail::ref_access;

    ref(detail::cell* cell, std::uint64_t incarnation) noexcept
        : cell_(cell), incarnation_(incarnation) {}

    template <class Message, class... Arguments>
    send_status deliver(detail::send_mode mode, time_point deadline,
                        Arguments&&... arguments) const {
        using message = typename detail::message_of<Message, Arguments...>::type;
        if constexpr (detail::check_message<Target, message, Arguments...>()) {
            return detail::deliver_by<message>(cell_, incarnation_, mode, deadline,
                                               std::forward<Arguments>(arguments)...)
                .status();
        } else {
            return send_status::no_target;
        }
    }

    detail::cell* cell_ = nullptr;
    std::uint64_t incarnation_ = 0;
};

namespace detail {

struct ref_access {
    template <class Ref>
    static Ref make(cell& c, std::uint64_t incarnation) noexcept {
        return Ref{&c, incarnation};
    }
    template <class Ref>
    static cell* cell_of(Ref const& r) noexcept {
        return r.cell_;
    }
};

}  // namespace detail

static_assert(sizeof(ref<protocol<>>) == 16);
static_assert(std::is_trivially_copyable_v<ref<protocol<>>>);

}  // namespace troupe::inline TROUPE_ABI

template <class Target, class Certainty>
struct std::hash<troupe::ref<Target, Certainty>> {
    std::size_t operator()(troupe::ref<Target, Certainty> const& r) const noexcept {
        return std::hash<std::uint64_t>{}(r.identity());
    }
};
