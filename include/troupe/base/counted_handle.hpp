// SPDX-License-Identifier: BSL-1.0
#pragma once

// A counted thing that only a room above knows: so that an error of this room can carry one.

#include <utility>

#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// Any thread may use any copy; what is counted must allow that.
class counted_handle {
public:
    struct operations {
        void (*hold)(void*) noexcept;
        void (*let_go)(void*) noexcept;
    };

    /// Nothing.
    constexpr counted_handle() noexcept = default;
    /// Holds `what` too. Null is nothing.
    counted_handle(void* what, operations const& by) noexcept : what_(what), by_(&by) { hold(); }
    counted_handle(counted_handle const& other) noexcept : what_(other.what_), by_(other.by_) {
        hold();
    }
    counted_handle(counted_handle&& other) noexcept
        : what_(std::exchange(other.what_, nullptr)), by_(other.by_) {}
    // Not one that takes a value: for `h = {}` in a template clang 16 does not destroy it.
    counted_handle& operator=(counted_handle const& other) noexcept {
        return *this = counted_handle{other};
    }
    counted_handle& operator=(counted_handle&& other) noexcept {
        counted_handle taken{std::move(other)};
        std::swap(what_, taken.what_);
        std::swap(by_, taken.by_);
        return *this;
    }
    ~counted_handle() {
        if (what_ != nullptr) by_->let_go(what_);
    }

    void* get() const noexcept { return what_; }

private:
    void hold() const noexcept {
        if (what_ != nullptr) by_->hold(what_);
    }

    void*             what_ = nullptr;
    operations const* by_ = nullptr;
};

}  // namespace troupe::inline TROUPE_ABI::detail
