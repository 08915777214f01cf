// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a handler that uses co_await is a coroutine; let it return .troupe::task<Reply>.
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit d) { co_await bank_.ask<deposit>(d); }

private:
    troupe::ref<troupe::protocol<bool(deposit)>> bank_;
};
