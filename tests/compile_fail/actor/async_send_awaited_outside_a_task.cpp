// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: async_send can be awaited only inside an actor's task
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

using account = troupe::protocol<void(deposit)>;

struct fire_and_forget {
    struct promise_type {
        fire_and_forget    get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void               return_void() {}
        void               unhandled_exception() {}
    };
};

fire_and_forget misuse(troupe::ref<account> alice) { co_await alice.async_send<deposit>(1); }
