// SPDX-License-Identifier: BSL-1.0
#pragma once

// Threads, without exceptions: one that cannot be started says so.

#include <cstdint>
#include <new>
#include <utility>

#include "troupe/config/abi.hpp"

#if defined(TROUPE_MODEL)
#include "troupe/sync/model_checker.hpp"
#elif TROUPE_HAS_POSIX
#include <pthread.h>
#else
#include <system_error>
#include <thread>
#endif

namespace troupe::inline TROUPE_ABI::detail {

#if defined(TROUPE_MODEL)

inline std::uintptr_t this_thread_number() noexcept { return 1 + rl::thread_index(); }

/// The threads of a model are those of its test: what is started waits here for one of them.
class os_thread {
public:
    using function_type = void (*)(void*) noexcept;
    struct work {
        function_type function;
        void*         argument;
    };
    static inline work     started[8] = {};
    static inline unsigned started_count = 0;

    bool start(function_type function, void* argument) noexcept {
        started[started_count++] = {function, argument};
        return running_ = true;
    }
    bool running() const noexcept { return running_; }
    void join() noexcept { running_ = false; }
    void let_go() noexcept { running_ = false; }

private:
    bool running_ = false;
};

#else

/// A number for the calling thread, unique among living threads.
inline std::uintptr_t this_thread_number() noexcept {
    static thread_local constinit char mark = 0;
    return reinterpret_cast<std::uintptr_t>(&mark);
}

/// A thread that runs `function(argument)`. Joined or let go before it is destroyed.
class os_thread {
public:
    using function_type = void (*)(void*) noexcept;

    os_thread() noexcept = default;
    os_thread(os_thread&& other) noexcept
        : native_(std::move(other.native_)), running_(std::exchange(other.running_, false)) {}
    os_thread& operator=(os_thread&&) = delete;

    /// False when the operating system has no thread left.
    bool start(function_type function, void* argument) noexcept {
#if TROUPE_HAS_POSIX
        // The two words travel in one block: the new thread takes it.
        auto* const todo = new (std::nothrow) work{function, argument};
        if (todo == nullptr) return false;
        running_ = pthread_create(&native_, nullptr, &run, todo) == 0;
        if (!running_) delete todo;
#else
        try {
            native_ = std::thread{function, argument};
            running_ = true;
        } catch (std::system_error const&) { running_ = false; }
#endif
        return running_;
    }
    bool running() const noexcept { return running_; }
    void join() noexcept {
#if TROUPE_HAS_POSIX
        pthread_join(native_, nullptr);
#else
        native_.join();
#endif
        running_ = false;
    }
    /// Nobody will join it.
    void let_go() noexcept {
#if TROUPE_HAS_POSIX
        pthread_detach(native_);
#else
        native_.detach();
#endif
        running_ = false;
    }

private:
#if TROUPE_HAS_POSIX
    struct work {
        function_type function;
        void*         argument;
    };
    static void* run(void* todo) {
        work const mine = *static_cast<work*>(todo);
        delete static_cast<work*>(todo);
        mine.function(mine.argument);
        return nullptr;
    }
    pthread_t native_{};
#else
    std::thread native_;
#endif
    bool running_ = false;
};

#endif

}  // namespace troupe::inline TROUPE_ABI::detail
