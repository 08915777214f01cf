// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/ties.hpp"

#include "support/catch.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <new>
#include <vector>

namespace test_ties {

using namespace troupe::detail;

ranked_mutex<rank::watches> of_a_system;

/// A table in memory of its own.
class table_of {
public:
    explicit table_of(std::uint32_t heads)
        : memory_(sizeof(tie_table) + heads * sizeof(tie*) + 15),
          table_(new(memory_.data()) tie_table{heads}) {}
    tie_table* operator->() { return table_; }
    tie_table& operator*() { return *table_; }

private:
    std::vector<std::max_align_t> memory_;
    tie_table*                    table_;
};

std::deque<tie> ties_of(std::uint64_t first, int count, tie_kind kind = tie_kind::watch) {
    std::deque<tie> all;
    for (int i = 0; i < count; ++i) {
        all.emplace_back(kind, nullptr, first + static_cast<std::uint64_t>(i));
    }
    return all;
}

TEST_CASE("each size of a table fills a block") {
    std::uint32_t heads = tie_table::heads_min;
    for (;;) {
        CHECK(block_sizes[tie_table::size_class(heads)] == 8 + heads * sizeof(tie*));
        if (heads == tie_table::heads_max) break;
        heads = heads * 4 + 3;
    }
    CHECK(block_sizes[tie_table::size_class(tie_table::heads_max)] == block_bytes_max);
}

TEST_CASE("a table finds by whom and kind, and knows when it is full") {
    lock_guard const held{of_a_system, root_token{}};
    table_of         t{3};
    auto             watches = ties_of(1, 100);
    auto             links = ties_of(1, 100, tie_kind::link);
    CHECK(t->heads_wanted() == 3);
    for (auto& one : watches) t->insert(one);
    CHECK(t->heads_wanted() == 15);
    for (auto& one : links) t->insert(one);
    for (std::size_t i = 0; i < 100; ++i) {
        CHECK(t->find(i + 1, tie_kind::watch) == &watches[i]);
        CHECK(t->find(i + 1, tie_kind::link) == &links[i]);
    }
    CHECK(t->find(101, tie_kind::watch) == nullptr);
    CHECK(t->find(1, tie_kind::end) == nullptr);

    table_of larger{63};
    larger->take_all(*t);
    CHECK(t->empty());
    CHECK(larger->heads_wanted() == 255);
    for (std::size_t i = 0; i < 100; ++i) {
        CHECK(larger->find(i + 1, tie_kind::watch) == &watches[i]);
        larger->remove(watches[i]);
        CHECK_FALSE(watches[i].in_table);
        CHECK(larger->find(i + 1, tie_kind::watch) == nullptr);
        CHECK(larger->find(i + 1, tie_kind::link) == &links[i]);
    }
}

TEST_CASE("a table is walked with or without links") {
    lock_guard const held{of_a_system, root_token{}};
    table_of         t{3};
    auto             watches = ties_of(1, 20);
    auto             links = ties_of(1, 20, tie_kind::link);
    for (auto& one : watches) t->insert(one);
    for (auto& one : links) t->insert(one);
    std::uint32_t head = 0;
    int           found = 0;
    while (tie* const one = t->next(head, false)) {
        CHECK(one->what == tie_kind::watch);
        t->remove(*one);
        ++found;
    }
    CHECK(found == 20);
    CHECK_FALSE(t->empty());
    head = 0;
    while (tie* const one = t->next(head, true)) t->remove(*one);
    CHECK(t->empty());
}

TEST_CASE("the largest table takes more than it has heads") {
    lock_guard const held{of_a_system, root_token{}};
    table_of         t{tie_table::heads_max};
    auto             all = ties_of(1, 10'000);
    for (auto& one : all) t->insert(one);
    CHECK(t->heads_wanted() == tie_table::heads_max);
    for (auto& one : all) CHECK(t->find(one.incarnation, tie_kind::watch) == &one);
}

TEST_CASE("a list of watchers gives up any of them") {
    lock_guard const held{of_a_system, root_token{}};
    auto             all = ties_of(1, 5);
    watcher*         first = nullptr;
    watcher_list     list{first};
    for (auto& one : all) list.push(one);
    for (std::size_t const i : {4u, 0u, 2u, 1u, 3u}) {
        CHECK(all[i].linked);
        list.remove(all[i]);
        CHECK_FALSE(all[i].linked);
        std::size_t left = 0;
        for (watcher* w = first; w != nullptr; w = w->older) ++left;
        std::size_t linked = 0;
        for (auto const& one : all) linked += one.linked ? 1 : 0;
        CHECK(left == linked);
    }
    CHECK(first == nullptr);
}

TEST_CASE("what arrives is taken in order, links first, and may be taken back") {
    lock_guard const held{of_a_system, root_token{}};
    atomic<tie*>     last{nullptr};
    arrivals         ring{last};
    auto             watches = ties_of(1, 4);
    auto             links = ties_of(1, 2, tie_kind::link);
    CHECK(ring.first() == nullptr);
    SECTION("one link") {
        ring.push(links[0]);
        ring.push(watches[0]);
        CHECK(ring.first() == &links[0]);
        ring.remove(links[0]);
        CHECK(ring.first() == &watches[0]);
        ring.remove(watches[0]);
    }
    SECTION("in order") {
        ring.push(watches[0]);
        ring.push(watches[1]);
        ring.push(links[0]);
        ring.push(watches[2]);
        CHECK(ring.first() == &links[0]);
        ring.remove(links[0]);
        ring.push(watches[3]);
        for (std::size_t i = 0; i < 4; ++i) {
            CHECK(ring.first() == &watches[i]);
            ring.remove(watches[i]);
            CHECK_FALSE(watches[i].arrived);
        }
    }
    SECTION("taken back") {
        for (auto& one : watches) ring.push(one);
        ring.remove(watches[3]);
        ring.remove(watches[1]);
        ring.push(watches[1]);
        for (std::size_t const i : {0u, 2u, 1u}) {
            CHECK(ring.first() == &watches[i]);
            ring.remove(watches[i]);
        }
    }
    CHECK(ring.first() == nullptr);
    CHECK(last.load() == nullptr);
}

}  // namespace test_ties
