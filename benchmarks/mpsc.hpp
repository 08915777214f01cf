// SPDX-License-Identifier: BSL-1.0
#pragma once

// The queue that no mailbox for many senders is faster than: nodes that are there already, one
// atomic exchange per message. After D. Vyukov's intrusive MPSC queue (2010).

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace troupe_bench {

/// A node of `Bytes` bytes.
template <std::size_t Bytes>
struct mpsc_node {
    std::atomic<mpsc_node*> next{nullptr};
    std::uint64_t           value = 0;
    std::byte               rest[Bytes - 16] = {};
};

template <class Node>
class mpsc_queue {
public:
    mpsc_queue() : last_(&stub_), first_(&stub_) {}

    void push(Node* n) {
        n->next.store(nullptr, std::memory_order_relaxed);
        Node* const before = last_.exchange(n, std::memory_order_acq_rel);
        before->next.store(n, std::memory_order_release);
    }
    /// The one receiver; null when there is nothing, or the next is not linked yet.
    Node* pop() {
        Node* n = first_;
        Node* after = n->next.load(std::memory_order_acquire);
        if (n == &stub_) {
            if (after == nullptr) return nullptr;
            first_ = n = after;
            after = n->next.load(std::memory_order_acquire);
        }
        if (after == nullptr) {
            if (n != last_.load(std::memory_order_acquire)) return nullptr;
            push(&stub_);
            after = n->next.load(std::memory_order_acquire);
            if (after == nullptr) return nullptr;
        }
        first_ = after;
        return n;
    }

private:
    alignas(128) std::atomic<Node*> last_;
    alignas(128) Node* first_;
    alignas(128) Node stub_;
};

}  // namespace troupe_bench
