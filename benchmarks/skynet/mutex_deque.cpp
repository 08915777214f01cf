// SPDX-License-Identifier: BSL-1.0

// skynet by hand: two threads take jobs from one mailbox; a node is a small object with a lock.

#include <future>

#include "../config.hpp"
#include "../mutex_deque.hpp"

namespace {

using namespace troupe_bench;

struct node {
    node*         up;
    std::uint64_t number;
    std::uint64_t size;
    std::mutex    mutex{};
    std::uint64_t total = 0;
    int           heard = 0;
};

class skynet {
public:
    explicit skynet(unsigned threads) : crew_(threads) {}
    std::uint64_t sum(std::uint64_t leaves) {
        auto* const root = new node{nullptr, 0, leaves};
        crew_.run([this, root] { grow(root); });
        return sum_.get_future().get();
    }

private:
    void grow(node* n) {
        if (n->size == 1) {
            node* const up = n->up;
            auto const  number = n->number;
            delete n;
            tell(up, number);
            return;
        }
        for (std::uint64_t i = 0; i < 10; ++i) {
            auto const  part = n->size / 10;
            auto* const child = new node{n, n->number + i * part, part};
            crew_.run([this, child] { grow(child); });
        }
    }
    void tell(node* n, std::uint64_t value) {
        while (n != nullptr) {
            {
                std::lock_guard const held{n->mutex};
                n->total += value;
                if (++n->heard < 10) return;
            }
            value = n->total;
            node* const up = n->up;
            delete n;
            n = up;
        }
        sum_.set_value(value);
    }

    std::promise<std::uint64_t> sum_;
    crew                        crew_;
};

[[maybe_unused]] bool const added = [] {
    // A power of ten, so that the tree is complete.
    std::uint64_t const leaves = whole(counts::leaves, 1000);
    measure("skynet/whole/mutex_deque_2", 1, [=](std::uint64_t) {
        skynet              s{2};
        stopwatch const     watch;
        std::uint64_t const sum = s.sum(leaves);
        double const        seconds = watch.seconds();
        require_count("skynet mutex_deque", sum, leaves * (leaves - 1) / 2);
        return seconds;
    });
    return true;
}();

}  // namespace
