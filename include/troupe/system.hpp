// SPDX-License-Identifier: BSL-1.0
#pragma once

// The door of the room system/: systems, their defaults and options; spawning; the end, and its
// report.

#include "troupe/system/census.hpp"
#include "troupe/system/declared.hpp"
#include "troupe/system/defaults.hpp"
#include "troupe/system/engine_core.hpp"
#include "troupe/system/function_actor.hpp"
#include "troupe/system/fwd.hpp"
#include "troupe/system/policies.hpp"
#include "troupe/system/report.hpp"
#include "troupe/system/spawn.hpp"
#include "troupe/system/system.hpp"
