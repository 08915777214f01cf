// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a reply may be aligned to 16 bytes at most; hold it by pointer
// EXPECT: matrix
#include <troupe/troupe.hpp>

struct question {};
struct alignas(64) matrix {
    float cells[16];
};

using solver = troupe::protocol<matrix(question)>;

matrix misuse(troupe::ref<solver> to) { return to.ask(question{}).get(); }
