// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the value and the error of a result have the same type; wrap one of them
#include "troupe/base/result.hpp"

troupe::result<int, int> misuse() { return 1; }
