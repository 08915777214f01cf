// SPDX-License-Identifier: BSL-1.0

// The binary codec and any bytes: see wire_zoo.hpp for what must hold.

#include <cstdio>
#include <cstdlib>

#include "fuzz/wire_zoo.hpp"

extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size) {
    char const* const wrong = troupe_test::wire_zoo::check(std::as_bytes(std::span{data, size}));
    if (wrong != nullptr) {
        std::fprintf(stderr, "codec: %s\n", wrong);
        std::abort();
    }
    return 0;
}
