// SPDX-License-Identifier: BSL-1.0
#pragma once

// The door of the room remote/: transports, and what goes over them.

#include "troupe/remote/loopback_faults.hpp"
#include "troupe/remote/loopback_stream.hpp"
#include "troupe/remote/loopback_transport.hpp"
