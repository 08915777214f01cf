// SPDX-License-Identifier: BSL-1.0
#pragma once

// The sizes in which memory is handed out. A request is rounded up to the next one; what is larger
// than the largest is refused by name (`pool_exhausted`, `frame_too_large`).

#include <cstddef>
#include <cstdint>

#include "troupe/base/layout.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// Bytes per block of each class: about three steps per doubling, so at most a third is wasted.
inline constexpr std::size_t block_sizes[] = {
    32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 8192, 16384, 32768};
inline constexpr std::size_t size_classes = sizeof block_sizes / sizeof block_sizes[0];
inline constexpr std::size_t block_bytes_max = block_sizes[size_classes - 1];

/// Not a class: the request is larger than every block.
inline constexpr auto no_size_class = static_cast<std::uint8_t>(size_classes);

/// The smallest class that holds `bytes`.
constexpr std::uint8_t size_class_of(std::size_t bytes) noexcept {
    for (std::size_t i = 0; i < size_classes; ++i) {
        if (bytes <= block_sizes[i]) return static_cast<std::uint8_t>(i);
    }
    return no_size_class;
}

/// What can lie in a block, `Before` bytes from its beginning.
template <class Type>
inline constexpr bool block_aligns = alignof(Type) <= block_alignment;
template <class Type, std::size_t Before = 0>
inline constexpr bool block_holds = size_class_of(Before + sizeof(Type)) != no_size_class;

/// How many blocks move at once between a magazine and the depot: 32 of the small ones, and about a
/// page's worth of the large.
struct chain_lengths {
    std::uint8_t of[size_classes] = {};
    constexpr chain_lengths() noexcept {
        for (std::size_t i = 0; i < size_classes; ++i) {
            std::size_t const fit = 16384 / block_sizes[i];
            of[i] = static_cast<std::uint8_t>(fit > 32 ? 32 : fit < 1 ? 1 : fit);
        }
    }
};
inline constexpr chain_lengths chain_lengths_table;  // a division less for each block
constexpr std::uint32_t        chain_length(std::size_t size_class) noexcept {
    return chain_lengths_table.of[size_class];
}

static_assert(block_sizes[size_class_of(33)] == 48);
static_assert(size_class_of(block_bytes_max + 1) == no_size_class);

}  // namespace troupe::inline TROUPE_ABI::detail
