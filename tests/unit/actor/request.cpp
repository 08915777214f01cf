// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/request.hpp"

#include "support/systems.hpp"

#include <atomic>
#include <memory>
#include <type_traits>
#include <utility>

namespace test_request {

using namespace troupe_test;
using troupe::ask_errc;

struct weigh {
    std::shared_ptr<int> alive;
    int                  n;
};
struct weigh_blocking {
    std::shared_ptr<int> alive;
};

class scale {
public:
    using protocol = troupe::protocol<int(weigh)>;
    int on(weigh const& w) { return w.n * 2; }
};

using pending = decltype(std::declval<troupe::ref<scale>>().ask<weigh>(nullptr, 1));

TEST_CASE("a request can be moved and neither copied nor assigned") {
    STATIC_REQUIRE(std::is_nothrow_move_constructible_v<pending>);
    STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<pending>);
    STATIC_REQUIRE_FALSE(std::is_move_assignable_v<pending>);
    STATIC_REQUIRE(std::is_same_v<pending::reply_type, int>);
}

TEMPLATE_TEST_CASE("a request owns its message until it is sent, and gives it away once", "",
                   TROUPE_TEST_KINDS) {
    fixture<TestType> f;
    auto const        alive = std::make_shared<int>(0);
    auto const        a = f.system.template spawn<scale>();
    SECTION("dropped unsent") {
        {
            auto const q = a.template ask<weigh>(alive, 1);
            CHECK(alive.use_count() == 2);
        }
        CHECK(alive.use_count() == 1);
        CHECK(f.settle().sent == 0);
    }
    SECTION("moved before it was sent") {
        auto first = a.template ask<weigh>(alive, 4);
        auto second = std::move(first);
        CHECK(first.result().error().code() == ask_errc::cancelled);  // NOLINT: it has nothing
        CHECK(second.get() == 8);
        f.settle();
        CHECK(alive.use_count() == 1);
        CHECK(f.settle().sent == 1);
    }
    SECTION("moved after it was sent") {
        auto first = a.template ask<weigh>(alive, 5).start();
        auto second = std::move(first);
        f.settle();
        CHECK(alive.use_count() == 1);
        CHECK(second.get() == 10);
        CHECK(f.settle().sent == 1);
    }
}

TEMPLATE_TEST_CASE("an outcome is taken once; an error stays the same error", "",
                   TROUPE_TEST_KINDS) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<scale>();
    auto              answered = a.template ask<weigh>(nullptr, 1);
    CHECK(answered.result().value() == 2);
    CHECK(answered.result().error().code() == ask_errc::cancelled);
    f.system.stop(a);
    f.settle();
    auto gone = a.template ask<weigh>(nullptr, 1);
    for (int i = 0; i < 3; ++i) { CHECK(gone.result().error().code() == ask_errc::target_gone); }
    CHECK(f.settle().sent == 2);
}

// Refused at once, and nothing is used up: it can still be awaited.
class impatient {
public:
    using protocol = troupe::protocol<int(weigh_blocking)>;
    explicit impatient(troupe::ref<scale> to) : to_(to) {}
    troupe::task<int> on(weigh_blocking w) {
        auto q = to_.ask<weigh>(w.alive, 21);
        if (q.result().error().code() != ask_errc::would_block) co_return -1;
        if (q.result().error().code() != ask_errc::would_block) co_return -2;
        co_return co_await q;
    }

private:
    troupe::ref<scale> to_;
};

TEMPLATE_TEST_CASE("what would have blocked in a handler can still be awaited there", "",
                   TROUPE_TEST_KINDS) {
    fixture<TestType> f;
    auto const        alive = std::make_shared<int>(0);
    auto const        a = f.system.template spawn<scale>();
    CHECK(f.system.template spawn<impatient>(a).ask(weigh_blocking{alive}).get() == 42);
    CHECK(f.settle().sent == 2);
    CHECK(alive.use_count() == 1);
}

/// Counts those that live, the moved-from ones too.
struct counted {
    static inline std::atomic<int> living{0};
    counted() { living.fetch_add(1); }
    counted(counted const&) noexcept { living.fetch_add(1); }
    ~counted() { living.fetch_sub(1); }
};
struct text_of {
    counted one;
};
struct large_answer {
    counted one;
    char    bytes[2000] = {};
};
class printer {
public:
    using protocol = troupe::protocol<large_answer(text_of)>;
    large_answer on(text_of const&) {
        large_answer a;
        a.bytes[1999] = 'x';
        return a;
    }
};

TEMPLATE_TEST_CASE("an answer may be large, and is destroyed wherever it ends", "",
                   TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<printer>();
    auto const        before = f.settle();
    CHECK(a.ask(text_of{}).get().bytes[1999] == 'x');
    CHECK(a.ask(text_of{}).result().value().bytes[1999] == 'x');
    {
        auto unread = a.ask(text_of{}).start();
        f.settle();
    }
    f.settle();
    CHECK(counted::living.load() == 0);
    CHECK(f.settle().blocks == before.blocks);
}

}  // namespace test_request
