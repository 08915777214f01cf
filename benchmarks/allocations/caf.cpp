// SPDX-License-Identifier: BSL-1.0

// The calls of the heap per message, with CAF.

#include <condition_variable>
#include <memory>
#include <mutex>

#include "../caf.hpp"
#include "count.hpp"

namespace {

using namespace troupe_bench;

/// Given once per run by a handler; asks the heap for nothing.
class bell {
public:
    void ring() {
        std::lock_guard const held{mutex_};
        rung_ = true;
        changed_.notify_one();
    }
    void wait() {
        std::unique_lock held{mutex_};
        changed_.wait(held, [this] { return rung_; });
        rung_ = false;
    }

private:
    std::mutex              mutex_;
    std::condition_variable changed_;
    bool                    rung_ = false;
};

}  // namespace

int main() {
    caf_system   on{2};
    bell         done;
    std::int64_t seen = 0, wanted = 0;
    auto const   consumer = on.system.spawn([&](caf::event_based_actor*) {
        return caf::behavior{[&](std::int64_t one) {
            if ((seen += one) == wanted) done.ring();
        }};
    });
    auto const   producer = on.system.spawn([&](caf::event_based_actor* self) {
        return caf::behavior{[=](std::int64_t left) {
            for (int i = 0; i < 256 && left > 0; ++i, --left) {
                self->send(consumer, std::int64_t{1});
            }
            if (left > 0) self->send(self, left);
        }};
    });
    print_allocations("fan_in/caf_2", 200'000, [&](std::uint64_t messages) {
        wanted += static_cast<std::int64_t>(messages);
        caf::anon_send(producer, static_cast<std::int64_t>(messages));
        done.wait();
    });

    auto const pong = on.system.spawn([](caf::event_based_actor* self) {
        return caf::behavior{[=](std::int64_t ball) {
            self->send(caf::actor_cast<caf::actor>(self->current_sender()), ball);
        }};
    });
    auto const ping = on.system.spawn([&](caf::event_based_actor* self) {
        return caf::behavior{[=, &done](std::int64_t ball) {
            if (ball > 1) self->send(pong, ball - 2);
            else done.ring();
        }};
    });
    print_allocations("ping_pong/caf_2", 200'000, [&](std::uint64_t messages) {
        caf::anon_send(ping, static_cast<std::int64_t>(messages));
        done.wait();
    });
    caf::anon_send_exit(consumer, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(producer, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(pong, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(ping, caf::exit_reason::user_shutdown);
}
