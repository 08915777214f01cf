// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a log field holds a number, a bool, a text, a duration, a secret, or an
// EXPECT: account
#include "troupe/port/log_field.hpp"

struct account {};

void misuse(account const& a) { troupe::log_field const field{"account", a}; }
