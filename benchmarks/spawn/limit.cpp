// SPDX-License-Identifier: BSL-1.0

// The limit of spawn: what the heap takes for the memory of an actor, its object and its message.

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
    return true;
}();

}  // namespace
