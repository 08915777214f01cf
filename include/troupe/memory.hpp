// SPDX-License-Identifier: BSL-1.0
#pragma once

// The door of the room memory/: the pools and what stands between them and a send.

#include "troupe/memory/depot.hpp"
#include "troupe/memory/gate.hpp"
#include "troupe/memory/magazine.hpp"
#include "troupe/memory/page_arena.hpp"
#include "troupe/memory/poison.hpp"
#include "troupe/memory/pools.hpp"
#include "troupe/memory/size_class.hpp"
