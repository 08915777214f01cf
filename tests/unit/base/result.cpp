// SPDX-License-Identifier: BSL-1.0
#include "troupe/base/result.hpp"

#include "support/catch.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace test_result {

using troupe::result;

struct failure {
    int code;
};

// Counts what lives, and throws when copied if told so.
struct counted {
    static inline int  alive = 0;
    static inline bool copy_throws = false;

    explicit counted(int n) : number(n) { ++alive; }
    counted(counted const& other) : number(other.number) {
        if (copy_throws) throw std::string{"copy"};
        ++alive;
    }
    counted(counted&& other) noexcept : number(std::exchange(other.number, -1)) { ++alive; }
    counted& operator=(counted const&) = delete;
    ~counted() { --alive; }

    int number;
};

// A class may have its own operator new; a result does not use it.
struct with_own_new {
    static void* operator new(std::size_t) = delete;
    int          number = 7;
};

result<int, failure> parse(bool good) {
    if (good) return 42;
    return failure{3};
}

result<void, failure> act(bool good) {
    if (!good) return failure{5};
    return {};
}

TEST_CASE("a result holds a value or an error") {
    auto const good = parse(true);
    auto const bad = parse(false);
    REQUIRE(good.has_value());
    REQUIRE(good);
    CHECK(*good == 42);
    CHECK(good.value() == 42);
    REQUIRE_FALSE(bad);
    CHECK(bad.error().code == 3);
}

TEST_CASE("value() of an error throws that error") {
    CHECK_THROWS_AS(parse(false).value(), failure);
    CHECK_THROWS_AS(act(false).value(), failure);
    CHECK_NOTHROW(act(true).value());
}

TEST_CASE("a result of nothing holds nothing or an error, and may be copied and replaced") {
    auto first = act(true);
    CHECK(first.has_value());
    auto second = act(false);
    first = second;
    REQUIRE_FALSE(first.has_value());
    CHECK(first.error().code == 5);
    second = act(true);
    CHECK(second.has_value());
    first = std::move(second);
    CHECK(first.has_value());
}

TEST_CASE("a value that converts to the error stays a value") {
    result<char const*, std::string> const text{"value"};
    REQUIRE(text.has_value());
    CHECK(std::string{*text} == "value");
    result<char const*, std::string> const error{std::string{"error"}};
    REQUIRE_FALSE(error.has_value());
    CHECK(error.error() == "error");
    result<long, failure> const widened = 5;
    CHECK(*widened == 5);
}

TEST_CASE("a result can be copied exactly when both of its types can") {
    STATIC_REQUIRE(std::is_copy_constructible_v<result<int, failure>>);
    STATIC_REQUIRE(std::is_copy_assignable_v<result<int, failure>>);
    STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<result<std::unique_ptr<int>, failure>>);
    STATIC_REQUIRE_FALSE(std::is_copy_assignable_v<result<std::unique_ptr<int>, failure>>);
    STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<result<void, std::unique_ptr<int>>>);
    STATIC_REQUIRE(std::is_nothrow_move_constructible_v<result<std::unique_ptr<int>, failure>>);
    STATIC_REQUIRE(std::is_nothrow_move_assignable_v<result<std::unique_ptr<int>, failure>>);
}

TEST_CASE("a value that can only be moved is moved out") {
    result<std::unique_ptr<int>, failure> owner{std::make_unique<int>(9)};
    CHECK(**owner == 9);
    CHECK(*owner->get() == 9);
    std::unique_ptr<int> const taken = std::move(owner).value();
    CHECK(*taken == 9);
    CHECK(*owner == nullptr);
    owner = failure{1};
    CHECK_FALSE(owner);
    owner = std::make_unique<int>(3);
    CHECK(**owner == 3);
}

TEST_CASE("every value and error is destroyed once") {
    counted::alive = 0;
    {
        result<counted, failure> a{counted{1}};
        result<counted, failure> b{a};
        result<counted, failure> c{std::move(a)};
        a = failure{2};
        b = c;
        c = std::move(b);
        auto& same = c;
        c = same;
        c = std::move(same);
        CHECK(c->number == 1);
        result<counted, std::string> d{std::string(100, 'x')};
        d = counted{4};
        CHECK(d->number == 4);
        d = std::string(100, 'y');
        CHECK(d.error().size() == 100);
    }
    CHECK(counted::alive == 0);
}

TEST_CASE("a copy that throws leaves the target of an assignment as it was") {
    counted::alive = 0;
    {
        result<counted, failure> const source{counted{1}};
        result<counted, failure>       value{counted{2}};
        result<counted, failure>       error{failure{3}};
        counted::copy_throws = true;
        CHECK_THROWS_AS(value = source, std::string);
        CHECK_THROWS_AS(error = source, std::string);
        counted::copy_throws = false;
        REQUIRE(value.has_value());
        CHECK(value->number == 2);
        REQUIRE_FALSE(error.has_value());
        CHECK(error.error().code == 3);
    }
    CHECK(counted::alive == 0);
}

TEST_CASE("a class with its own operator new is held like any other") {
    result<with_own_new, failure> const a{with_own_new{}};
    result<with_own_new, failure> const b{a};
    CHECK(b->number == 7);
}

}  // namespace test_result
