// SPDX-License-Identifier: BSL-1.0
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

using book = troupe::protocol<void(note)>;

troupe::task<> misuse(troupe::ref<book> to) {
    static_cast<void>(co_await to.async_send<note>(title{"a"}, 1));
}
