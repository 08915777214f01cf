// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: an ask can be awaited only inside an actor's task
// EXPECT: \.get\(\) or \.result\(\)
#include <troupe/troupe.hpp>

struct withdraw {
    int cents;
};

using account = troupe::protocol<bool(withdraw)>;

struct fire_and_forget {
    struct promise_type {
        fire_and_forget    get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void               return_void() {}
        void               unhandled_exception() {}
    };
};

fire_and_forget misuse(troupe::ref<account> alice) { co_await alice.ask<withdraw>(1); }
