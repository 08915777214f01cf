// SPDX-License-Identifier: BSL-1.0
#pragma once

// A list of plain data that grows. Where a vector would do in code that is seldom run: that one
// each type of element costs the user's compiler much more, and here nothing but a few lines of it.

#include <cstddef>
#include <cstring>
#include <new>
#include <type_traits>

#include "troupe/config/abi.hpp"
#include "troupe/config/hints.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// Bytes on the heap.
class growing_bytes {
public:
    growing_bytes() noexcept = default;
    ~growing_bytes() { ::operator delete(first_); }
    growing_bytes(growing_bytes const&) = delete;
    growing_bytes& operator=(growing_bytes const&) = delete;

    char*       begin() noexcept { return first_; }
    char const* begin() const noexcept { return first_; }
    std::size_t size() const noexcept { return size_; }
    /// As many fit without growing.
    std::size_t capacity() const noexcept { return capacity_; }
    void        clear() noexcept { size_ = 0; }

    /// These two may throw std::bad_alloc; then nothing has changed.
    void append(void const* bytes, std::size_t count);
    void reserve(std::size_t capacity);

private:
    char*       first_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

TROUPE_COLD inline void growing_bytes::reserve(std::size_t capacity) {
    if (capacity <= capacity_) return;
    auto* const larger = static_cast<char*>(::operator new(capacity));
    if (size_ != 0) std::memcpy(larger, first_, size_);
    ::operator delete(first_);
    first_ = larger;
    capacity_ = capacity;
}
TROUPE_COLD inline void growing_bytes::append(void const* bytes, std::size_t count) {
    if (count == 0) return;
    if (count > capacity_ - size_) reserve(2 * size_ + count + 64);
    std::memcpy(first_ + size_, bytes, count);
    size_ += count;
}

template <class Element>
class growing_list {
    static_assert(std::is_trivially_copyable_v<Element>);
    static_assert(alignof(Element) <= alignof(std::max_align_t));

public:
    void push_back(Element const& element) { bytes_.append(&element, sizeof element); }
    void reserve(std::size_t count) { bytes_.reserve(count * sizeof(Element)); }
    void clear() noexcept { bytes_.clear(); }

    Element*       begin() noexcept { return reinterpret_cast<Element*>(bytes_.begin()); }
    Element const* begin() const noexcept {
        return reinterpret_cast<Element const*>(bytes_.begin());
    }
    Element*       end() noexcept { return begin() + size(); }
    Element const* end() const noexcept { return begin() + size(); }
    Element&       operator[](std::size_t i) noexcept { return begin()[i]; }
    Element const& operator[](std::size_t i) const noexcept { return begin()[i]; }
    std::size_t    size() const noexcept { return bytes_.size() / sizeof(Element); }
    std::size_t    capacity() const noexcept { return bytes_.capacity() / sizeof(Element); }

private:
    growing_bytes bytes_;
};

}  // namespace troupe::inline TROUPE_ABI::detail
