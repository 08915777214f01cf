// SPDX-License-Identifier: BSL-1.0
#include "troupe/system/spawn.hpp"

#include "support/systems.hpp"

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace test_spawn {

using namespace troupe_test;
using troupe::name;
using troupe::spawn_errc;

struct ping {};

class plain {
public:
    using protocol = troupe::protocol<int(ping)>;
    int on(ping) { return 1; }
};

template <class Outcome>
spawn_errc code_of(Outcome const& o) {
    return o.error().code();
}

TEMPLATE_TEST_CASE("a name is taken once and free again after the death of its actor", "",
                   TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<plain>(name{"alice"});
    f.settle();
    auto const before = f.system.books();
    auto const again = f.system.template try_spawn<plain>(name{"alice"});
    REQUIRE_FALSE(again.has_value());
    CHECK(code_of(again) == spawn_errc::name_taken);
    CHECK_THROWS_AS(f.system.template spawn<plain>(name{"alice"}), troupe::spawn_error);
    CHECK_THROWS_WITH(f.system.template spawn<plain>(name{"alice"}),
                      contains("plain: the name \"alice\" is taken"));
    auto const after = f.settle();
    CHECK(after.actors == before.actors);
    CHECK(after.blocks == before.blocks);
    CHECK(f.system.template try_spawn<plain>(name{"bob"}).has_value());
    f.system.stop(a);
    f.settle();
    CHECK(f.system.template try_spawn<plain>(name{"alice"}).has_value());
}

TEST_CASE("a name has one to 255 bytes, without a slash and control bytes") {
    fixture<simulated> f;
    for (std::string const& bad :
         {std::string{}, std::string(256, 'a'), std::string{"a/b"}, std::string{"a\n"},
          std::string{"\x7f"}, std::string("a\0b", 3), std::string{"\x1b[31m"}}) {
        auto const outcome = f.system.try_spawn<plain>(name{bad});
        REQUIRE_FALSE(outcome.has_value());
        CHECK(code_of(outcome) == spawn_errc::name_invalid);
    }
    for (std::string const& good :
         {std::string(255, 'a'), std::string{"x"}, std::string{".."}, std::string{"\xc3\xa9"}}) {
        CHECK(f.system.try_spawn<plain>(name{good}).has_value());
    }
}

class family {
public:
    using protocol = troupe::protocol<spawn_errc(ping)>;
    spawn_errc on(ping, troupe::context<family>& self) {
        static_cast<void>(self.spawn<plain>(name{"child"}));
        auto const again = self.try_spawn<plain>(name{"child"});
        return again.has_value() ? spawn_errc::stopped : again.error().code();
    }
};

TEST_CASE("names are unique among siblings only") {
    fixture<simulated> f;
    auto const         a = f.system.spawn<family>(name{"child"});
    auto const         b = f.system.spawn<family>();
    CHECK(a.ask(ping{}).get() == spawn_errc::name_taken);
    CHECK(b.ask(ping{}).get() == spawn_errc::name_taken);
    CHECK(f.system.books().actors == 2 + 2);
}

class fails_to_be {
public:
    using protocol = troupe::protocol<void(ping)>;
    explicit fails_to_be(std::shared_ptr<int> alive) : alive_(std::move(alive)) {
        throw std::runtime_error{"not to be"};
    }
    void on(ping) {}

private:
    std::shared_ptr<int> alive_;
};

TEMPLATE_TEST_CASE("a constructor that throws leaves nothing, and its exception is nested", "",
                   TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        alive = std::make_shared<int>(0);
    auto const        before = f.settle();
    auto const        outcome = f.system.template try_spawn<fails_to_be>(name{"n"}, alive);
    REQUIRE_FALSE(outcome.has_value());
    CHECK(code_of(outcome) == spawn_errc::constructor);
    REQUIRE(outcome.error().nested() != nullptr);
    CHECK_THROWS_WITH(std::rethrow_exception(outcome.error().nested()), "not to be");
    CHECK_THAT(outcome.error().what(), troupe_test::contains(": constructor failed: not to be"));
    auto const after = f.settle();
    CHECK(after.actors == before.actors);
    CHECK(after.blocks == before.blocks + 1);  // the error keeps what it tells
    CHECK(alive.use_count() == 1);
    CHECK(f.system.template try_spawn<plain>(name{"n"}).has_value());
    STATIC_REQUIRE(noexcept(f.system.template try_spawn<fails_to_be>(alive)));
    STATIC_REQUIRE(!noexcept(f.system.template spawn<fails_to_be>(alive)));
}

class fails_to_start {
public:
    using protocol = troupe::protocol<void(ping)>;
    fails_to_start(troupe::ref<plain>& child, std::shared_ptr<int> alive)
        : child_(child), alive_(std::move(alive)) {}
    void started(troupe::context<fails_to_start>& self) {
        child_ = self.spawn<plain>(name{"inner"});
        static_cast<void>(self.spawn<plain>());
        self.after(std::chrono::hours{1}, ping{});
        self.ref().send(ping{});
        throw std::runtime_error{"false start"};
    }
    void on(ping) {}

private:
    troupe::ref<plain>&  child_;
    std::shared_ptr<int> alive_;
};

TEMPLATE_TEST_CASE("a start that throws leaves no child, no timer, no name and no message", "",
                   TROUPE_TEST_SCHEDULERS) {
    fixture<TestType>  f;
    auto const         alive = std::make_shared<int>(0);
    auto const         before = f.settle();
    troupe::ref<plain> child;
    auto const outcome = f.system.template try_spawn<fails_to_start>(name{"n"}, child, alive);
    REQUIRE_FALSE(outcome.has_value());
    CHECK(code_of(outcome) == spawn_errc::constructor);
    CHECK_THROWS_WITH(std::rethrow_exception(outcome.error().nested()), "false start");
    auto const after = f.settle();
    CHECK(after.actors == before.actors);
    CHECK(after.timers == 0);
    CHECK(after.blocks == before.blocks + 1);  // the error keeps what it tells
    CHECK(after.dropped_by(troupe::drop_cause::dead) == 1);
    CHECK(alive.use_count() == 1);
    CHECK(child.try_send(ping{}) == troupe::send_status::no_target);
    CHECK(f.system.template try_spawn<plain>(name{"n"}).has_value());
}

class parent_of_failures {
public:
    using protocol = troupe::protocol<int(ping)>;
    explicit parent_of_failures(std::shared_ptr<int> alive) : alive_(std::move(alive)) {}
    int on(ping, troupe::context<parent_of_failures>& self) {
        int                errors = 0;
        troupe::ref<plain> inner;
        errors += self.try_spawn<fails_to_be>(alive_).has_value() ? 0 : 1;
        errors += self.try_spawn<fails_to_start>(inner, alive_).has_value() ? 0 : 1;
        try {
            static_cast<void>(self.spawn<fails_to_be>(alive_));
        } catch (troupe::spawn_error const&) { ++errors; }
        return errors;
    }

private:
    std::shared_ptr<int> alive_;
};

TEMPLATE_TEST_CASE("a child that fails to start leaves its parent as it was", "",
                   TROUPE_TEST_KINDS) {
    fixture<TestType> f;
    auto const        alive = std::make_shared<int>(0);
    auto const        a = f.system.template spawn<parent_of_failures>(alive);
    auto const        before = f.settle();
    CHECK(a.ask(ping{}).get() == 3);
    auto const after = f.settle();
    CHECK(after.actors == before.actors);
    CHECK(after.blocks == before.blocks);
    CHECK(alive.use_count() == 2);
}

TEMPLATE_TEST_CASE("actors_max counts living actors, and frees on death", "",
                   TROUPE_TEST_SCHEDULERS) {
    troupe::options<typename TestType::config> given;
    given.actors_max = 4;
    fixture<TestType>               f{given};
    std::vector<troupe::ref<plain>> all;
    for (int round = 0; round < 20; ++round) {
        for (;;) {
            auto next = f.system.template try_spawn<plain>();
            if (!next) {
                CHECK(code_of(next) == spawn_errc::too_many_actors);
                break;
            }
            all.push_back(*next);
            REQUIRE(all.size() <= 4);
        }
        CHECK(all.size() == 4);  // the root of the tree is not one of them
        for (auto const& a : all) f.system.stop(a);
        all.clear();
        f.settle();
    }
}

struct large {
    using protocol = troupe::protocol<void(ping)>;
    void on(ping) {}
    char data[8000] = {};
};

TEST_CASE("a full fixed pool refuses a spawn and takes it again later") {
    using tiny = setup<composed<troupe::run_loop_scheduler, troupe::fixed_pool<256 * 1024>>, 1>;
    fixture<tiny>                   f;
    auto const                      before = f.settle();
    std::vector<troupe::ref<large>> all;
    for (int round = 0; round < 3; ++round) {
        for (;;) {
            auto next = f.system.try_spawn<large>();
            if (!next) {
                CHECK(code_of(next) == spawn_errc::pool_exhausted);
                break;
            }
            all.push_back(*next);
        }
        CHECK(all.size() > 20);
        for (auto const& a : all) f.system.stop(a);
        all.clear();
        auto const after = f.settle();
        CHECK(after.actors == before.actors);
        CHECK(after.blocks == before.blocks);
    }
}

TEMPLATE_TEST_CASE("nothing is spawned after the stop", "", TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    f.end();
    auto const outcome = f.system.template try_spawn<plain>();
    REQUIRE_FALSE(outcome.has_value());
    CHECK(code_of(outcome) == spawn_errc::stopped);
    CHECK_THROWS_WITH(f.system.template spawn<plain>(), contains("stopped"));
    CHECK(f.system.try_spawn([](ping) {}).error().code() == spawn_errc::stopped);
}

class only_moves {
public:
    using protocol = troupe::protocol<int(ping)>;
    only_moves(std::unique_ptr<int> a, int const& b, int& c) : a_(std::move(a)), b_(b) { c = 9; }
    int on(ping) { return *a_ + b_; }

private:
    std::unique_ptr<int> a_;
    int                  b_;
};

TEST_CASE("arguments are forwarded to the constructor as they were given") {
    fixture<simulated> f;
    int const          two = 2;
    int                out = 0;
    auto const         a = f.system.spawn<only_moves>(std::make_unique<int>(1), two, out);
    CHECK(out == 9);
    CHECK(a.ask(ping{}).get() == 3);
}

TEMPLATE_TEST_CASE("threads spawn and stop at the same time", "", TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    std::atomic<int>  wrong{0};
    f.on_threads(8, [&](unsigned) {
        for (int i = 0; i < 100; ++i) {
            auto const a = f.system.template spawn<plain>();
            if (a.ask(ping{}).get() != 1) wrong.fetch_add(1);
            f.system.stop(a);
            f.system.stop(a);
        }
    });
    CHECK(wrong.load() == 0);
    CHECK(f.settle().actors == 0);
}

class stillborn {
public:
    using protocol = troupe::protocol<int(ping)>;
    explicit stillborn(bool in_started) {
        if (!in_started) throw std::runtime_error{"constructor"};
    }
    void started() { throw std::runtime_error{"started"}; }
    int  on(ping) { return 0; }
};

TEMPLATE_TEST_CASE("the error of a spawn tells the failure, and the name is free at once", "",
                   TROUPE_TEST_KINDS) {
    fixture<TestType> f;
    for (bool const in_started : {false, true}) {
        for (int i = 0; i < 3; ++i) {
            auto const made = f.system.template try_spawn<stillborn>(troupe::name{"x"}, in_started);
            REQUIRE_FALSE(made.has_value());
            CHECK(made.error().code() == troupe::spawn_errc::constructor);
            troupe::failure const why = made.error().failure();
            CHECK(why.where() ==
                  (in_started ? troupe::failed_in::started : troupe::failed_in::constructor));
            CHECK(why.what() == (in_started ? "started" : "constructor"));
            CHECK(why.path() == "x");
            CHECK(why.is<std::runtime_error>());
        }
    }
    CHECK(f.settle().actors == 0);
}

// ---- what is sent on the way, to a mailbox that is full

class small_sink {
public:
    using protocol = troupe::protocol<void(ping)>;
    using mailbox_type = troupe::bounded_mailbox<1>;
    void on(ping) {}
};

/// Sends when it is built and does not come to be; its argument sends when it goes.
struct last_words {
    explicit last_words(troupe::ref<small_sink> t) : to(t) {}
    last_words(last_words const&) = default;
    ~last_words() {
        for (int i = 0; i < 3; ++i) to.send(ping{});
    }
    troupe::ref<small_sink> to;
};
class talker {
public:
    using protocol = troupe::protocol<>;
    talker(last_words const& words, bool throws) {
        for (int i = 0; i < 3; ++i) words.to.send(ping{});
        if (throws) throw std::runtime_error{"not built"};
    }
};
struct spawn_one {
    troupe::ref<small_sink> to;
    bool                    throws;
};
template <bool Supervises>
struct strategy_of_house {};
template <>
struct strategy_of_house<true> {
    static constexpr troupe::one_for_one supervision{};
};
template <bool Supervises>
class house : public strategy_of_house<Supervises> {
public:
    using protocol = troupe::protocol<void(spawn_one)>;
    void on(spawn_one const& s, troupe::context<house>& self) {
        auto const born = self.template try_spawn<talker>(last_words{s.to}, s.throws);
        if (born.has_value()) self.stop(born.value());
    }
};

template <bool Supervises, class TestType>
void check_nothing_is_kept() {
    fixture<TestType> f;
    auto const        sink = f.system.template spawn<small_sink>();
    auto const        h = f.system.template spawn<house<Supervises>>();
    auto const        blocks = f.settle().blocks;
    for (int i = 0; i < 20; ++i) {
        h.send(spawn_one{sink, i % 2 == 0});
        CHECK(f.settle().actors == 2);
    }
    CHECK(f.settle().blocks == blocks);
}

TEMPLATE_TEST_CASE("who sends too much while it is built or goes leaves nothing behind", "",
                   TROUPE_TEST_SCHEDULERS) {
    check_nothing_is_kept<false, TestType>();
    check_nothing_is_kept<true, TestType>();
}

}  // namespace test_spawn
