// SPDX-License-Identifier: BSL-1.0
// ONLY: gcc
// EXPECT: troupe: .*co_await to.async_send<Message>\(arguments
#include <troupe/troupe.hpp>

#include <string>

struct note {
    std::string text;
};

using book = troupe::protocol<void(note)>;

troupe::task<> misuse(troupe::ref<book> to) {
    static_cast<void>(co_await to.async_send(note{"a"}));
}
