// SPDX-License-Identifier: BSL-1.0
// What GCC 12 gets wrong in coroutines, as far as the library lets a program say it: each form that
// compiles is run, and each object in it is destroyed exactly once. Meant for ASan, where the wrong
// forms are a double free; the count finds them without.
//
// The forms that would be wrong (an aggregate with a destructor, built inside a co_await
// expression) do not compile with GCC 12: tests/compile_fail has them.

#include "support/systems.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace test_gcc12_coroutines {

using namespace troupe_test;

struct alive {
    static inline std::atomic<int> count{0};
    alive() { count.fetch_add(1); }
    alive(alive const&) { count.fetch_add(1); }
    alive(alive&&) noexcept { count.fetch_add(1); }
    ~alive() { count.fetch_sub(1); }
};

// Aggregates with destructors: the dangerous kind.
struct text {
    std::string      words;
    std::vector<int> numbers = {};
    alive            mark = {};
};
struct inner {
    std::string s;
    alive       mark = {};
};
struct outer {
    inner i;
    int   n;
};
// Harmless: trivial, or with a constructor of its own.
struct amount {
    std::int64_t cents;
};
class classy {
public:
    explicit classy(std::string s) : s_(std::move(s)) {}
    std::size_t size() const { return s_.size(); }

private:
    std::string s_;
    alive       mark_;
};
using pair = std::pair<std::string, int>;

class target {
public:
    using protocol = troupe::protocol<std::size_t(text), std::size_t(outer), std::int64_t(amount),
                                      std::size_t(classy), std::size_t(pair)>;
    std::size_t  on(text const& t) { return t.words.size() + t.numbers.size(); }
    std::size_t  on(outer&& o) { return inner{std::move(o.i)}.s.size(); }
    std::int64_t on(amount a) { return a.cents; }
    std::size_t  on(classy c) { return c.size(); }
    std::size_t  on(pair const& p) { return p.first.size(); }
};

std::string const long_words(100, 'w');

// No braced list of numbers inside a coroutine: GCC 12 says "array used as initializer".
std::vector<int> const three(3, 7);

text make_text() { return text{long_words, three, {}}; }

struct run_all {};

template <class Request>
concept awaitable_as_temporary = requires(Request r) { std::move(r).operator co_await(); };
template <class Request>
concept awaitable_by_name = requires(Request& r) { r.operator co_await(); };

using asked_text = decltype(std::declval<troupe::ref<target>>().ask(std::declval<text>()));
using placed_text = decltype(std::declval<troupe::ref<target>>().ask<text>(std::string{}));
using asked_amount = decltype(std::declval<troupe::ref<target>>().ask(std::declval<amount>()));
using asked_classy = decltype(std::declval<troupe::ref<target>>().ask(std::declval<classy>()));
static_assert(awaitable_by_name<asked_text>);
static_assert(awaitable_as_temporary<placed_text>);
static_assert(awaitable_as_temporary<asked_amount>);
static_assert(awaitable_as_temporary<asked_classy>);

class caller {
public:
    using protocol = troupe::protocol<std::size_t(run_all)>;
    explicit caller(troupe::ref<target> to) : to_(to) {}

    troupe::task<std::size_t> on(run_all) {
        std::size_t sum = 0;
        // trivial members only
        sum += static_cast<std::size_t>(co_await to_.ask(amount{500}));
        if (co_await to_.ask(amount{1}) == 1) ++sum;
        // a class with a constructor, a pair, a string by value
        sum += co_await to_.ask(classy{long_words});
        sum += co_await to_.ask(pair{long_words, 1});
        // built in the callee
        sum += co_await to_.ask<text>(long_words, std::vector<int>(3, 7));
        sum += co_await to_.ask<text>(std::string(100, 'x')).within(std::chrono::hours{1});
        sum += co_await to_.ask<classy>(std::string(100, 'x'));
        if (auto const n = co_await to_.ask<text>(long_words)) sum += n;
        // the request named first
        auto q = to_.ask(text{long_words, three, {}});
        sum += co_await q;
        auto late = to_.ask(text{long_words, three, {}}).within(std::chrono::hours{1});
        sum += co_await late;
        // the message named first, in place by moving
        text m{long_words, three, {}};
        auto moved = to_.ask(std::move(m));
        sum += co_await moved;
        inner i{long_words, {}};
        sum += co_await to_.ask<outer>(i, 5);
        // a function that returns the aggregate
        auto made = to_.ask(make_text());
        sum += co_await made;
        // a lambda that returns the request
        sum += co_await [this] { return to_.template ask<text>(long_words); }();
        // a named lambda with captures
        auto const ask = [to = to_, words = long_words] { return to.template ask<text>(words); };
        sum += co_await ask();
        // sends without co_await in the expression
        to_.send(text{long_words, three, {}});
        to_.send(outer{{long_words, {}}, 1});
        to_.template send<outer>(i, 1);
        // tasks
        sum += co_await nested(long_words);
        text const given = co_await gives();
        sum += given.words.size();
        co_return sum;
    }

private:
    troupe::task<std::size_t> nested(std::string words) {
        alive const here;
        co_return co_await to_.ask<text>(std::move(words));
    }
    troupe::task<text> gives() {
        static_cast<void>(co_await to_.ask(amount{1}));
        co_return text{long_words, three, {}};
    }
    troupe::ref<target> to_;
};

TEMPLATE_TEST_CASE("every form that compiles destroys each object exactly once", "",
                   TROUPE_TEST_SCHEDULERS) {
    {
        fixture<TestType> f;
        auto const        to = f.system.template spawn<target>();
        auto const        c = f.system.template spawn<caller>(to);
        std::size_t const first = c.ask(run_all{}).get();
        CHECK(first > 1000);
        for (int i = 0; i < 50; ++i) {
            if (c.ask(run_all{}).get() != first) FAIL("another sum");
        }
    }
    CHECK(alive::count.load() == 0);
}

}  // namespace test_gcc12_coroutines
