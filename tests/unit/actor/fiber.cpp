// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/fiber.hpp"

#include "support/catch.hpp"

#include <coroutine>
#include <exception>
#include <vector>

namespace test_fiber {

using namespace troupe::detail;

/// A coroutine of the barest kind: it waits when the test says so, and when it ends names who is
/// next.
struct strand {
    struct promise_type {
        fiber*                  root = nullptr;
        std::coroutine_handle<> parent;
        strand                  get_return_object() {
            return {std::coroutine_handle<promise_type>::from_promise(*this)};
        }
        std::suspend_always initial_suspend() noexcept { return {}; }
        struct last {
            bool await_ready() noexcept { return false; }
            void await_suspend(std::coroutine_handle<promise_type> me) noexcept {
                promise_type& p = me.promise();
                if (p.parent) p.root->leaf = p.parent;
            }
            void await_resume() noexcept {}
        };
        last final_suspend() noexcept { return {}; }
        void return_void() noexcept {}
        void unhandled_exception() noexcept { std::terminate(); }
    };
    std::coroutine_handle<promise_type> handle;
};

/// Waits for a reply, or for room.
struct wait_for {
    fiber&       f;
    reply_slot*  slot;
    wait_record* room;
    bool         await_ready() const noexcept { return false; }
    void         await_suspend(std::coroutine_handle<> me) const noexcept {
        f.leaf = me;
        f.reply = slot;
        f.room = room;
    }
    void await_resume() const noexcept {}
};

strand waits_twice(fiber& f, reply_slot& s, wait_record& r, std::vector<int>& log) {
    log.push_back(1);
    co_await wait_for{f, &s, nullptr};
    log.push_back(2);
    co_await wait_for{f, nullptr, &r};
    log.push_back(3);
}

TEST_CASE("a fiber is ready when the reply is there, or the room; and runs to the next wait") {
    fiber            f;
    reply_slot       s;
    wait_record      r;
    std::vector<int> log;
    strand const     whole = waits_twice(f, s, r, log);
    f.outermost = whole.handle;
    f.leaf = whole.handle;
    CHECK(f.ready());  // it waits for nothing yet
    f.run();
    CHECK(log == std::vector<int>{1});
    CHECK_FALSE(f.ready());
    CHECK_FALSE(f.done());
    std::uint32_t before = 0;
    s.settle(reply_slot::answered, 0, before);
    CHECK(f.ready());
    f.run();
    CHECK(log == std::vector<int>{1, 2});
    CHECK(f.reply == nullptr);
    CHECK_FALSE(f.ready());
    r.state.store(wait_record::phase::enlisted);
    CHECK_FALSE(f.ready());
    r.state.store(wait_record::phase::released);
    CHECK(f.ready());
    f.run();
    CHECK(log == std::vector<int>{1, 2, 3});
    CHECK(f.room == nullptr);
    CHECK(f.done());
    fiber::destroy(f);
}

strand counts_up(int& count) {
    ++count;
    co_return;
}

// A million frames deep would overflow any stack if each end resumed the next.
TEST_CASE("coroutines that end one after the other run with a flat stack") {
    fiber               f;
    int                 count = 0;
    constexpr int       length = 200'000;
    std::vector<strand> chain;
    chain.reserve(length);
    for (int i = 0; i < length; ++i) {
        chain.push_back(counts_up(count));
        chain.back().handle.promise().root = &f;
        if (i > 0)
            chain.back().handle.promise().parent = chain[static_cast<std::size_t>(i) - 1].handle;
    }
    f.outermost = chain.front().handle;
    f.leaf = chain.back().handle;
    f.run();
    CHECK(count == length);
    CHECK(f.done());
    for (strand const& s : chain) s.handle.destroy();
}

struct witness {
    int& alive;
    explicit witness(int& a) : alive(a) { ++alive; }
    ~witness() { --alive; }
};
strand holds(fiber& f, reply_slot& s, int& alive) {
    witness const w{alive};
    co_await wait_for{f, &s, nullptr};
}

TEST_CASE("a fiber that is destroyed while it waits destroys what its coroutine holds") {
    fiber        f;
    reply_slot   s;
    int          alive = 0;
    strand const whole = holds(f, s, alive);
    f.outermost = whole.handle;
    f.leaf = whole.handle;
    f.run();
    CHECK(alive == 1);
    fiber::destroy(f);
    CHECK(alive == 0);
}

}  // namespace test_fiber
