// SPDX-License-Identifier: BSL-1.0
#pragma once

// A list that never grows past what it was made for, and whose elements never move. Where a vector
// would do: each type of element costs the user's compiler some fifty functions less.

#include <cstddef>
#include <new>

#include "troupe/config/abi.hpp"
#include "troupe/config/assert.hpp"

namespace troupe::inline TROUPE_ABI::detail {

template <class Element>
class fixed_list {
public:
    /// Empty, with room for `capacity` elements. The only place that allocates, and may throw.
    explicit fixed_list(std::size_t capacity)
        : first_(static_cast<Element*>(
              ::operator new(capacity * sizeof(Element), std::align_val_t{alignof(Element)}))),
          capacity_(capacity) {}
    ~fixed_list() {
        while (!empty()) pop_back();
        ::operator delete(first_, std::align_val_t{alignof(Element)});
    }
    fixed_list(fixed_list const&) = delete;
    fixed_list& operator=(fixed_list const&) = delete;

    template <class... Arguments>
    Element& emplace_back(Arguments&&... arguments) {
        TROUPE_ASSERT(size_ < capacity_, "a list of fixed size is full");
        auto* const made = new (first_ + size_) Element{static_cast<Arguments&&>(arguments)...};
        ++size_;
        return *made;
    }
    void push_back(Element element) { emplace_back(static_cast<Element&&>(element)); }
    void pop_back() noexcept { first_[--size_].~Element(); }

    Element&       back() noexcept { return first_[size_ - 1]; }
    Element&       operator[](std::size_t i) noexcept { return first_[i]; }
    Element const& operator[](std::size_t i) const noexcept { return first_[i]; }
    Element*       begin() noexcept { return first_; }
    Element*       end() noexcept { return first_ + size_; }
    std::size_t    size() const noexcept { return size_; }
    bool           empty() const noexcept { return size_ == 0; }

private:
    Element* const    first_;
    std::size_t const capacity_;
    std::size_t       size_ = 0;
};

}  // namespace troupe::inline TROUPE_ABI::detail
