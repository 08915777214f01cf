// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a message may be aligned to 16 bytes at most; hold it by pointer
// EXPECT: matrix
#include <troupe/troupe.hpp>

struct alignas(64) matrix {
    float cells[16];
};

using solver = troupe::protocol<void(matrix)>;

void misuse(troupe::ref<solver> to, matrix const& m) { to.send(m); }
