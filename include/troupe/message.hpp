// SPDX-License-Identifier: BSL-1.0
#pragma once

// The door of the room message/: protocols, messages on their way, and messages as bytes.

#include "troupe/message/binary_codec.hpp"
#include "troupe/message/fingerprint.hpp"
#include "troupe/message/fwd.hpp"
#include "troupe/message/node.hpp"
#include "troupe/message/protocol.hpp"
#include "troupe/message/wire_name.hpp"
#include "troupe/message/wire_shape.hpp"
