// SPDX-License-Identifier: BSL-1.0
#pragma once

// Between a proxy and its link: frames that are ready to be sent, and the asks among them. One
// writes, one reads, neither waits for the other. The link is told once and then takes all there
// is, so that frames gather by themselves while it is busy.
//
//     proxy --> [ chunk ] -> [ chunk ] -> [ chunk, written so far ) --> link
//
// More: docs/design/0009-plug-in-points-and-remoting.md

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <utility>

#include "troupe/actor/asking.hpp"
#include "troupe/base/bytes.hpp"
#include "troupe/remote/wire_chunk.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// How a channel stands. The link writes it.
enum class channel_phase : std::uint8_t {
    opening,   // the other side was not reached yet: frames gather
    open,      // frames are sent
    down,      // there is no connection: messages are lost, and counted
    nobody,    // the same, because nobody is behind the key
    draining,  // the link ends: nothing more is taken
};

/// An ask that waits for its answer: the slot of the asker, and how an answer gets into it.
struct pending_ask {
    using decoder = bool (*)(byte_reader& from, void* value) noexcept;

    static pending_ask* make(core& home) noexcept {
        void* const memory = home.take_block(worker_of(home), size_class);
        return memory == nullptr ? nullptr : new (memory) pending_ask;
    }
    /// Its outcome is told; it is gone.
    void end(core& home, std::uint32_t outcome) noexcept {
        worker* const w = worker_of(home);
        home.finish(w, *slot, outcome);
        home.give_block(w, this, size_class);
    }

    pending_ask*  next = nullptr;  // in the outbox, then in the link's table
    std::uint64_t id = 0;
    std::uint32_t channel = 0;
    reply_slot*   slot = nullptr;
    decoder       decode = nullptr;

    static constexpr std::uint8_t size_class = size_class_of(64);
};
static_assert(sizeof(pending_ask) <= 64);

class outbox {
public:
    static constexpr std::size_t chunk_bytes = 4096 - sizeof(wire_chunk);
    /// So many bytes gather at the most before the other side has said its window.
    static constexpr std::uint32_t unopened_max = 1u << 16;

    /// Null: there is no memory. It begins with one holder.
    static outbox* make(core& home) noexcept {
        constexpr std::uint8_t size_class = size_class_of(sizeof(outbox));
        void* const            memory = home.take_block(worker_of(home), size_class);
        return memory == nullptr ? nullptr : new (memory) outbox{home};
    }
    outbox(outbox const&) = delete;
    outbox& operator=(outbox const&) = delete;
    void hold() noexcept { holders_.fetch_add(1, memory_order_relaxed); }  // relaxed: by a holder
    void let_go() noexcept {
        // acq_rel: the last one sees what all others did
        if (holders_.fetch_sub(1, memory_order_acq_rel) != 1) return;
        core& home = home_;
        this->~outbox();
        constexpr std::uint8_t size_class = size_class_of(sizeof(outbox));
        home.give_block(worker_of(home), this, size_class);
    }

    // --- the proxy
    /// Where the next frame may be written; at least `least` bytes. Empty: there is no memory.
    std::span<std::byte> place(std::size_t least) noexcept {
        if (tail_ == nullptr || tail_->room() - at_ < least) {
            wire_chunk* const more =
                wire_chunk::take(home_, least > chunk_bytes ? least : chunk_bytes);
            if (more == nullptr) return {};
            // release: pairs with the acquire in collect()
            if (tail_ == nullptr) first_.store(more, memory_order_release);
            else tail_->next.store(more, memory_order_release);
            tail_ = more;
            at_ = 0;
        }
        return {tail_->data() + at_, tail_->room() - at_};
    }
    /// The frame at place() is complete.
    void add(std::size_t bytes) noexcept {
        at_ += static_cast<std::uint32_t>(bytes);
        sent_bytes_ += bytes;
        messages.store(messages.load(memory_order_relaxed) + 1, memory_order_relaxed);
        // seq_cst: pairs with collect(): either it sees these bytes, or must_tell() sees its mark;
        // and what was written before is seen with them
        tail_->written.store(at_, memory_order_seq_cst);
    }
    /// Before the frame of the ask is added.
    void add(pending_ask& one) noexcept {
        // relaxed: the exchange below publishes it
        pending_ask* newest = asks_.load(memory_order_relaxed);
        do {
            one.next = newest;
            // release: pairs with the acquire in take_asks()
        } while (
            !asks_.compare_exchange_weak(newest, &one, memory_order_release, memory_order_relaxed));
    }
    /// After add(): the link does not know yet that there is something.
    bool must_tell() noexcept {
        // seq_cst: pairs with collect()
        return !told_.load(memory_order_seq_cst) && !told_.exchange(true, memory_order_seq_cst);
    }
    /// The link could not be told: there was no memory.
    void not_told() noexcept { told_.store(false, memory_order_seq_cst); }  // seq_cst: as above
    /// More was sent than the other side has room for.
    bool is_over() const noexcept {
        return sent_bytes_ > granted.load(memory_order_acquire);  // acquire: pairs with the link
    }
    std::uint64_t sent_bytes() const noexcept { return sent_bytes_; }

    // --- the link
    /// The asks, in no order. Called after collect(): those whose frames it has given are here.
    pending_ask* take_asks() noexcept {
        // acquire: pairs with the release in add()
        return asks_.load(memory_order_relaxed) == nullptr
                   ? nullptr
                   : asks_.exchange(nullptr, memory_order_acquire);
    }
    /// Calls `take(slice)` for all bytes that are ready, in order.
    template <class Take>
    void collect(Take const& take) noexcept {
        // seq_cst: first "tell me again", then look; pairs with add() and must_tell()
        told_.store(false, memory_order_seq_cst);
        if (head_ == nullptr) {
            // acquire: pairs with the release in place()
            head_ = first_.load(memory_order_acquire);
            if (head_ == nullptr) return;
        }
        for (;;) {
            // acquire: first, so that `written` is final when there is a next one
            wire_chunk* const   next = head_->next.load(memory_order_acquire);
            std::uint32_t const end = head_->written.load(memory_order_seq_cst);
            if (end > taken_) {
                wire_chunk* const   from = head_;
                std::uint32_t const begin = std::exchange(taken_, end);
                from->hold();
                take(wire_slice{from, begin, end});
                // It may have collected the rest itself: a link that is lost meanwhile does.
                if (head_ != from) return;
            }
            if (next == nullptr) return;
            head_->let_go();
            head_ = next;
            taken_ = 0;
        }
    }

    /// How many bytes may be sent in all. The link writes it, the proxy reads it.
    atomic<std::uint64_t> granted{0};
    atomic<channel_phase> phase{channel_phase::opening};
    /// Frames that were added, and messages that were not even that. The proxy writes them.
    atomic<std::uint64_t> messages{0};
    atomic<std::uint64_t> lost{0};

private:
    explicit outbox(core& home) noexcept : home_(home) {}
    ~outbox() {
        for (pending_ask* p = asks_.load(memory_order_relaxed); p != nullptr;) {
            std::exchange(p, p->next)->end(home_, reply_slot::error(ask_errc::link_lost));
        }
        // Nobody else is left; what is between head and tail was not taken.
        wire_chunk* c = head_ != nullptr ? head_ : first_.load(memory_order_relaxed);
        while (c != nullptr) {
            wire_chunk* const next = c->next.load(memory_order_relaxed);
            c->let_go();
            c = next;
        }
    }

    core&                 home_;
    atomic<std::uint32_t> holders_{1};
    atomic<bool>          told_{false};
    atomic<wire_chunk*>   first_{nullptr};  // by the proxy, once
    atomic<pending_ask*>  asks_{nullptr};   // pushed by the proxy, taken by the link
    wire_chunk*           tail_ = nullptr;  // the proxy
    std::uint32_t         at_ = 0;          // the proxy: written so far in `tail_`
    std::uint64_t         sent_bytes_ = 0;  // the proxy
    wire_chunk*           head_ = nullptr;  // the link
    std::uint32_t         taken_ = 0;       // the link: in `head_`
};

}  // namespace troupe::inline TROUPE_ABI::detail
