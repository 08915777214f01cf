// SPDX-License-Identifier: BSL-1.0
#include "troupe/schedule/ready_backlog.hpp"

#include "support/catch.hpp"

#include <vector>

namespace test_ready_backlog {

using namespace troupe::detail;

/// Entries with numbers: `first` to `first + size - 1`.
struct numbered {
    std::vector<runnable> all = std::vector<runnable>(100);

    ready_batch batch(std::size_t first, std::size_t size) {
        ready_batch made;
        for (std::size_t i = first; i < first + size; ++i) made.add(all[i]);
        return made;
    }
    std::vector<int> numbers(ready_batch taken) const {
        std::vector<int> seen;
        while (taken.size != 0) { seen.push_back(static_cast<int>(&taken.take() - all.data())); }
        return seen;
    }
};
using list = std::vector<int>;

TEST_CASE("a batch gives back in order what was added") {
    numbered n;
    CHECK(n.numbers(n.batch(0, 3)) == list{0, 1, 2});
    CHECK(n.numbers(n.batch(0, 0)) == list{});
}

TEST_CASE("a batch is divided and joined") {
    numbered    n;
    ready_batch whole = n.batch(0, 5);
    CHECK(n.numbers(whole.take(0)) == list{});
    CHECK(n.numbers(whole.take(2)) == list{0, 1});
    whole.append(n.batch(5, 2));
    whole.append({});
    CHECK(whole.size == 5);
    ready_batch empty;
    empty.append(whole);
    CHECK(n.numbers(empty.take(10)) == list{2, 3, 4, 5, 6});
    CHECK(empty.size == 0);
}

TEST_CASE("of several batches the newest is taken, or the oldest, each from its front") {
    numbered         n;
    ready_backlog<4> backlog;
    CHECK(backlog.take_newest(10).size == 0);
    CHECK(backlog.take_oldest(10).size == 0);
    backlog.add(n.batch(0, 2));
    backlog.add(n.batch(2, 2));
    backlog.add(n.batch(4, 2));
    CHECK(backlog.size() == 6);
    CHECK(n.numbers(backlog.take_newest(10)) == list{4, 5});
    CHECK(n.numbers(backlog.take_oldest(10)) == list{0, 1});
    CHECK(n.numbers(backlog.take_newest(10)) == list{2, 3});
    CHECK(backlog.size() == 0);
    CHECK(backlog.take_oldest(1).size == 0);
}

TEST_CASE("a part of a batch leaves the rest where it was") {
    numbered         n;
    ready_backlog<4> backlog;
    backlog.add(n.batch(0, 3));
    backlog.add(n.batch(3, 4));
    CHECK(n.numbers(backlog.take_oldest(1)) == list{0});
    CHECK(n.numbers(backlog.take_newest(2)) == list{3, 4});
    CHECK(backlog.size() == 4);
    CHECK(n.numbers(backlog.take_newest(2)) == list{5, 6});
    CHECK(n.numbers(backlog.take_oldest(2)) == list{1, 2});
    CHECK(backlog.size() == 0);
}

TEST_CASE("where there are too many batches the oldest become one, and none is lost") {
    numbered         n;
    ready_backlog<2> backlog;
    for (std::size_t i = 0; i < 5; ++i) backlog.add(n.batch(2 * i, 2));
    CHECK(backlog.size() == 10);
    CHECK(n.numbers(backlog.take_newest(10)) == list{8, 9});
    CHECK(n.numbers(backlog.take_oldest(3)) == list{0, 1, 2});
    backlog.add(n.batch(10, 1));
    CHECK(n.numbers(backlog.take_oldest(10)) == list{3, 4, 5, 6, 7});
    CHECK(n.numbers(backlog.take_newest(10)) == list{10});
    CHECK(backlog.size() == 0);
}

TEST_CASE("an entry that was taken may be linked elsewhere at once") {
    numbered    n;
    ready_batch taken = n.batch(0, 3);
    runnable    other;
    list        seen;
    while (taken.size != 0) {
        runnable& r = taken.take();
        r.ready_link = &other;
        seen.push_back(static_cast<int>(&r - n.all.data()));
    }
    CHECK(seen == list{0, 1, 2});
}

}  // namespace test_ready_backlog
