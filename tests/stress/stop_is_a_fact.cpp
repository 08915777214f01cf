// SPDX-License-Identifier: BSL-1.0
// P12: an owner waits for the end of its actor and then frees what the actor has used. No handler,
// hook, timer, coroutine or destructor of it may touch that any more, however busy it was: with
// senders, ticks, restarts and a `stopping` that waits. For the address sanitizer.
//
// SOAK FLAGS: -O1 -fsanitize=address

#include "support/soak.hpp"
#include "support/systems.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>

namespace test_stop_is_a_fact {

using namespace std::chrono_literals;
using namespace troupe_test;

struct work {
    int number;
};
struct tick {};
struct question {};

/// Lives on the heap and is freed by its owner: what touches it later is found.
struct companion {
    std::uint64_t touched = 0;
    void          touch() noexcept { ++touched; }
};

/// Answers a little later.
class slow_friend {
public:
    using protocol = troupe::protocol<int(question)>;
    int on(question) { return 1; }
};

class user {
public:
    using protocol = troupe::protocol<void(work), void(tick)>;
    using mailbox_type = troupe::bounded_mailbox<8, troupe::overflow::drop_newest>;
    user(companion* c, troupe::ref<slow_friend> f) : companion_(c), friend_(f) { c->touch(); }
    ~user() { companion_->touch(); }
    void started(troupe::context<user>& self) {
        static_cast<void>(self.every(1us, tick{}));
        static_cast<void>(self.after(1us, tick{}));
        companion_->touch();
    }
    void           restarting(troupe::failure const&) { companion_->touch(); }
    troupe::task<> stopping() {
        companion_->touch();
        static_cast<void>(co_await friend_.ask(question{}));
        companion_->touch();
    }
    void           stopped() { companion_->touch(); }
    void           hand_back(work&&) { companion_->touch(); }
    troupe::task<> on(work w) {
        companion_->touch();
        if (w.number % 16 == 15) throw std::runtime_error{"again"};
        if (w.number % 4 == 3) static_cast<void>(co_await friend_.ask(question{}));
        companion_->touch();
    }
    void on(tick) { companion_->touch(); }

private:
    companion*               companion_;
    troupe::ref<slow_friend> friend_;
};

struct get {};
class keeper {
public:
    using protocol = troupe::protocol<troupe::ref<user>(get)>;
    static constexpr troupe::one_for_one supervision{.max_restarts = troupe::unlimited};
    keeper(companion* c, troupe::ref<slow_friend> f) : companion_(c), friend_(f) {}
    void started(troupe::context<keeper>& self) { user_ = self.spawn<user>(companion_, friend_); }
    troupe::ref<user> on(get) { return user_; }

private:
    companion*               companion_;
    troupe::ref<slow_friend> friend_;
    troupe::ref<user>        user_;
};

TEMPLATE_TEST_CASE("after stop_and_wait nothing of the actor runs", "", TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        helper = f.system.template spawn<slow_friend>();
    auto const        rounds = scaled(2'000, 20'000);  // with five schedulers
    std::uint64_t     touched = 0;
    for (std::uint64_t round = 0; round < rounds; ++round) {
        auto       owned = std::make_unique<companion>();
        auto const k = f.system.template spawn<keeper>(owned.get(), helper);
        auto const u = k.ask(get{}).get();
        for (int i = 0; i < static_cast<int>(round % 40); ++i) u.send(work{i});
        // The user alone, which leaves its supervisor nothing to restart; or both.
        if (round % 2 == 0) REQUIRE(f.system.stop_and_wait(u, watchdog));
        else REQUIRE(f.system.stop_and_wait(k, watchdog));
        touched += owned->touched;
        owned.reset();
        u.send(work{15});
        if (round % 2 == 0) f.system.stop(k);
    }
    CHECK(touched >= rounds * 4);  // built, started, stopped, destroyed
}

}  // namespace test_stop_is_a_fact
