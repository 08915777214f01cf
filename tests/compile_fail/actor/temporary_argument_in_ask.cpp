// SPDX-License-Identifier: BSL-1.0
// In place, an argument may be such a temporary itself.
// ONLY: gcc
// EXPECT: error: .*troupe: name it first
// EXPECT: title
#include <troupe/troupe.hpp>

#include <string>

struct title {
    std::string text;
};
struct note {
    title head;
    int   page;
};

using book = troupe::protocol<bool(note)>;

troupe::task<bool> misuse(troupe::ref<book> to) { co_return co_await to.ask<note>(title{"a"}, 1); }
