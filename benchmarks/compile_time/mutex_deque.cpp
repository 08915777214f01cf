// SPDX-License-Identifier: BSL-1.0
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

struct add {
    int               a, b;
    std::promise<int> sum;
};

class adder {
public:
    std::future<int> ask(int a, int b) {
        add  message{a, b, {}};
        auto sum = message.sum.get_future();
        {
            std::lock_guard const held{mutex_};
            messages_.push_back(std::move(message));
        }
        there_.notify_one();
        return sum;
    }
    ~adder() {
        {
            std::lock_guard const held{mutex_};
            over_ = true;
        }
        there_.notify_one();
        thread_.join();
    }

private:
    void run() {
        std::unique_lock held{mutex_};
        for (;;) {
            there_.wait(held, [this] { return over_ || !messages_.empty(); });
            if (messages_.empty()) return;
            add message = std::move(messages_.front());
            messages_.pop_front();
            message.sum.set_value(message.a + message.b);
        }
    }

    std::mutex              mutex_;
    std::condition_variable there_;
    std::deque<add>         messages_;
    bool                    over_ = false;
    std::thread             thread_{[this] { run(); }};
};

int main() {
    adder a;
    std::printf("%d\n", a.ask(1, 2).get());
}
