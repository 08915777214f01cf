// SPDX-License-Identifier: BSL-1.0
#pragma once

// What tests of actors need: a clock they own, a scheduler that repeats itself, a log that they
// can ask.

#include "troupe/testing/archetype/log_sink.hpp"
#include "troupe/testing/conformance/log_sink.hpp"
#include "troupe/testing/conformance/report.hpp"
#include "troupe/testing/manual_clock.hpp"
#include "troupe/testing/memory_log.hpp"
#include "troupe/testing/simulated_scheduler.hpp"
#include "troupe/troupe.hpp"
