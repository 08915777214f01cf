// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a handler that uses co_await is a coroutine; let it return .troupe::task<Reply>.
// EXPECT: handler_that_awaits_returns_a_task<bool>
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<bool(deposit)>;
    bool on(deposit const& d) const { co_return co_await bank_.ask<deposit>(d); }

private:
    troupe::ref<troupe::protocol<bool(deposit)>> bank_;
};
