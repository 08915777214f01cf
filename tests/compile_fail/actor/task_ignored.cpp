// SPDX-License-Identifier: BSL-1.0
// A task that nobody awaits has not begun.
// FLAGS: -Werror
// EXPECT: error: ignoring return.*troupe: a task begins when it is awaited; co_await it
#include <troupe/troupe.hpp>

troupe::task<> part() { co_return; }

troupe::task<> misuse() {
    part();
    co_return;
}
