// SPDX-License-Identifier: BSL-1.0
#pragma once

// The door of the room remote/: what leaves the process.

#include "troupe/remote/loopback_faults.hpp"
#include "troupe/remote/loopback_stream.hpp"
#include "troupe/remote/loopback_table.hpp"
#include "troupe/remote/loopback_transport.hpp"
#include "troupe/remote/name_lookup.hpp"
#include "troupe/remote/node.hpp"
#include "troupe/remote/secured.hpp"
#include "troupe/remote/stream.hpp"
#include "troupe/remote/tcp_transport.hpp"
#include "troupe/remote/unix_transport.hpp"
