// SPDX-License-Identifier: BSL-1.0
#pragma once

// Things by number. They hang in the table by a link of their own, so that nothing is allocated
// when one comes or goes; the table itself grows with the most there ever were.

#include <cstddef>
#include <cstdint>
#include <new>

#include "troupe/config/abi.hpp"
#include "troupe/config/hints.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// `Item` has `std::uint64_t id` and `Item* next`. One thread at a time. It owns nothing.
template <class Item>
class id_map {
public:
    id_map() noexcept = default;
    id_map(id_map const&) = delete;
    id_map& operator=(id_map const&) = delete;
    ~id_map() {
        if (buckets_ != few_) ::operator delete(buckets_);
    }

    void add(Item& item) noexcept {
        if (size_ >= 2 * room_) grow();
        Item*& first = buckets_[place_of(item.id)];
        item.next = first;
        first = &item;
        ++size_;
    }
    Item* find(std::uint64_t id) const noexcept {
        return find(id, [](Item const&) { return true; });
    }
    /// The one of those with this number for which `wants(item)` is true.
    template <class Wants>
    Item* find(std::uint64_t id, Wants const& wants) const noexcept {
        for (Item* i = buckets_[place_of(id)]; i != nullptr; i = i->next) {
            if (i->id == id && wants(*i)) return i;
        }
        return nullptr;
    }
    /// Takes out this very one. False: it is not here.
    bool remove(Item& item) noexcept {
        for (Item** at = &buckets_[place_of(item.id)]; *at != nullptr; at = &(*at)->next) {
            if (*at != &item) continue;
            *at = item.next;
            --size_;
            return true;
        }
        return false;
    }
    /// Takes it out; null: it is not here.
    Item* take(std::uint64_t id) noexcept {
        for (Item** at = &buckets_[place_of(id)]; *at != nullptr; at = &(*at)->next) {
            Item* const found = *at;
            if (found->id != id) continue;
            *at = found->next;
            --size_;
            return found;
        }
        return nullptr;
    }
    /// Takes out those for which `wants(item)` is true, and gives each to `give(item)`.
    template <class Wants, class Give>
    void take_if(Wants const& wants, Give const& give) {
        for (std::size_t i = 0; i < room_; ++i) {
            for (Item** at = &buckets_[i]; *at != nullptr;) {
                Item* const item = *at;
                if (!wants(*item)) {
                    at = &item->next;
                    continue;
                }
                *at = item->next;
                --size_;
                give(*item);
            }
        }
    }
    template <class Call>
    void for_each(Call const& call) const {
        for (std::size_t i = 0; i < room_; ++i) {
            for (Item* item = buckets_[i]; item != nullptr;) {
                Item* const next = item->next;
                call(*item);
                item = next;
            }
        }
    }
    std::size_t size() const noexcept { return size_; }

private:
    static constexpr std::size_t few = 8;

    std::size_t place_of(std::uint64_t id) const noexcept {
        // Fibonacci hashing (D. Knuth, The Art of Computer Programming 3, 6.4)
        return static_cast<std::size_t>((id * 0x9e3779b97f4a7c15u) >> 32) & (room_ - 1);
    }
    /// Without memory for it the table stays as it is, and chains get longer.
    TROUPE_COLD void grow() noexcept {
        std::size_t const room = room_ * 4;
        auto* const more = static_cast<Item**>(::operator new(room * sizeof(Item*), std::nothrow));
        if (more == nullptr) return;
        for (std::size_t i = 0; i < room; ++i) more[i] = nullptr;
        Item** const      old = buckets_;
        std::size_t const old_room = room_;
        buckets_ = more;
        room_ = room;
        for (std::size_t i = 0; i < old_room; ++i) {
            while (Item* const item = old[i]) {
                old[i] = item->next;
                Item*& first = buckets_[place_of(item->id)];
                item->next = first;
                first = item;
            }
        }
        if (old != few_) ::operator delete(old);
    }

    Item*       few_[few] = {};
    Item**      buckets_ = few_;
    std::size_t room_ = few;  // a power of two
    std::size_t size_ = 0;
};

}  // namespace troupe::inline TROUPE_ABI::detail
