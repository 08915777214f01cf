// SPDX-License-Identifier: BSL-1.0
#pragma once

// The door of the room mailbox/: the mailbox policies and their two kernels.

#include "troupe/mailbox/fwd.hpp"
#include "troupe/mailbox/inbox.hpp"
#include "troupe/mailbox/lock_free_kernel.hpp"
#include "troupe/mailbox/locked_kernel.hpp"
#include "troupe/mailbox/policies.hpp"
