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

}  // namespace test_function_actor
