// SPDX-License-Identifier: BSL-1.0
#pragma once

// Names of the room, for users' own headers. Default template arguments are spelled here.

#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI {

struct by_declaration;

template <class Target, class Certainty = by_declaration>
class ref;

class any_ref;
class failure;

template <class Actor>
class context;

template <class Reply = void>
class task;

template <class Reply>
class reply;

namespace detail {
struct cell;
struct cell_ops;
struct worker;
class core;
struct reply_slot;
struct wait_record;
struct fiber;
struct annex;
struct seat;
struct family;
struct life_ops;
struct hook_coroutine;
struct context_access;
struct failure_record;
struct failure_facts;
template <class Actor, class Protocol>
struct handlers_of;
}  // namespace detail

}  // namespace troupe::inline TROUPE_ABI
