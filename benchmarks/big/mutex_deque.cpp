// SPDX-License-Identifier: BSL-1.0

// big by hand: 120 threads, each with a mailbox.

#include <atomic>
#include <memory>
#include <random>

#include "../config.hpp"
#include "../mutex_deque.hpp"

namespace {

using namespace troupe_bench;

enum class kind : std::uint8_t { begin, ping, pong, end };
struct letter {
    kind          what = kind::begin;
    std::uint32_t from = 0;
};

class table {
public:
    table(std::uint64_t talkers, std::uint64_t pings) : pings_(pings) {
        for (std::uint64_t i = 0; i < talkers; ++i) {
            boxes_.push_back(std::make_unique<mailbox<letter>>());
        }
    }
    double talk() {
        std::vector<std::thread> threads;
        for (std::uint32_t i = 0; i < boxes_.size(); ++i) {
            threads.emplace_back([this, i] { sit(i); });
        }
        stopwatch const watch;
        for (auto& b : boxes_) b->push({});
        for (std::size_t i = 0; i < boxes_.size(); ++i) done_.pop();
        double const seconds = watch.seconds();
        for (auto& b : boxes_) b->push({kind::end, 0});
        for (auto& t : threads) t.join();
        require_count("big mutex_deque", answered_, boxes_.size() * pings_);
        return seconds;
    }

private:
    void sit(std::uint32_t me) {
        std::minstd_rand dice{me + 1};
        std::uint64_t    left = pings_;
        std::uint64_t    answered = 0;
        for (letter l = boxes_[me]->pop(); l.what != kind::end; l = boxes_[me]->pop()) {
            if (l.what == kind::ping) {
                boxes_[l.from]->push({kind::pong, me});
                continue;
            }
            if (l.what == kind::pong) ++answered;
            if (left > 0) {
                --left;
                boxes_[dice() % boxes_.size()]->push({kind::ping, me});
            } else {
                done_.push(true);
            }
        }
        answered_ += answered;
    }

    std::uint64_t const                           pings_;
    std::vector<std::unique_ptr<mailbox<letter>>> boxes_;
    mailbox<bool>                                 done_;
    std::atomic<std::uint64_t>                    answered_{0};
};

[[maybe_unused]] bool const added = [] {
    // A tenth of the usual pings, and ten times their time.
    std::uint64_t const pings = whole(counts::big_pings, 100) / 10;
    measure("big/whole/mutex_deque", 1,
            [=](std::uint64_t) { return 10 * table{counts::big_actors, pings}.talk(); });
    return true;
}();

}  // namespace
