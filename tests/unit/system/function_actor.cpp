// SPDX-License-Identifier: BSL-1.0
#include "troupe/system/function_actor.hpp"

#include "support/systems.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace test_function_actor {

using namespace troupe_test;

struct add {
    int n;
};
struct total {};
struct label {
    std::string text;
};

TEMPLATE_TEST_CASE("a function is an actor, its signature the protocol", "",
                   TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    std::atomic<int>  sum{0};
    auto const        a = f.system.spawn([&sum](add m) { sum.fetch_add(m.n); });
    STATIC_REQUIRE(std::is_convertible_v<decltype(a), troupe::ref<troupe::protocol<void(add)>>>);
    a.send(add{3});
    a.template send<add>(4);
    a.ask(add{5}).get();
    CHECK(sum.load() == 12);
    auto const b = f.system.spawn([](label const& l) { return l.text + "!"; });
    CHECK(b.ask(label{"hey"}).get() == "hey!");
    auto const c = f.system.spawn([](label&& l) noexcept { return std::move(l.text); });
    CHECK(c.ask(label{"there"}).get() == "there");
}

TEMPLATE_TEST_CASE("several functions are one actor", "", TROUPE_TEST_KINDS) {
    fixture<TestType> f;
    auto              sum = std::make_shared<int>(0);
    auto const        a = f.system.spawn(troupe::overload{
        [sum](add m) { *sum += m.n; },
        [sum](total) { return *sum; },
        [](label const& l) { return l.text.size(); },
    });
    a.send(add{3});
    a.send(add{4});
    CHECK(a.ask(total{}).get() == 7);
    CHECK(a.ask(label{"four"}).get() == 4);
    troupe::ref<troupe::protocol<int(total)>> const narrow = a;
    CHECK(narrow.ask(total{}).get() == 7);
}

TEMPLATE_TEST_CASE("a coroutine is an actor; one that fails leaves it as it was", "",
                   TROUPE_TEST_KINDS) {
    fixture<TestType> f;
    auto const        b = f.system.spawn([](add m) { return m.n * 2; });
    auto const        a = f.system.spawn([b](add m) -> troupe::task<int> {
        if (m.n < 0) throw std::invalid_argument{"negative"};
        co_return co_await b.template ask<add>(m.n) + 1;
    });
    STATIC_REQUIRE(std::is_convertible_v<decltype(a), troupe::ref<troupe::protocol<int(add)>>>);
    CHECK(a.ask(add{3}).get() == 7);
    CHECK(a.ask(add{-1}).result().error().code() == troupe::ask_errc::failed);
    CHECK(a.ask(add{4}).get() == 9);
    auto const told = std::make_shared<std::atomic<int>>(0);
    auto const c = f.system.spawn(troupe::overload{
        [told](label const& l) -> troupe::task<> {
            *told += static_cast<int>(l.text.size());
            co_return;
        },
        [told](total) { return told->load(); },
    });
    c.send(label{"four"});
    CHECK(c.ask(total{}).get() == 4);
}

// Regression 10, second half.
TEMPLATE_TEST_CASE("a function that fails leaves its state as it was, and goes on", "",
                   TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        a = f.system.spawn([sum = 0, seen = std::vector<int>{}](add m) mutable {
        sum += m.n;
        seen.push_back(m.n);
        if (m.n < 0) throw std::runtime_error{"negative"};
        return sum + 1000 * static_cast<int>(seen.size());
    });
    CHECK(a.ask(add{1}).get() == 1001);
    for (int i = 0; i < 10; ++i) {
        auto const failed = a.ask(add{-5}).result();
        REQUIRE_FALSE(failed.has_value());
        CHECK(failed.error().code() == troupe::ask_errc::failed);
    }
    a.send(add{-7});
    CHECK(a.ask(add{2}).get() == 2003);
    CHECK(f.settle().failed == 11);
}

TEST_CASE("a function that changes nothing need not be copyable") {
    fixture<simulated> f;
    auto const         a = f.system.spawn([p = std::make_unique<int>(5)](total) { return *p; });
    CHECK(a.ask(total{}).get() == 5);
    auto const outcome = f.system.try_spawn([](total) { return 1; });
    REQUIRE(outcome.has_value());
    CHECK((*outcome).ask(total{}).get() == 1);
}

class copies_badly {
public:
    explicit copies_badly(int limit) : limit_(limit) {}
    copies_badly(copies_badly const& o) : limit_(o.limit_ - 1) {
        if (limit_ < 0) throw std::runtime_error{"no copy"};
    }
    copies_badly(copies_badly&&) noexcept = default;
    int limit_;
};

TEST_CASE("a state that cannot be copied before the call is a failure of that call only") {
    fixture<simulated> f;
    auto const         a = f.system.spawn([c = copies_badly{0}, n = 0](total) mutable {
        static_cast<void>(c);
        return ++n;
    });
    CHECK(a.ask(total{}).result().error().code() == troupe::ask_errc::failed);
    CHECK(a.ask(total{}).result().error().code() == troupe::ask_errc::failed);
    CHECK(f.settle().actors == 1);
}

TEMPLATE_TEST_CASE("a function takes a name and a mailbox, as a class does", "",
                   TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        count = [](total) { return 1; };
    auto const        a = f.system.spawn(troupe::name{"counter"}, count);
    CHECK(a.ask(total{}).get() == 1);
    auto const again = f.system.try_spawn(troupe::name{"counter"}, count);
    REQUIRE_FALSE(again.has_value());
    CHECK(again.error().code() == troupe::spawn_errc::name_taken);
    CHECK_THROWS_AS(f.system.spawn(troupe::name{"counter"}, count), troupe::spawn_error);

    auto const both = f.system.template spawn<troupe::unbounded_mailbox>(
        troupe::name{"other"}, troupe::overload{[](add) {}, [](total) { return 2; }});
    CHECK(both.ask(total{}).get() == 2);
    CHECK(f.settle().actors == 2);
}

TEST_CASE("the mailbox of a function bounds it, and the reference says that it may refuse") {
    using refusing = troupe::bounded_mailbox<4, troupe::overflow::fail>;
    fixture<simulated> f;
    int                sum = 0;
    auto const         a = f.system.spawn<refusing>([&sum](add m) { sum += m.n; });
    STATIC_REQUIRE(std::is_same_v<decltype(a.send(add{1})), troupe::send_status>);
    STATIC_REQUIRE(
        std::is_convertible_v<decltype(a),
                              troupe::ref<troupe::protocol<void(add)>, troupe::refusable>>);
    for (int i = 0; i < 4; ++i) CHECK(a.send(add{1}) == troupe::send_status::accepted);
    CHECK(a.send(add{1}) == troupe::send_status::full);
    f.settle();
    CHECK(sum == 4);
    auto const b = f.system.try_spawn<troupe::bounded_mailbox<1>>(troupe::name{"b"}, [](add) {});
    REQUIRE(b.has_value());
    CHECK((*b).try_send(add{1}) == troupe::send_status::accepted);
    CHECK((*b).try_send(add{1}) == troupe::send_status::full);
}

class counters {
public:
    using protocol = troupe::protocol<int(add), int(total), bool(label)>;
    void started(troupe::context<counters>& self) {
        plain_ = self.spawn([](add m) { return m.n; });
        named_ = self.spawn<troupe::bounded_mailbox<2>>(
            troupe::name{"named"}, [sum = 0](add m) mutable { return sum += m.n; });
    }
    troupe::task<int> on(add m) {
        int const once = co_await plain_.ask<add>(m.n);
        co_return once + co_await named_.ask<add>(m.n);
    }
    int on(total, troupe::context<counters>& self) {
        auto const refusing = self.try_spawn<troupe::bounded_mailbox<1, troupe::overflow::fail>>(
            troupe::overload{[](add) {}, [](total) { return 0; }});
        if (!refusing) return -1;
        int accepted = 0;
        for (int i = 0; i < 3; ++i) {
            accepted += (*refusing).send(add{i}) == troupe::send_status::accepted ? 1 : 0;
        }
        return accepted;
    }
    bool on(label l, troupe::context<counters>& self) {
        return self.try_spawn(troupe::name{l.text}, [](add) {}).has_value();
    }

private:
    troupe::ref<troupe::protocol<int(add)>> plain_;
    troupe::ref<troupe::protocol<int(add)>> named_;
};

TEMPLATE_TEST_CASE("a child may be a function, with a name and a mailbox; it ends with its parent",
                   "", TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<counters>();
    CHECK(a.ask(add{3}).get() == 6);
    CHECK(a.ask(add{4}).get() == 11);
    CHECK(a.ask(total{}).get() == 1);
    CHECK_FALSE(a.ask(label{"named"}).get());  // its sibling has this name
    CHECK(a.ask(label{"new"}).get());
    CHECK(f.settle().actors == 5);
    f.system.stop(a);
    CHECK(f.settle().actors == 0);
}

}  // namespace test_function_actor
