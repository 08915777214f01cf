// SPDX-License-Identifier: BSL-1.0
#pragma once

// What tests of actors need: a clock they own, a scheduler that repeats itself, a log that they can
// ask. And what tests of plug-ins need: archetypes, and suites of numbered rules.

#include "troupe/observe/memory_sink.hpp"
#include "troupe/observe/prometheus_sink.hpp"
#include "troupe/testing/archetype/clock.hpp"
#include "troupe/testing/archetype/codec.hpp"
#include "troupe/testing/archetype/log_sink.hpp"
#include "troupe/testing/archetype/mailbox.hpp"
#include "troupe/testing/archetype/metrics_sink.hpp"
#include "troupe/testing/archetype/pool.hpp"
#include "troupe/testing/archetype/scheduler.hpp"
#include "troupe/testing/archetype/tls_provider.hpp"
#include "troupe/testing/archetype/transport.hpp"
#include "troupe/testing/conformance/clock.hpp"
#include "troupe/testing/conformance/codec.hpp"
#include "troupe/testing/conformance/log_sink.hpp"
#include "troupe/testing/conformance/mailbox.hpp"
#include "troupe/testing/conformance/metrics_sink.hpp"
#include "troupe/testing/conformance/pool.hpp"
#include "troupe/testing/conformance/report.hpp"
#include "troupe/testing/conformance/scheduler.hpp"
#include "troupe/testing/conformance/tls_provider.hpp"
#include "troupe/testing/conformance/transport.hpp"
#include "troupe/testing/conformance/transport_driver.hpp"
#include "troupe/testing/insecure_plaintext.hpp"
#include "troupe/testing/manual_clock.hpp"
#include "troupe/testing/memory_log.hpp"
#include "troupe/testing/signal_box.hpp"
#include "troupe/testing/simulated_scheduler.hpp"
#include "troupe/troupe.hpp"
