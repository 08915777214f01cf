// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a task can be awaited only inside a task
#include <troupe/troupe.hpp>

struct fire_and_forget {
    struct promise_type {
        fire_and_forget    get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void               return_void() {}
        void               unhandled_exception() {}
    };
};

troupe::task<int> part() { co_return 1; }

fire_and_forget misuse() { co_await part(); }
