// SPDX-License-Identifier: BSL-1.0
// P15: a tree of more than ten thousand actors ends under load. Children end before their parents,
// and younger siblings before older ones, each with all that is below it. For every pair: the order
// of ends is the tree as one reads it, parents first and then their children by age, backwards. No
// handler runs after `stopped`. For the sanitizers.

#include "support/systems.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace test_tree_ends {

using namespace troupe_test;
using troupe::stop_mode;

constexpr int width = 10;
constexpr int depth = 4;
constexpr int actors = 1 + 10 + 100 + 1000 + 10'000;

struct grow {
    int levels;
};
struct ping {};

struct ledger_of_ends {
    std::vector<int>      order = std::vector<int>(actors, -1);  // ids, as they ended
    std::atomic<int>      next{0};
    std::atomic<int>      born{0};
    std::atomic<unsigned> late{0};  // handlers after `stopped`
};

class node {
public:
    using protocol = troupe::protocol<void(grow), void(ping)>;
    node(ledger_of_ends* book, int id) : book_(book), id_(id) { book->born.fetch_add(1); }
    void on(grow g, troupe::context<node>& self) {
        check();
        if (g.levels == 0) return;
        for (int i = 0; i < width; ++i) {
            children_.push_back(self.spawn<node>(book_, id_ * width + i + 1));
            children_.back().send(grow{g.levels - 1});
        }
    }
    // Down to somebody, for load.
    void on(ping) {
        check();
        if (!children_.empty()) children_[turn_++ % children_.size()].send(ping{});
    }
    void stopped() {
        check();
        over_ = true;
        book_->order[static_cast<std::size_t>(book_->next.fetch_add(1))] = id_;
    }

private:
    void check() {
        if (over_) book_->late.fetch_add(1);
    }
    ledger_of_ends*                book_;
    int                            id_;
    bool                           over_ = false;
    unsigned                       turn_ = 0;
    std::vector<troupe::ref<node>> children_;
};

/// Adds the ids of a tree in the order in which it has to end.
void expect(std::vector<int>& order, int id, int levels) {
    for (int i = width; levels > 0 && i > 0; --i) expect(order, id * width + i, levels - 1);
    order.push_back(id);
}

TEMPLATE_TEST_CASE("a tree of ten thousand ends in order, whoever ends it, under load", "",
                   troupe_test::two_workers, troupe_test::four_workers, troupe_test::run_loop) {
    std::vector<int> expected;
    expect(expected, 0, depth);
    REQUIRE(expected.size() == actors);
    for (std::uint64_t round = 0; round < scaled(3, 30); ++round) {
        ledger_of_ends    book;
        fixture<TestType> f;
        auto const        top = f.system.template spawn<node>(&book, 0);
        top.send(grow{depth});
        f.system.wait_idle();
        REQUIRE(book.born.load() == actors);
        std::atomic<bool> complete{true};
        if constexpr (TestType::driven) {
            for (int i = 0; i < 1000; ++i) top.send(ping{});
            if (round % 3 == 0) f.system.stop(top);
            if (round % 3 == 1) complete.store(f.system.stop(watchdog, stop_mode::now).complete);
            f.settle();
        } else {
            f.on_threads(4, [&](unsigned i) {
                for (int k = 0; k < 1000; ++k) top.send(ping{});
                if (round % 3 == 0) f.system.stop(top);
                if (round % 3 == 1 && i == 0) {
                    complete.store(f.system.stop(watchdog, stop_mode::now).complete);
                }
                for (int k = 0; k < 1000; ++k) top.send(ping{});
            });
        }
        f.end();
        CHECK(complete.load());
        CHECK(book.late.load() == 0);
        CHECK(book.next.load() == actors);
        CHECK(book.order == expected);
    }
}

}  // namespace test_tree_ends
