// SPDX-License-Identifier: BSL-1.0
#pragma once

// Bytes that are written and read one after the other, in memory that somebody else owns. Neither
// allocates, neither throws, and neither leaves its memory.

#include <cstddef>
#include <cstring>
#include <span>

#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI {

/// Writes into a fixed place. What does not fit is not written but counted, so that `needed()` says
/// how large the place should have been. One thread at a time.
class byte_writer {
public:
    explicit byte_writer(std::span<std::byte> place) noexcept
        : begin_(place.data()), room_(place.size()) {}

    void put(void const* from, std::size_t size) noexcept {
        if (size <= room_ && needed_ <= room_ - size && size != 0) {
            std::memcpy(begin_ + needed_, from, size);
        }
        needed_ += size;
    }
    void put(std::byte one) noexcept { put(&one, 1); }

    /// How many bytes all puts were together.
    std::size_t needed() const noexcept { return needed_; }
    /// False: something did not fit, and what was written is worth nothing.
    bool fits() const noexcept { return needed_ <= room_; }
    /// What was written, when it fits.
    std::span<std::byte const> written() const noexcept { return {begin_, fits() ? needed_ : 0}; }

private:
    std::byte*  begin_;
    std::size_t room_;
    std::size_t needed_ = 0;
};

/// Reads what stands in a fixed place. One thread at a time.
class byte_reader {
public:
    explicit byte_reader(std::span<std::byte const> bytes) noexcept
        : left_(bytes), all_(bytes.size()) {}

    /// False, and nothing is taken: there are fewer bytes left.
    bool take(void* to, std::size_t size) noexcept {
        if (size > left_.size()) return false;
        if (size != 0) std::memcpy(to, left_.data(), size);
        left_ = left_.subspan(size);
        return true;
    }
    /// The next `size` bytes where they stand; empty, and nothing is taken, when there are fewer.
    std::span<std::byte const> view(std::size_t size) noexcept {
        if (size > left_.size()) return {};
        auto const seen = left_.first(size);
        left_ = left_.subspan(size);
        return seen;
    }

    std::span<std::byte const> rest() const noexcept { return left_; }
    std::size_t                left() const noexcept { return left_.size(); }
    /// How many bytes were taken.
    std::size_t at() const noexcept { return all_ - left_.size(); }

private:
    std::span<std::byte const> left_;
    std::size_t                all_;
};

}  // namespace troupe::inline TROUPE_ABI
