// SPDX-License-Identifier: BSL-1.0
#pragma once

// The door of the room schedule/: the schedulers, the timer wheel and what they share.

#include "troupe/schedule/driven.hpp"
#include "troupe/schedule/idle_waiters.hpp"
#include "troupe/schedule/lane.hpp"
#include "troupe/schedule/private_slot.hpp"
#include "troupe/schedule/reactor_place.hpp"
#include "troupe/schedule/ready_ring.hpp"
#include "troupe/schedule/runnable.hpp"
#include "troupe/schedule/timer_wheel.hpp"
#include "troupe/schedule/work_stealing.hpp"
