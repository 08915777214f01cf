// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/memory_of_core.hpp"

#include "support/systems.hpp"

#include <cstdint>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace test_memory_of_core {

using namespace troupe_test;
using troupe::send_status;
using troupe::detail::cell;
using troupe::detail::ref_access;

struct ping {};
struct make {
    int count;
};
class plain {
public:
    using protocol = troupe::protocol<void(ping)>;
    void on(ping) {}
};

// More than a page of cells, and more than workers keep for themselves.
TEMPLATE_TEST_CASE("the cells of actors that are gone are used again", "", TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    std::set<cell*>   cells;
    auto const        before = f.settle();
    for (int round = 0; round < 6; ++round) {
        std::vector<troupe::ref<plain>> all;
        std::set<cell*>                 now;
        for (int i = 0; i < 3000; ++i) {
            all.push_back(f.system.template spawn<plain>());
            now.insert(ref_access::cell_of(all.back()));
        }
        CHECK(now.size() == 3000);  // no two of the living share one
        cells.insert(now.begin(), now.end());
        for (auto const& a : all) f.system.stop(a);
        CHECK(f.settle().blocks == before.blocks);
    }
    CHECK(cells.size() < 3000 + 1500);
}

class breeder {
public:
    using protocol = troupe::protocol<void(make), void(ping)>;
    void on(make m, troupe::context<breeder>& self) {
        for (int i = 0; i < m.count; ++i) static_cast<void>(self.spawn<plain>());
    }
    void on(ping, troupe::context<breeder>& self) { self.stop(); }
};

TEMPLATE_TEST_CASE("cells that workers take and give wander between them, and none is lost", "",
                   TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    for (int round = 0; round < 20; ++round) {
        std::vector<troupe::ref<breeder>> all;
        for (int i = 0; i < 4; ++i) all.push_back(f.system.template spawn<breeder>());
        for (auto const& a : all) a.send(make{200});
        CHECK(f.settle().actors == 4 * 201);
        for (auto const& a : all) a.send(ping{});
        CHECK(f.settle().actors == 0);
    }
}

// What user code does in a destructor must not find a lock of the library held.
struct calls_back {
    troupe::ref<troupe::protocol<void(ping)>> to;
    std::atomic<int>*                         times = nullptr;
    calls_back(troupe::ref<troupe::protocol<void(ping)>> to_, std::atomic<int>& times_)
        : to(to_), times(&times_) {}
    calls_back(calls_back&& other) noexcept
        : to(other.to), times(std::exchange(other.times, nullptr)) {}
    ~calls_back() {
        if (times == nullptr) return;
        times->fetch_add(1);
        to.send(ping{});
        static_cast<void>(to.try_send(ping{}));
    }
};
class taker {
public:
    using protocol = troupe::protocol<void(calls_back)>;
    using mailbox_type = troupe::bounded_mailbox<1, troupe::overflow::drop_oldest>;
    void on(calls_back const&) {}
};

TEMPLATE_TEST_CASE("a message that sends when it is destroyed may do so wherever it ends", "",
                   TROUPE_TEST_SCHEDULERS) {
    std::atomic<int>  times{0};
    fixture<TestType> f;
    auto const        to = f.system.template spawn<plain>();
    auto const        a = f.system.template spawn<taker>();
    auto const        gone = f.system.template spawn<taker>();
    f.system.stop(gone);
    f.settle();
    std::uint64_t const each = 50;
    f.on_threads(2, [&](unsigned) {
        for (std::uint64_t i = 0; i < each; ++i) {
            a.template send<calls_back>(to, times);     // handled, or pushed out by the next
            gone.template send<calls_back>(to, times);  // a dead letter
        }
    });
    auto const books = f.settle();
    CHECK(times.load() == static_cast<int>(2 * 2 * each));
    CHECK(books.sent == 2 * 2 * each * 3);
}

TEST_CASE("what a thread outside sends is counted once, whichever way it ends") {
    fixture<two_workers> f;
    auto const           a = f.system.spawn<plain>();
    auto const           gone = f.system.spawn<plain>();
    f.system.stop(gone);
    auto const before = f.settle();
    f.on_threads(4, [&](unsigned) {
        for (int i = 0; i < 500; ++i) {
            a.send(ping{});
            gone.send(ping{});
        }
    });
    auto const books = f.settle();
    CHECK(books.sent - before.sent == 4000);
    CHECK(books.handled - before.handled == 2000);
    CHECK(books.dropped_by(troupe::drop_cause::dead) == 2000);
    CHECK(books.blocks == before.blocks);
}

}  // namespace test_memory_of_core
