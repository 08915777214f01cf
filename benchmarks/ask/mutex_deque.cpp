// SPDX-License-Identifier: BSL-1.0

// ask by hand: a thread with a mailbox answers through a promise.

#include <future>

#include "../config.hpp"
#include "../mutex_deque.hpp"

namespace {

using namespace troupe_bench;

struct question {
    bool                        last = false;
    std::promise<std::uint64_t> answer{};
};

double from_outside(std::uint64_t asks) {
    mailbox<question> box;
    std::uint64_t     seen = 0;
    std::thread       oracle{[&] {
        for (question q = box.pop(); !q.last; q = box.pop()) q.answer.set_value(++seen);
    }};
    std::uint64_t     last = 0;
    stopwatch const   watch;
    for (std::uint64_t i = 0; i < asks; ++i) {
        std::promise<std::uint64_t> promise;
        auto                        answer = promise.get_future();
        box.push({false, std::move(promise)});
        last = answer.get();
    }
    double const seconds = watch.seconds();
    box.push({true, {}});
    oracle.join();
    require_count("ask mutex_deque", last, asks);
    return seconds;
}

[[maybe_unused]] bool const added = [] {
    measure("ask/from_outside/mutex_deque", share(counts::blocking_asks, 100), &from_outside);
    return true;
}();

}  // namespace
