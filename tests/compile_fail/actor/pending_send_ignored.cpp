// SPDX-License-Identifier: BSL-1.0
// FLAGS: -Werror
// EXPECT: error: ignoring return.*troupe: the message leaves when this is awaited; co_await it
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

using account = troupe::protocol<void(deposit)>;

troupe::task<> misuse(troupe::ref<account> alice) {
    alice.async_send<deposit>(1);
    co_return;
}
