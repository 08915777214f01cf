// SPDX-License-Identifier: BSL-1.0
#pragma once

// The door of the room supervision/: the words in which an actor says what becomes of its children.

#include "troupe/supervision/backoff_delay.hpp"
#include "troupe/supervision/children.hpp"
#include "troupe/supervision/fwd.hpp"
#include "troupe/supervision/hook_deadlines.hpp"
#include "troupe/supervision/lifetime.hpp"
#include "troupe/supervision/plan.hpp"
#include "troupe/supervision/restart_window.hpp"
#include "troupe/supervision/rules.hpp"
#include "troupe/supervision/strategy.hpp"
#include "troupe/supervision/verdict.hpp"
