// SPDX-License-Identifier: BSL-1.0
#pragma once

// Coroutines inside actors. A handler that returns `task<Reply>` may co_await asks and other tasks;
// while it is suspended the actor handles no other message (exclusive). Frames lie in pool blocks.
// More: docs/design/0005-asks.md

#include <coroutine>
#include <cstddef>
#include <exception>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

#include "troupe/actor/asking.hpp"
#include "troupe/actor/fiber.hpp"
#include "troupe/config/exceptions.hpp"

namespace troupe::inline TROUPE_ABI {
namespace detail {

/// What stands before a coroutine frame, so that it finds its way back.
struct alignas(16) frame_head {
    core*        owner;  // null: from the heap, outside of every actor
    std::uint8_t size_class;
};

inline void* allocate_frame(std::size_t bytes) noexcept {
    std::size_t const whole = bytes + sizeof(frame_head);
    worker* const     w = this_thread.on;
    frame_head        head{nullptr, no_size_class};
    void*             memory = nullptr;
    if (w != nullptr) {
        head = {&w->owner, size_class_of(whole)};
        memory = w->owner.take_block(w, head.size_class);
    } else {
        memory = ::operator new(whole, std::align_val_t{16}, std::nothrow);
    }
    if (memory == nullptr) return nullptr;
    return new (memory) frame_head{head} + 1;
}

inline void free_frame(void* frame) noexcept {
    auto* const      at = static_cast<frame_head*>(frame) - 1;
    frame_head const head = *at;
    if (head.owner == nullptr) {
        ::operator delete(at, std::align_val_t{16});
        return;
    }
    worker* const w = this_thread.on;
    head.owner->give_block(w != nullptr && &w->owner == head.owner ? w : nullptr, at,
                           head.size_class);
}

/// The part of a promise that does not depend on its result.
class promise_base {
public:
    static void* operator new(std::size_t bytes, std::nothrow_t const&) noexcept {
        return allocate_frame(bytes);
    }
    static void* operator new(std::size_t bytes) noexcept { return allocate_frame(bytes); }
    static void  operator delete(void* frame, std::size_t) noexcept { free_frame(frame); }

    std::suspend_always initial_suspend() const noexcept { return {}; }

    struct final_awaiter {
        bool await_ready() const noexcept { return false; }
        template <class Promise>
        void await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
            promise_base& p = ended.promise();
            if (p.parent_waits_) p.root->leaf = p.parent_;
        }
        void await_resume() const noexcept {}
    };
    final_awaiter final_suspend() const noexcept { return {}; }

    void unhandled_exception() noexcept {
#if TROUPE_HAS_EXCEPTIONS
        error = std::current_exception();
#endif
    }

    /// Called by a parent that found its child suspended.
    void wait_for_me(std::coroutine_handle<> parent) noexcept {
        parent_ = parent;
        parent_waits_ = true;
    }

    fiber*             root = nullptr;
    fiber              own;    // used by the outermost only
    std::exception_ptr error;  // what ended the coroutine

private:
    std::coroutine_handle<> parent_;
    bool                    parent_waits_ = false;
};

template <class Promise>
inline constexpr bool awaited_inside_a_task = std::is_base_of_v<promise_base, Promise>;

template <class Reply>
class promise_of : public promise_base {
public:
    task<Reply>        get_return_object() noexcept;
    static task<Reply> get_return_object_on_allocation_failure() noexcept;
    template <class Value>
        requires std::is_constructible_v<Reply, Value>
    void return_value(Value&& value) {
        result_.emplace(std::forward<Value>(value));
    }
    Reply take() { return std::move(*result_); }

private:
    std::optional<Reply> result_;
};

template <>
class promise_of<void> : public promise_base {
public:
    task<void>        get_return_object() noexcept;
    static task<void> get_return_object_on_allocation_failure() noexcept;
    void              return_void() noexcept {}
    void              take() noexcept {}
};

}  // namespace detail

/// A coroutine that runs inside an actor: the return type of a handler, or of a function that a
/// handler awaits. It starts when it is awaited (a handler: at once). It belongs to the thread that
/// runs the actor, and ends with the actor at the latest.
template <class Reply>
class [[nodiscard("troupe: a task begins when it is awaited; co_await it")]] task {
public:
    using promise_type = detail::promise_of<Reply>;
    using handle_type = std::coroutine_handle<promise_type>;

    task(task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
    task& operator=(task&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~task() {
        if (handle_) handle_.destroy();
    }

    class awaiter {
    public:
        explicit awaiter(handle_type child) noexcept : child_(child) {}
        bool await_ready() const noexcept { return !child_; }
        template <class Promise>
        bool await_suspend(std::coroutine_handle<Promise> parent) const noexcept {
            static_assert(detail::awaited_inside_a_task<Promise>,
                          "troupe: a task can be awaited only inside a task; make the function "
                          "that awaits it "
                          "return troupe::task<...>");
            child_.promise().root = parent.promise().root;
            child_.resume();
            if (child_.done()) return false;  // it never waited: go on without leaving the stack
            child_.promise().wait_for_me(parent);
            return true;
        }
        Reply await_resume() const {
#if TROUPE_HAS_EXCEPTIONS
            if (!child_) throw ask_error{ask_errc::frame_too_large};
            if (child_.promise().error) std::rethrow_exception(child_.promise().error);
#endif
            return child_.promise().take();
        }

    private:
        handle_type child_;
    };
    awaiter operator co_await() && noexcept { return awaiter{handle_}; }

private:
    friend promise_type;
    template <class, class>
    friend struct detail::handlers_of;
    friend struct detail::hook_coroutine;
    explicit task(handle_type handle) noexcept : handle_(handle) {}

    handle_type handle_;  // null: there was no memory for the frame
};

namespace detail {

template <class Reply>
task<Reply> promise_of<Reply>::get_return_object() noexcept {
    return task<Reply>{std::coroutine_handle<promise_of>::from_promise(*this)};
}
template <class Reply>
task<Reply> promise_of<Reply>::get_return_object_on_allocation_failure() noexcept {
    return task<Reply>{nullptr};
}
inline task<void> promise_of<void>::get_return_object() noexcept {
    return task<void>{std::coroutine_handle<promise_of>::from_promise(*this)};
}
inline task<void> promise_of<void>::get_return_object_on_allocation_failure() noexcept {
    return task<void>{nullptr};
}

/// Begins the outermost coroutine of a handler or a hook, until it waits or has ended.
template <class Reply>
fiber& run_as_fiber(std::coroutine_handle<promise_of<Reply>> outermost) {
    auto&  promise = outermost.promise();
    fiber& f = promise.own;
    promise.root = &f;
    f.outermost = outermost;
    f.leaf = outermost;
    f.run();
    return f;
}

template <class Type>
inline constexpr bool is_task = false;
template <class Reply>
inline constexpr bool is_task<task<Reply>> = true;

}  // namespace detail
}  // namespace troupe::inline TROUPE_ABI
