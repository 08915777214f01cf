// SPDX-License-Identifier: BSL-1.0
#pragma once

// All of troupe that needs only the standard library and the operating system.

#include "troupe/actor.hpp"
#include "troupe/base.hpp"
#include "troupe/fwd.hpp"
#include "troupe/mailbox.hpp"
#include "troupe/memory.hpp"
#include "troupe/message.hpp"
#include "troupe/observe.hpp"
#include "troupe/port.hpp"
#include "troupe/remote.hpp"
#include "troupe/schedule.hpp"
#include "troupe/supervision.hpp"
#include "troupe/system.hpp"
