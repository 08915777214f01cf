// SPDX-License-Identifier: BSL-1.0
#pragma once

// What one would write without a framework: a mailbox of a mutex, a condition variable and a deque,
// and a thread for each thing that has one; where there are more things than threads can be, a crew
// of threads with one such mailbox full of jobs.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace troupe_bench {

template <class Message>
class mailbox {
public:
    /// `capacity`: who finds so many waits.
    explicit mailbox(std::size_t capacity = static_cast<std::size_t>(-1)) : capacity_(capacity) {}

    void push(Message message) {
        {
            std::unique_lock held{mutex_};
            room_.wait(held, [this] { return messages_.size() < capacity_; });
            messages_.push_back(std::move(message));
        }
        there_.notify_one();
    }
    Message pop() {
        std::unique_lock held{mutex_};
        there_.wait(held, [this] { return !messages_.empty(); });
        Message first = std::move(messages_.front());
        messages_.pop_front();
        held.unlock();
        room_.notify_one();
        return first;
    }

private:
    std::mutex              mutex_;
    std::condition_variable there_;
    std::condition_variable room_;
    std::deque<Message>     messages_;
    std::size_t const       capacity_;
};

/// Threads that take jobs from one mailbox. An empty job ends a thread.
class crew {
public:
    explicit crew(unsigned threads) {
        for (unsigned i = 0; i < threads; ++i) {
            threads_.emplace_back([this] {
                while (auto job = jobs_.pop()) job();
            });
        }
    }
    ~crew() {
        for (std::size_t i = 0; i < threads_.size(); ++i) jobs_.push({});
        for (auto& t : threads_) t.join();
    }
    void run(std::function<void()> job) { jobs_.push(std::move(job)); }

private:
    mailbox<std::function<void()>> jobs_;
    std::vector<std::thread>       threads_;
};

}  // namespace troupe_bench
