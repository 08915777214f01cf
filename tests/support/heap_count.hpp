// SPDX-License-Identifier: BSL-1.0
#pragma once

// Counts every allocation of the program. For one file per executable: it replaces the global
// operator new and delete, and where the C library lets it (glibc), malloc and its family too, so
// that nothing is hidden behind them.

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TROUPE_TEST_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TROUPE_TEST_SANITIZED 1
#endif
#endif

namespace troupe_test {

inline std::atomic<std::uint64_t> heap_calls{0};
inline std::atomic<std::size_t>   heap_largest{0};  // bytes that were asked for at once
inline void                       count_heap(std::size_t bytes = 0) noexcept {
    heap_calls.fetch_add(1, std::memory_order_relaxed);
    std::size_t most = heap_largest.load(std::memory_order_relaxed);
    while (most < bytes &&
           !heap_largest.compare_exchange_weak(most, bytes, std::memory_order_relaxed)) {}
}

}  // namespace troupe_test

#if defined(__GLIBC__) && !defined(TROUPE_TEST_SANITIZED)

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void  __libc_free(void*);

void* malloc(std::size_t n) {
    troupe_test::count_heap(n);
    return __libc_malloc(n);
}
void* calloc(std::size_t n, std::size_t size) {
    troupe_test::count_heap(n * size);
    return __libc_calloc(n, size);
}
void* realloc(void* p, std::size_t n) {
    troupe_test::count_heap(n);
    return __libc_realloc(p, n);
}
void* aligned_alloc(std::size_t alignment, std::size_t n) {
    troupe_test::count_heap(n);
    return __libc_memalign(alignment, n);
}
int posix_memalign(void** out, std::size_t alignment, std::size_t n) {
    troupe_test::count_heap(n);
    *out = __libc_memalign(alignment, n);
    return *out == nullptr ? ENOMEM : 0;
}
void free(void* p) {
    if (p != nullptr) troupe_test::count_heap();
    __libc_free(p);
}
}

#else

void* operator new(std::size_t n) {
    troupe_test::count_heap(n);
    if (void* const p = std::malloc(n == 0 ? 1 : n)) return p;
    throw std::bad_alloc{};
}
void* operator new(std::size_t n, std::align_val_t alignment) {
    troupe_test::count_heap(n);
    auto const a = static_cast<std::size_t>(alignment);
    if (void* const p = std::aligned_alloc(a, (n + a - 1) / a * a)) return p;
    throw std::bad_alloc{};
}
void operator delete(void* p) noexcept {
    troupe_test::count_heap();
    std::free(p);
}
void operator delete(void* p, std::size_t) noexcept { operator delete(p); }
void operator delete(void* p, std::align_val_t) noexcept { operator delete(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { operator delete(p); }

#endif
