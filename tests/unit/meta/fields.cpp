// SPDX-License-Identifier: BSL-1.0
#include "troupe/meta/fields.hpp"

#include "support/catch.hpp"

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

namespace test_fields {

using troupe::field_count;
using troupe::field_name;
using troupe::fields;
using troupe::has_readable_fields;
using troupe::visit_fields;

struct nothing {};
struct one {
    int cents;
};
struct built_from_a_number {
    built_from_a_number(int v) : value{v} {}
    int value;
};
struct strict {
    built_from_a_number first;
    int                 second;
    built_from_a_number third;
};
struct constant {
    int const   number;
    std::string text;
};
struct library {
    std::optional<int>                        o;
    std::variant<int, std::string>            v;
    std::map<int, std::string>                m;
    std::array<int, 3>                        a;
    std::tuple<int, char>                     t;
    std::vector<std::vector<int>>             vv;
    std::optional<std::optional<std::string>> oo;
    std::pair<int, std::unique_ptr<int>>      p;
};
struct inner {
    int x, y, z;
};
struct outer {
    inner left;
    int   between;
    inner right;
};
struct arrays {
    int                 three[3];
    int                 number;
    char                square[2][2];
    std::string         text;
    built_from_a_number single[1];
    char                name[64];
};
struct immovable {
    std::atomic<int>     counter;
    std::unique_ptr<int> pointer;
};
struct explicit_default {
    explicit explicit_default() {}
};
struct holds_explicit_default {
    int              before;
    explicit_default x;
    int              behind;
};
struct recursive {
    int                    value;
    std::vector<recursive> below;
};
struct most {
    int a1, a2, a3, a4, a5, a6, a7, a8, b1, b2, b3, b4, b5, b6, b7, b8;
    int c1, c2, c3, c4, c5, c6, c7, c8, d1, d2, d3, d4, d5, d6, d7, d8;
};
struct too_many {
    most first;
    int  a1, a2, a3, a4, a5, a6, a7, a8, b1, b2, b3, b4, b5, b6, b7, b8;
    int  c1, c2, c3, c4, c5, c6, c7, c8, d1, d2, d3, d4, d5, d6, d7, d8;
};
struct with_reference {
    int  value;
    int& reference;
};
struct derived : inner {
    int more;
};
struct derived_from_nothing : nothing {
    int more;
};
union either {
    int   number;
    float real;
};

class closed {
public:
    explicit closed(int number) : number_{number} {}

private:
    [[maybe_unused]] int number_;
};

class account {
public:
    account() = default;
    account(long cents, std::string owner) : cents_{cents}, owner_{std::move(owner)} {}
    long               cents() const { return cents_; }
    std::string const& owner() const { return owner_; }

private:
    long        cents_ = 0;
    std::string owner_;

public:
    static constexpr auto wire_fields = fields<&account::owner_, &account::cents_>;
};
struct listed_with_base : inner {
    int                   more;
    static constexpr auto wire_fields =
        fields<&listed_with_base::y, &listed_with_base::more>.named("height", "rest");
};

}  // namespace test_fields
namespace test_fields_vendor {
struct point {
    point(int px, int py) : x{px}, y{py} {}
    int x, y;
};
}  // namespace test_fields_vendor
template <>
inline constexpr auto troupe::fields_of<test_fields_vendor::point> =
    troupe::fields<&test_fields_vendor::point::x, &test_fields_vendor::point::y>;

namespace test_fields {
namespace {
struct hidden {
    int secret;
};
}  // namespace

TEST_CASE("the fields of an aggregate are counted") {
    STATIC_REQUIRE(field_count<nothing> == 0);
    STATIC_REQUIRE(field_count<one> == 1);
    STATIC_REQUIRE(field_count<library> == 8);
    STATIC_REQUIRE(field_count<outer> == 3);
    STATIC_REQUIRE(field_count<recursive> == 2);
    STATIC_REQUIRE(field_count<most> == 32);
}

TEST_CASE("fields need no constructor without arguments, and may neither copy nor move") {
    STATIC_REQUIRE(field_count<strict> == 3);
    STATIC_REQUIRE(field_count<constant> == 2);
    STATIC_REQUIRE(field_count<immovable> == 2);
    STATIC_REQUIRE(field_count<holds_explicit_default> == 3);
}

TEST_CASE("an array in C's way is one field") {
    STATIC_REQUIRE(field_count<arrays> == 6);
    arrays object{{1, 2, 3}, 4, {{'a', 'b'}, {'c', 'd'}}, "text", {5}, "name"};
    visit_fields(object,
                 [](auto& three, auto& number, auto& square, auto& text, auto& single, auto& name) {
                     STATIC_REQUIRE(std::is_same_v<decltype(three), int(&)[3]>);
                     CHECK(three[2] == 3);
                     CHECK(number == 4);
                     CHECK(square[1][0] == 'c');
                     CHECK(text == "text");
                     CHECK(single[0].value == 5);
                     CHECK(name[3] == 'e');
                 });
}

TEST_CASE("what cannot be read is said to be so") {
    STATIC_REQUIRE_FALSE(has_readable_fields<too_many>);
    STATIC_REQUIRE_FALSE(has_readable_fields<with_reference>);
    STATIC_REQUIRE_FALSE(has_readable_fields<derived>);
    STATIC_REQUIRE_FALSE(has_readable_fields<derived_from_nothing>);
    STATIC_REQUIRE_FALSE(has_readable_fields<closed>);
    STATIC_REQUIRE_FALSE(has_readable_fields<either>);
    STATIC_REQUIRE_FALSE(has_readable_fields<int>);
    STATIC_REQUIRE_FALSE(has_readable_fields<int[3]>);
    STATIC_REQUIRE(troupe::detail::has_a_reference_inside<with_reference>);
    STATIC_REQUIRE_FALSE(troupe::detail::has_a_reference_inside<strict>);
}

TEST_CASE("fields are visited in their order, as they are, and can be changed") {
    outer     object{{1, 2, 3}, 4, {5, 6, 7}};
    int const sum = visit_fields(object, [](inner& left, int& between, inner& right) {
        between = 40;
        return left.x + between + right.z;
    });
    CHECK(sum == 48);
    CHECK(object.between == 40);
    outer const fixed = object;
    visit_fields(fixed, [](auto&... all) {
        STATIC_REQUIRE((std::is_const_v<std::remove_reference_t<decltype(all)>> && ...));
    });
    nothing none;
    CHECK(visit_fields(none, [] { return 5; }) == 5);
    one            last{1};
    constexpr auto same = [](auto& field) -> auto& { return field; };
    CHECK(&visit_fields(last, same) == &last.cents);
}

TEST_CASE("fields have their names") {
    STATIC_REQUIRE(field_name<one, 0>() == "cents");
    STATIC_REQUIRE(field_name<outer, 1>() == "between");
    STATIC_REQUIRE(field_name<strict, 2>() == "third");
    STATIC_REQUIRE(field_name<arrays, 2>() == "square");
    STATIC_REQUIRE(field_name<library, 6>() == "oo");
    STATIC_REQUIRE(field_name<most, 31>() == "d8");
    STATIC_REQUIRE(field_name<constant, 1>() == "text");
    STATIC_REQUIRE(field_name<immovable, 1>() == "pointer");
    STATIC_REQUIRE(field_name<hidden, 0>() == "secret");
    struct local {
        int here;
    };
    STATIC_REQUIRE(field_name<local, 0>() == "here");
}

TEST_CASE("a class may list its fields, private ones and inherited ones, in another order") {
    STATIC_REQUIRE(field_count<account> == 2);
    STATIC_REQUIRE(field_name<account, 0>() == "owner_");
    STATIC_REQUIRE(field_name<account, 1>() == "cents_");
    account object{5, "me"};
    visit_fields(object, [](std::string& owner, long& cents) {
        owner += "!";
        cents += 1;
    });
    CHECK(object.cents() == 6);
    CHECK(object.owner() == "me!");

    STATIC_REQUIRE(field_count<listed_with_base> == 2);
    STATIC_REQUIRE(field_name<listed_with_base, 0>() == "height");
    listed_with_base more{{1, 2, 3}, 4};
    CHECK(visit_fields(more, [](int& y, int& rest) { return y * 10 + rest; }) == 24);
}

TEST_CASE("a list may stand outside of the class") {
    test_fields_vendor::point p{3, 4};
    STATIC_REQUIRE(field_name<test_fields_vendor::point, 1>() == "y");
    CHECK(visit_fields(p, [](int& x, int& y) { return x * y; }) == 12);
}

}  // namespace test_fields
