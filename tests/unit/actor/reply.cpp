// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/reply.hpp"

#include "support/systems.hpp"

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace test_reply {

using namespace troupe_test;
using troupe::ask_errc;
using troupe::reply;

struct ask_me {};
struct act {
    int what;
};

/// Keeps what it is asked, and does with it what the test says.
class keeper {
public:
    using protocol = troupe::protocol<int(ask_me), bool(act)>;
    using kept = std::vector<reply<int>>;
    void on(ask_me, reply<int> r) { kept_.push_back(std::move(r)); }
    bool on(act a) {
        switch (a.what) {
            case 0: {  // moved: the new one answers, what is left of the old one is empty
                reply<int> moved{std::move(kept_.at(0))};
                bool const right = static_cast<bool>(moved) && !kept_.at(0);  // NOLINT
                kept_.at(0)(1);
                moved(2);
                return right && !moved;
            }
            case 1: {  // assigned: the two change places, and nothing is abandoned
                kept_.at(0) = std::move(kept_.at(1));
                kept_.at(0)(20);
                kept_.at(1)(10);  // NOLINT
                return true;
            }
            case 2: {  // an empty one is assigned
                reply<int> moved{std::move(kept_.at(0))};
                kept_.at(0) = std::move(moved);
                kept_.at(0)(3);
                return !moved;  // NOLINT
            }
            case 3: {
                bool const had = static_cast<bool>(kept_.at(0));
                kept_.clear();
                return had;
            }
            default: return false;
        }
    }

private:
    kept kept_;
};

TEST_CASE("a reply can be moved, not copied, and moving it cannot fail") {
    STATIC_REQUIRE(std::is_nothrow_move_constructible_v<reply<int>>);
    STATIC_REQUIRE(std::is_nothrow_move_assignable_v<reply<int>>);
    STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<reply<int>>);
    STATIC_REQUIRE_FALSE(std::is_copy_assignable_v<reply<int>>);
    STATIC_REQUIRE_FALSE(std::is_convertible_v<reply<int>, bool>);  // explicit
    STATIC_REQUIRE(sizeof(reply<int>) <= 24);
}

TEMPLATE_TEST_CASE("a reply that was moved answers from where it is now", "", TROUPE_TEST_KINDS) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<keeper>();
    auto              asked = a.ask(ask_me{}).start();
    CHECK(a.ask(act{0}).get());
    CHECK(asked.get() == 2);
}

TEMPLATE_TEST_CASE("replies that are assigned change places; none is abandoned by it", "",
                   TROUPE_TEST_KINDS) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<keeper>();
    auto              first = a.ask(ask_me{}).start();
    auto              second = a.ask(ask_me{}).start();
    SECTION("two") {
        CHECK(a.ask(act{1}).get());
        CHECK(first.get() == 10);
        CHECK(second.get() == 20);
    }
    SECTION("with an empty one") {
        CHECK(a.ask(act{2}).get());
        CHECK(first.get() == 3);
        a.send(act{3});
        CHECK(second.result().error().code() == ask_errc::abandoned);
    }
}

TEMPLATE_TEST_CASE("the reply to what was only sent is empty, and answering it does nothing", "",
                   TROUPE_TEST_KINDS) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<keeper>();
    a.send(ask_me{});
    CHECK_FALSE(a.ask(act{3}).get());
    a.send(ask_me{});
    CHECK_FALSE(a.ask(act{0}).get());  // moved, and still empty
    CHECK(f.settle().failed == 0);
}

struct owns {
    std::shared_ptr<int> alive;
};
struct give_me {};
class lender {
public:
    using protocol = troupe::protocol<owns(give_me), void(act)>;
    explicit lender(std::shared_ptr<int> alive) : alive_(std::move(alive)) {}
    void on(give_me, reply<owns> r) { kept_.emplace(std::move(r)); }
    void on(act) {
        if (!kept_) return;
        (*kept_)(alive_);
        (*kept_)(alive_);  // goes nowhere: nothing is built
        kept_.reset();
    }

private:
    std::shared_ptr<int>       alive_;
    std::optional<reply<owns>> kept_;
};

TEMPLATE_TEST_CASE("a value that was answered exists once, and goes when nobody wants it", "",
                   TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        alive = std::make_shared<int>(0);
    auto const        a = f.system.template spawn<lender>(alive);
    SECTION("taken") {
        auto asked = a.ask(give_me{}).start();
        a.send(act{0});
        {
            owns const got = asked.get();
            f.settle();
            CHECK(alive.use_count() == 3);
        }
        CHECK(alive.use_count() == 2);
    }
    SECTION("not taken") {
        {
            auto asked = a.ask(give_me{}).start();
            a.send(act{0});
            f.settle();
            CHECK(alive.use_count() == 3);
        }
        CHECK(alive.use_count() == 2);
    }
    SECTION("the asker has left before the answer") {
        { auto asked = a.ask(give_me{}).start(); }
        f.settle();
        a.send(act{0});
        f.settle();
        CHECK(alive.use_count() == 2);
    }
}

}  // namespace test_reply
