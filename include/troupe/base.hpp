// SPDX-License-Identifier: BSL-1.0
#pragma once

// The door of the room base/: errors, results, time.

#include "troupe/base/counted_handle.hpp"
#include "troupe/base/errors.hpp"
#include "troupe/base/fixed_list.hpp"
#include "troupe/base/growing_list.hpp"
#include "troupe/base/layout.hpp"
#include "troupe/base/result.hpp"
#include "troupe/base/secret.hpp"
#include "troupe/base/time.hpp"
