// SPDX-License-Identifier: BSL-1.0
#pragma once

// The door of the room message/: protocols and messages on their way.

#include "troupe/message/fwd.hpp"
#include "troupe/message/node.hpp"
#include "troupe/message/protocol.hpp"
