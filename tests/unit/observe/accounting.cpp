// SPDX-License-Identifier: BSL-1.0
#include "troupe/observe/accounting.hpp"

#include "support/catch.hpp"

namespace test_accounting {

using troupe::accounting;
using troupe::drop_cause;

TEST_CASE("empty books balance") {
    accounting const books;
    CHECK(books.balanced());
    CHECK(books.dropped_total() == 0);
}

TEST_CASE("books balance when every message sent is handled, dropped or queued") {
    accounting books;
    books.sent = 10;
    books.handled = 5;
    books.queued = 2;
    CHECK_FALSE(books.balanced());
    books.dropped[static_cast<std::size_t>(drop_cause::dead)] = 2;
    books.dropped[static_cast<std::size_t>(drop_cause::pool)] = 1;
    CHECK(books.balanced());
    CHECK(books.dropped_total() == 3);
    CHECK(books.dropped_by(drop_cause::dead) == 2);
    CHECK(books.dropped_by(drop_cause::refused) == 0);
    ++books.handled;
    CHECK_FALSE(books.balanced());
}

TEST_CASE("a failed message is a handled one") {
    accounting books;
    books.sent = books.handled = books.failed = 1;
    CHECK(books.balanced());
}

TEST_CASE("the counters of several workers add up, suspended handlers count as queued") {
    troupe::detail::worker_counters a;
    troupe::detail::worker_counters b;
    a.sent.add(3);
    b.sent.add(4);
    b.handled.add(2);
    b.failed.add(1);
    a.dropped[static_cast<std::size_t>(drop_cause::overflow)].add(2);
    a.suspended.add(4);
    b.resumed.add(1);  // on another worker than where it began
    accounting sum;
    a.add_to(sum);
    b.add_to(sum);
    CHECK(sum.sent == 7);
    CHECK(sum.handled == 2);
    CHECK(sum.failed == 1);
    CHECK(sum.dropped_by(drop_cause::overflow) == 2);
    CHECK(sum.queued == 3);
    CHECK(sum.balanced());
}

}  // namespace test_accounting
