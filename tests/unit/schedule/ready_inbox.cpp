// SPDX-License-Identifier: BSL-1.0
#include "troupe/schedule/ready_inbox.hpp"

#include "support/catch.hpp"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace test_ready_inbox {

using namespace troupe::detail;

TEST_CASE("an inbox gives everything at once, in the order in which it came") {
    ready_inbox inbox;
    runnable    r[3];
    CHECK(inbox.empty());
    CHECK(inbox.take().size == 0);
    for (runnable& one : r) inbox.push(one);
    CHECK_FALSE(inbox.empty());
    CHECK_FALSE(inbox.still_empty());
    ready_batch all = inbox.take();
    CHECK(inbox.empty());
    REQUIRE(all.size == 3);
    for (runnable& one : r) CHECK(&all.take() == &one);
    CHECK(all.size == 0);
}

TEST_CASE("what several threads push comes out once, each thread's in order") {
    struct numbered : runnable {
        int thread = 0;
        int number = 0;
    };
    constexpr int            threads = 3, each = 5000;
    ready_inbox              inbox;
    std::atomic<int>         running{threads};
    auto const               all = std::make_unique<numbered[]>(threads * each);
    std::vector<std::thread> senders;
    std::vector<int>         next(threads, 0);
    int                      wrong = 0;
    for (int t = 0; t < threads; ++t) {
        senders.emplace_back([&, t] {
            for (int i = 0; i < each; ++i) {
                numbered& mine = all[static_cast<std::size_t>(t * each + i)];
                mine.thread = t;
                mine.number = i;
                inbox.push(mine);
            }
            --running;
        });
    }
    for (bool last = false; !last;) {
        last = running == 0;
        for (ready_batch batch = inbox.take(); batch.size != 0;) {
            auto& one = static_cast<numbered&>(batch.take());
            wrong += next[static_cast<std::size_t>(one.thread)]++ != one.number;
        }
    }
    for (std::thread& t : senders) t.join();
    CHECK(wrong == 0);
    for (int const n : next) CHECK(n == each);
}

}  // namespace test_ready_inbox
