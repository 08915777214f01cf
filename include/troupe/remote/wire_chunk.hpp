// SPDX-License-Identifier: BSL-1.0
#pragma once

// Memory for bytes that go over a wire or came from one: a block of the pool of the system, or of
// the heap where it is larger than every block. Written by one, then read by several.

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <utility>

#include "troupe/actor/core.hpp"
#include "troupe/actor/worker.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/memory/size_class.hpp"
#include "troupe/sync/atomic.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// The worker of `home` that runs on this thread, or null.
inline worker* worker_of(core const& home) noexcept {
    worker* const w = this_thread.on;
    return w != nullptr && &w->owner == &home ? w : nullptr;
}

class alignas(16) wire_chunk {
public:
    /// At least `bytes` of room; null: there is no memory. It begins with one holder.
    static wire_chunk* take(core& home, std::size_t bytes) noexcept {
        std::size_t const  whole = bytes + sizeof(wire_chunk);
        std::uint8_t const size_class = size_class_of(whole);
        if (size_class == no_size_class) {
            void* const memory = ::operator new(whole, std::align_val_t{16}, std::nothrow);
            return memory == nullptr ? nullptr : new (memory) wire_chunk{home, size_class, bytes};
        }
        void* const memory = home.take_block(worker_of(home), size_class);
        if (memory == nullptr) return nullptr;
        return new (memory)
            wire_chunk{home, size_class, block_sizes[size_class] - sizeof(wire_chunk)};
    }
    wire_chunk(wire_chunk const&) = delete;
    wire_chunk& operator=(wire_chunk const&) = delete;

    std::byte*  data() noexcept { return reinterpret_cast<std::byte*>(this + 1); }
    std::size_t room() const noexcept { return room_; }

    // relaxed: who adds a holder is one
    void hold() noexcept { holders_.fetch_add(1, memory_order_relaxed); }
    void let_go() noexcept {
        // acq_rel: the last one sees what all others did
        if (holders_.fetch_sub(1, memory_order_acq_rel) != 1) return;
        if (size_class_ == no_size_class) ::operator delete(this, std::align_val_t{16});
        else home_.give_block(worker_of(home_), this, size_class_);
    }

    /// Whether somebody but the caller holds it.
    bool is_shared() const noexcept {
        return holders_.load(memory_order_acquire) != 1;  // acquire: what the others did is done
    }

    /// For outboxes: how much is written, and what comes after it. By the one that writes.
    atomic<std::uint32_t> written{0};
    atomic<wire_chunk*>   next{nullptr};

private:
    wire_chunk(core& home, std::uint8_t size_class, std::size_t room) noexcept
        : home_(home), room_(static_cast<std::uint32_t>(room)), size_class_(size_class) {}
    ~wire_chunk() = default;

    core&                 home_;
    std::uint32_t const   room_;
    atomic<std::uint32_t> holders_{1};
    std::uint8_t const    size_class_;
};

/// A part of a chunk, which it holds. One thread at a time.
class wire_slice {
public:
    wire_slice() noexcept = default;
    /// Takes over one holder of the chunk.
    wire_slice(wire_chunk* chunk, std::size_t begin, std::size_t end) noexcept
        : chunk_(chunk),
          begin_(static_cast<std::uint32_t>(begin)),
          end_(static_cast<std::uint32_t>(end)) {}
    wire_slice(wire_slice&& other) noexcept
        : chunk_(std::exchange(other.chunk_, nullptr)),
          begin_(other.begin_),
          end_(other.end_),
          is_answer_(other.is_answer_) {}
    wire_slice& operator=(wire_slice&& other) noexcept {
        std::swap(chunk_, other.chunk_);
        begin_ = other.begin_;
        end_ = other.end_;
        is_answer_ = other.is_answer_;
        return *this;
    }
    ~wire_slice() {
        if (chunk_ != nullptr) chunk_->let_go();
    }

    std::span<std::byte const> bytes() const noexcept {
        return chunk_ == nullptr ? std::span<std::byte const>{}
                                 : std::span<std::byte const>{chunk_->data() + begin_, size()};
    }
    std::size_t size() const noexcept { return end_ - begin_; }
    wire_chunk* chunk() const noexcept { return chunk_; }
    /// The first bytes are done with.
    void drop_front(std::size_t bytes) noexcept { begin_ += static_cast<std::uint32_t>(bytes); }
    /// An answer is counted: of one who asks and does not read there are no more than so many.
    bool is_answer() const noexcept { return is_answer_; }
    void mark_answer() noexcept { is_answer_ = true; }
    /// What follows it in its chunk belongs to it, too.
    void grow(std::size_t end) noexcept { end_ = static_cast<std::uint32_t>(end); }
    bool ends_at(wire_chunk const* chunk, std::size_t at) const noexcept {
        return chunk_ == chunk && end_ == at;
    }

private:
    wire_chunk*   chunk_ = nullptr;
    std::uint32_t begin_ = 0;
    std::uint32_t end_ = 0;
    bool          is_answer_ = false;
};

/// First in, first out. Memory grows to the most that was ever waiting and is used again. One
/// thread at a time.
class slice_queue {
public:
    slice_queue() noexcept = default;
    slice_queue(slice_queue const&) = delete;
    slice_queue& operator=(slice_queue const&) = delete;
    ~slice_queue() {
        clear();
        ::operator delete(slots_, std::align_val_t{alignof(wire_slice)});
    }

    /// False: there is no memory, and the slice is gone.
    bool push(wire_slice slice) noexcept {
        if (size_ == room_ && !grow()) return false;
        new (&slots_[(first_ + size_) & (room_ - 1)]) wire_slice{std::move(slice)};
        ++size_;
        return true;
    }
    wire_slice& operator[](std::size_t at) noexcept { return slots_[(first_ + at) & (room_ - 1)]; }
    wire_slice& back() noexcept { return (*this)[size_ - 1]; }
    void        pop() noexcept {
        slots_[first_].~wire_slice();
        first_ = (first_ + 1) & (room_ - 1);
        --size_;
    }
    bool        empty() const noexcept { return size_ == 0; }
    std::size_t size() const noexcept { return size_; }
    void        clear() noexcept {
        while (!empty()) pop();
    }

private:
    TROUPE_COLD bool grow() noexcept {
        std::size_t const room = room_ == 0 ? 16 : room_ * 2;
        auto* const       more = static_cast<wire_slice*>(::operator new(
            room * sizeof(wire_slice), std::align_val_t{alignof(wire_slice)}, std::nothrow));
        if (more == nullptr) return false;
        for (std::size_t i = 0; i < size_; ++i) {
            new (&more[i]) wire_slice{std::move((*this)[i])};
            (*this)[i].~wire_slice();
        }
        ::operator delete(slots_, std::align_val_t{alignof(wire_slice)});
        slots_ = more;
        room_ = room;
        first_ = 0;
        return true;
    }

    wire_slice* slots_ = nullptr;
    std::size_t room_ = 0;  // a power of two, or nothing
    std::size_t first_ = 0;
    std::size_t size_ = 0;
};

}  // namespace troupe::inline TROUPE_ABI::detail
