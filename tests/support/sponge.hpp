// SPDX-License-Identifier: BSL-1.0
#pragma once

// Two joined systems with small pools, and an actor that empties one.

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "support/nodes.hpp"

namespace troupe_test {

struct small_pool : remote_config {
    using pool_type = troupe::fixed_pool<4 * 1024 * 1024>;
};
using small_sides = basic_two_sides<small_pool>;

/// Takes every block that its system has, those that lie ready at its worker too, but for some.
struct soak {
    int leaves;
};
class sponge {
public:
    using protocol = troupe::protocol<void(soak)>;
    /// What it holds: the test gives it back.
    struct held {
        troupe::detail::core*   of = nullptr;
        troupe::detail::worker* at = nullptr;
        struct block {
            void*        memory;
            std::uint8_t size_class;
        };
        std::vector<block> blocks{};
        std::size_t        most = 0;

        void give(std::size_t down_to) {
            for (; blocks.size() > down_to; blocks.pop_back()) {
                of->give_block(at, blocks.back().memory, blocks.back().size_class);
            }
        }
    };
    explicit sponge(held* h) : h_(h) {}
    void on(soak s) {
        h_->at = troupe::detail::this_thread.on;
        h_->of = &h_->at->owner;
        // In turns, as memory stays with the size that it was first given for; many small ones, as
        // some of them stay at the worker when they are given back.
        for (bool found = true; found;) {
            found = false;
            for (std::size_t i = 0; i < troupe::detail::size_classes; ++i) {
                auto const size_class = static_cast<std::uint8_t>(i);
                for (int n = troupe::detail::block_sizes[i] <= 1024 ? 64 : 1; n != 0; --n) {
                    void* const memory = h_->of->take_block(h_->at, size_class);
                    if (memory == nullptr) break;
                    h_->blocks.push_back({memory, size_class});
                    found = true;
                }
            }
        }
        h_->most = std::max(h_->most, h_->blocks.size());
        std::mt19937 chance{static_cast<std::uint32_t>(s.leaves)};
        std::shuffle(h_->blocks.begin(), h_->blocks.end(), chance);
        auto const leaves = static_cast<std::size_t>(s.leaves);
        h_->give(h_->blocks.size() > leaves ? h_->blocks.size() - leaves : 0);
    }

private:
    held* h_;
};

}  // namespace troupe_test
