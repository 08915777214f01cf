// SPDX-License-Identifier: BSL-1.0

// What do the operations cost that nobody who passes messages between threads gets around? See
// ../README.md.

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "../config.hpp"

namespace {

using namespace troupe_bench;

template <class Operation>
void add(char const* name, std::uint64_t count, Operation operation) {
    measure(std::string{"limits/"} + name + "/limit", share(count), [=](std::uint64_t times) {
        stopwatch const watch;
        for (std::uint64_t i = 0; i < times; ++i) operation(i);
        return watch.seconds();
    });
}

alignas(128) std::atomic<std::uint64_t> word{0};
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/// With a second thread in the process: before there is one, glibc locks more cheaply.
double lock_and_unlock(std::uint64_t times) {
    std::atomic<bool> over{false};
    std::thread       other{[&] { over.wait(false); }};
    stopwatch const   watch;
    for (std::uint64_t i = 0; i < times; ++i) {
        pthread_mutex_lock(&mutex);
        pthread_mutex_unlock(&mutex);
    }
    double const seconds = watch.seconds();
    over = true;
    over.notify_one();
    other.join();
    return seconds;
}

/// malloc here, free there, in batches that are handed over whole.
double malloc_here_free_there(std::uint64_t times) {
    constexpr std::size_t   batch = 256;
    static void*            blocks[2][batch];
    static std::atomic<int> full[2];
    std::uint64_t const     rounds = times / batch + 1;
    full[0] = full[1] = 0;
    std::thread     other{[&] {
        for (std::uint64_t r = 0; r < rounds; ++r) {
            auto& mine = full[r % 2];
            while (mine.load(std::memory_order_acquire) == 0) std::this_thread::yield();
            for (void* block : blocks[r % 2]) std::free(block);
            mine.store(0, std::memory_order_release);
        }
    }};
    stopwatch const watch;
    for (std::uint64_t r = 0; r < rounds; ++r) {
        auto& mine = full[r % 2];
        while (mine.load(std::memory_order_acquire) != 0) std::this_thread::yield();
        for (void*& block : blocks[r % 2]) block = std::malloc(64);
        mine.store(1, std::memory_order_release);
    }
    other.join();
    return watch.seconds() * static_cast<double>(times) / static_cast<double>(rounds * batch);
}

[[maybe_unused]] bool const added = [] {
    add("fetch_add", 20'000'000, [](std::uint64_t) { word.fetch_add(1); });
    add("exchange", 20'000'000,
        [](std::uint64_t i) { benchmark::DoNotOptimize(word.exchange(i)); });
    add("compare_exchange", 20'000'000, [](std::uint64_t) {
        std::uint64_t old = word.load(std::memory_order_relaxed);
        word.compare_exchange_strong(old, old + 1);
    });
    add("steady_clock", 5'000'000,
        [](std::uint64_t) { benchmark::DoNotOptimize(std::chrono::steady_clock::now()); });
    add("malloc_free_64_bytes", 10'000'000, [](std::uint64_t) {
        void* block = std::malloc(64);
        benchmark::DoNotOptimize(block);
        std::free(block);
    });
    measure("limits/mutex_with_two_threads/limit", share(10'000'000), &lock_and_unlock);
    measure("limits/malloc_here_free_there/limit", share(5'000'000), &malloc_here_free_there);
    return true;
}();

}  // namespace
