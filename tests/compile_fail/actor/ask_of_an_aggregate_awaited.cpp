// SPDX-License-Identifier: BSL-1.0
// GCC 12 destroys the temporary twice; the error says what to write instead.
// ONLY: gcc
// EXPECT: error: .*troupe: GCC 12 destroys a message twice that is built inside a co_await expression
// EXPECT: troupe: .*co_await to.ask<Message>\(arguments
#include <troupe/troupe.hpp>

#include <string>

struct note {
    std::string text;
};

using book = troupe::protocol<bool(note)>;

troupe::task<bool> misuse(troupe::ref<book> to) { co_return co_await to.ask(note{"a"}); }
