// SPDX-License-Identifier: BSL-1.0
#pragma once

// The door of the room actor/: references, contexts, asks, coroutines; the life of an actor.

#include "troupe/actor/asking.hpp"
#include "troupe/actor/async_send.hpp"
#include "troupe/actor/cell.hpp"
#include "troupe/actor/concepts.hpp"
#include "troupe/actor/context.hpp"
#include "troupe/actor/core.hpp"
#include "troupe/actor/delivery.hpp"
#include "troupe/actor/fiber.hpp"
#include "troupe/actor/fwd.hpp"
#include "troupe/actor/handler.hpp"
#include "troupe/actor/life.hpp"
#include "troupe/actor/memory_of_core.hpp"
#include "troupe/actor/names.hpp"
#include "troupe/actor/ref.hpp"
#include "troupe/actor/reply.hpp"
#include "troupe/actor/reply_slot.hpp"
#include "troupe/actor/request.hpp"
#include "troupe/actor/task.hpp"
#include "troupe/actor/timer.hpp"
#include "troupe/actor/timing.hpp"
#include "troupe/actor/turn.hpp"
#include "troupe/actor/wait_record.hpp"
#include "troupe/actor/waiting.hpp"
#include "troupe/actor/worker.hpp"
