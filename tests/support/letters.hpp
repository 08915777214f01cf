// SPDX-License-Identifier: BSL-1.0
#pragma once

// Messages without a pool, for tests of the mailbox kernels.

#include "troupe/mailbox/inbox.hpp"

#include <deque>
#include <vector>

namespace troupe_test {

struct alignas(16) letter : troupe::detail::node {
    int           from = 0;
    std::uint32_t number = 0;
};

/// A mailbox of one kernel with its owner's side, as a cell has it.
template <class Kernel>
struct letter_box {
    using atomic_number = troupe::detail::atomic<std::uint64_t>;

    troupe::detail::inbox box;
    atomic_number         incarnation{1};
    troupe::detail::node* head = nullptr;
    std::uint32_t         unfolded = 0;
    std::deque<letter>    letters;  // stay where they are

    explicit letter_box(bool idle = true) { Kernel::open(box, idle); }

    letter& make(std::uint32_t number, std::uint64_t target = 1) {
        letter& l = letters.emplace_back();
        l.number = number;
        l.target = target;
        return l;
    }
    troupe::detail::push_result
    push(letter& l, std::uint32_t capacity = 0xffff'ffff,
         troupe::detail::at_capacity rule = troupe::detail::at_capacity::admit) {
        return Kernel::push(box, l, capacity, rule, incarnation);
    }
    troupe::detail::push_result
    push(std::uint32_t number, std::uint32_t capacity = 0xffff'ffff,
         troupe::detail::at_capacity rule = troupe::detail::at_capacity::admit) {
        return push(make(number), capacity, rule);
    }
    letter* front() { return static_cast<letter*>(Kernel::front(box, head)); }
    /// True when the mailbox went idle.
    bool retire(bool may_idle = false) { return Kernel::retire(box, head, unfolded, may_idle); }

    /// The numbers of all that is queued, taken out.
    std::vector<std::uint32_t> drain() {
        std::vector<std::uint32_t> numbers;
        while (letter* const l = front()) {
            numbers.push_back(l->number);
            ++unfolded;
            Kernel::fold(box, unfolded);
            retire();
        }
        return numbers;
    }
    static std::vector<std::uint32_t> numbers_of(troupe::detail::node* chain) {
        std::vector<std::uint32_t> numbers;
        for (; chain != nullptr; chain = chain->next.load(troupe::detail::memory_order_relaxed)) {
            numbers.push_back(static_cast<letter*>(chain)->number);
        }
        return numbers;
    }
};

}  // namespace troupe_test
