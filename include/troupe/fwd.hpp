// SPDX-License-Identifier: BSL-1.0
#pragma once

// The names a user's header may need without the library: ref, context, task, reply, system,
// protocol, mailboxes, verdict. Cheap to include.

#include "troupe/actor/fwd.hpp"
#include "troupe/mailbox/fwd.hpp"
#include "troupe/message/fwd.hpp"
#include "troupe/supervision/fwd.hpp"
#include "troupe/system/fwd.hpp"
