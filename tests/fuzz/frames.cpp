// SPDX-License-Identifier: BSL-1.0

// Any bytes from a peer of a node: fuzz/frame_zoo.hpp says what must hold.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>

#include "fuzz/frame_zoo.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string const wrong = troupe_test::frame_zoo::check(
        std::as_bytes(std::span{data, size}), 1 + (size == 0 ? std::size_t{0} : data[0] % 7u));
    if (wrong.empty()) return 0;
    std::fprintf(stderr, "frames: %s\n", wrong.c_str());
    std::abort();
}
