// SPDX-License-Identifier: BSL-1.0
#pragma once

// What tests of actors need: a clock they own, and a scheduler that repeats itself; and what tests of
// plug-ins need: archetypes, and suites of numbered rules.

#include "troupe/observe/memory_sink.hpp"
#include "troupe/observe/prometheus_sink.hpp"
#include "troupe/testing/conformance/report.hpp"
#include "troupe/testing/manual_clock.hpp"
#include "troupe/testing/simulated_scheduler.hpp"
#include "troupe/troupe.hpp"
