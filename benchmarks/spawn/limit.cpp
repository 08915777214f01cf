// SPDX-License-Identifier: BSL-1.0

// The limits of spawn: what the heap takes for the memory of an actor, its object and its message;
// and what the operating system takes for the memory of actors that stay, when it is first touched.

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>

#include "../config.hpp"

namespace {

using namespace troupe_bench;

[[maybe_unused]] bool const added = [] {
    measure("spawn/lifecycle/limit_malloc", share(10 * counts::actors), [](std::uint64_t actors) {
        stopwatch const watch;
        for (std::uint64_t i = 0; i < actors; ++i) {
            void* blocks[] = {std::malloc(192), std::malloc(32), std::malloc(32)};
            for (void*& block : blocks) benchmark::DoNotOptimize(block);
            for (void* block : blocks) std::free(block);
        }
        return watch.seconds();
    });
    measure("spawn/idle/limit_first_touch", share(counts::actors), [](std::uint64_t actors) {
        constexpr std::size_t bytes_per_actor = 224;
        std::size_t const     bytes = actors * bytes_per_actor;
        stopwatch const       watch;
        void* const           memory =
            mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) std::abort();
        for (std::size_t i = 0; i < bytes; i += 64) static_cast<char volatile*>(memory)[i] = 1;
        double const seconds = watch.seconds();
        munmap(memory, bytes);
        return seconds;
    });
    return true;
}();

}  // namespace
