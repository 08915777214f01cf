// SPDX-License-Identifier: BSL-1.0
#pragma once

// The door of the room observe/: books, dead letters, the catalogue of numbers, and the sinks that
// need nothing but the standard library.

#include "troupe/observe/accounting.hpp"
#include "troupe/observe/catalogue.hpp"
#include "troupe/observe/dead_letters.hpp"
#include "troupe/observe/log_formatters.hpp"
#include "troupe/observe/log_line.hpp"
#include "troupe/observe/log_sinks.hpp"
#include "troupe/observe/memory_sink.hpp"
#include "troupe/observe/null_sink.hpp"
#include "troupe/observe/prometheus_sink.hpp"
#include "troupe/observe/snapshot.hpp"
