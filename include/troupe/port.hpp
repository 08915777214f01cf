// SPDX-License-Identifier: BSL-1.0
#pragma once

// The door of the room port/: what users may plug in. Each kind has a page in docs/reference/.

#include "troupe/port/clock.hpp"
#include "troupe/port/log_event.hpp"
#include "troupe/port/log_field.hpp"
#include "troupe/port/log_sink.hpp"
#include "troupe/port/mailbox.hpp"
#include "troupe/port/metrics_sink.hpp"
#include "troupe/port/pool.hpp"
#include "troupe/port/scheduler.hpp"
