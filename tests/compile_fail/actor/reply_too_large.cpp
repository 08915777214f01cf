// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the reply is larger than the largest pool block \(32 KiB\)
// EXPECT: by pointer
#include <troupe/troupe.hpp>

struct question {};
struct page {
    char text[40000];
};

using oracle = troupe::protocol<page(question)>;

page misuse(troupe::ref<oracle> to) { return to.ask(question{}).get(); }
