// SPDX-License-Identifier: BSL-1.0
#pragma once

// Names of the room, for users' own headers. Default template arguments are spelled here.

#include <cstdint>

#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI {

struct by_declaration;

template <class Target, class Certainty = by_declaration>
class ref;

class any_ref;
class failure;
struct terminated;
enum class ended_by : std::uint8_t;

template <class Actor>
class context;

template <class Reply = void>
class task;

template <class Reply>
class reply;

namespace detail {
enum class built : std::uint8_t;
}
/// `request<terminated>` is the end of an actor, awaited like the reply of an ask.
template <class Reply, class Message = void, detail::built Form = detail::built{}>
class request;

namespace detail {
struct cell;
struct cell_ops;
struct worker;
class core;
struct reply_slot;
struct wait_record;
struct fiber;
struct annex;
struct watcher;
struct tie;
struct watch_node;
struct link_node;
struct link_side;
struct end_node;
enum class tie_kind : std::uint8_t;
/// Calls on(terminated) of an actor. May throw.
using signal_call = void (*)(cell&, terminated const&);
struct seat;
struct family;
struct life_ops;
struct hook_coroutine;
struct context_access;
struct failure_record;
struct failure_facts;
class census;
class lookout;
template <class Actor, class Protocol>
struct handlers_of;
}  // namespace detail

}  // namespace troupe::inline TROUPE_ABI
