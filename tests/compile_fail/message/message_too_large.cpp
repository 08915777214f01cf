// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the message is larger than the largest pool block \(32 KiB\)
// EXPECT: by pointer
// EXPECT: photo
#include <troupe/troupe.hpp>

struct photo {
    char pixels[40000];
};

using album = troupe::protocol<void(photo)>;

void misuse(troupe::ref<album> to, photo const& p) { to.send(p); }
