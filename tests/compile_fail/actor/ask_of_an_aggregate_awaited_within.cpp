// SPDX-License-Identifier: BSL-1.0
// ONLY: gcc
// EXPECT: troupe: .*co_await to.ask<Message>\(arguments
#include <troupe/troupe.hpp>

#include <chrono>
#include <string>

struct note {
    std::string text;
};

using book = troupe::protocol<bool(note)>;

troupe::task<bool> misuse(troupe::ref<book> to) {
    co_return co_await to.ask(note{"a"}).within(std::chrono::seconds{1});
}
