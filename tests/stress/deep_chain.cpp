// SPDX-License-Identifier: BSL-1.0
// A chain of 10,000 generations ends, escalates and is restarted without using the stack for it:
// the test runs on a stack of 256 KiB.

#include "support/systems.hpp"

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <stdexcept>

namespace test_deep_chain {

using namespace troupe_test;

struct deeper {
    int left;
};
struct fail_now {};

std::atomic<int> ends{0};

class link {
public:
    using protocol = troupe::protocol<void(deeper), void(fail_now)>;
    static constexpr auto supervision = troupe::one_for_one{};
    ~link() { ends.fetch_add(1); }
    troupe::verdict on_failure(troupe::failure const&) { return troupe::verdict::escalate; }
    void            on(deeper d, troupe::context<link>& self) {
        if (d.left == 0) return;
        next_ = self.spawn<link>();
        next_.send(deeper{d.left - 1});
    }
    void on(fail_now f) {
        if (!next_) throw std::runtime_error{"the last one"};
        next_.send(f);
    }

private:
    troupe::ref<link> next_;
};

/// What `act` does, on a thread with a small stack.
void on_a_small_stack(void (*act)()) {
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 * 1024);
    pthread_t thread;
    auto      run = [](void* f) -> void* {
        reinterpret_cast<void (*)()>(f)();
        return nullptr;
    };
    REQUIRE(pthread_create(&thread, &small, run, reinterpret_cast<void*>(act)) == 0);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&small);
}

constexpr int generations = 10'000;
bool          well = false;

template <bool Fails>
void chain() {
    troupe::basic_system<composed<troupe::run_loop_scheduler>> system;
    ends = 0;
    well = false;
    auto const first = system.spawn<link>();
    first.send(deeper{generations - 1});
    system.run_until_idle();
    if (system.books().actors != generations) return;
    if (Fails) first.send(fail_now{});
    else system.stop(first);
    system.run_until_idle();
    well = system.books().actors == 0 && ends.load() == generations;
}

TEST_CASE("10,000 generations stop on a stack of 256 KiB") {
    on_a_small_stack(&chain<false>);
    CHECK(well);
}
TEST_CASE("a failure escalates through 10,000 generations on a stack of 256 KiB") {
    on_a_small_stack(&chain<true>);
    CHECK(well);
}

}  // namespace test_deep_chain
