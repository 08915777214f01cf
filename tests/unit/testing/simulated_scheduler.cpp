// SPDX-License-Identifier: BSL-1.0
#include "troupe/testing/simulated_scheduler.hpp"

#include "support/systems.hpp"

#include <string>
#include <utility>
#include <vector>

namespace test_simulated_scheduler {

using namespace troupe_test;
using namespace troupe::detail;

TEST_CASE("virtual workers take turns; an empty one is passed over") {
    round_robin_order order{3};
    runnable          a[2];
    runnable          b[2];
    unsigned          worker = 9;
    CHECK(order.pop(worker) == nullptr);
    order.push(0, a[0]);
    order.push(0, a[1]);
    order.push(2, b[0]);
    order.push(2, b[1]);
    std::vector<std::pair<unsigned, runnable*>> got;
    while (runnable* const r = order.pop(worker)) got.emplace_back(worker, r);
    REQUIRE(got.size() == 4);
    // Each worker's own are first in, first out, and no worker has two turns while another waits.
    for (std::size_t i = 1; i < 4; ++i) CHECK(got[i].first != got[i - 1].first);
    std::vector<runnable*> of[3];
    for (auto const& [w, r] : got) of[w].push_back(r);
    CHECK(of[0] == std::vector<runnable*>{&a[0], &a[1]});
    CHECK(of[2] == std::vector<runnable*>{&b[0], &b[1]});
}

TEST_CASE("what becomes ready from outside goes to each worker in turn") {
    round_robin_order order{4};
    runnable          all[8];
    for (runnable& r : all) order.push(-1, r);
    int      times[4] = {};
    unsigned worker = 0;
    while (order.pop(worker) != nullptr) ++times[worker];
    for (int const n : times) CHECK(n == 2);
}

struct step {
    int left;
};
class walker {
public:
    using protocol = troupe::protocol<void(step)>;
    walker(char me, std::string& path) : me_(me), path_(path) {}
    void on(step s, troupe::context<walker>& self) {
        path_ += me_;
        if (s.left > 0) self.ref().send(step{s.left - 1});
    }

private:
    char         me_;
    std::string& path_;
};

TEST_CASE("one step of a simulation is one message") {
    std::string        path;
    fixture<simulated> f;
    auto const         a = f.system.spawn<walker>('a', path);
    f.settle();
    for (int i = 0; i < 5; ++i) a.send(step{0});
    for (std::size_t i = 1; i <= 5; ++i) {
        REQUIRE(f.system.poll_one());
        CHECK(path.size() == i);
    }
}

TEST_CASE("a simulation takes the same steps in every run, and many of them take turns") {
    auto const once = [](unsigned workers) {
        std::string                        path;
        troupe::options<simulated::config> given;
        given.workers = workers;
        fixture<simulated> f{given};
        for (char c = 'a'; c <= 'j'; ++c) { f.system.spawn<walker>(c, path).send(step{c - 'a'}); }
        f.settle();
        return path;
    };
    for (unsigned const workers : {1u, 2u, 4u, 7u}) {
        CHECK(once(workers) == once(workers));
        CHECK(once(workers).size() == 55);
    }
    CHECK(once(1) != once(4));  // another number of workers is another order
}

TEST_CASE("a simulation has four virtual workers unless told otherwise, and 1 to 256") {
    STATIC_REQUIRE(troupe::simulated_scheduler::driven);
    CHECK(troupe::simulated_scheduler::workers_default() == 4);
    STATIC_REQUIRE(troupe::simulated_scheduler::workers_min == 1);
    STATIC_REQUIRE(troupe::simulated_scheduler::workers_max == 256);
}

}  // namespace test_simulated_scheduler
