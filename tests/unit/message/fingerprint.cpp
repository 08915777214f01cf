// SPDX-License-Identifier: BSL-1.0
#include "troupe/message/fingerprint.hpp"

#include "support/catch.hpp"

#include "troupe/base/result.hpp"
#include "troupe/base/time.hpp"

#include <array>
#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

namespace test_fingerprint {
inline namespace version_2 {

using troupe::explain_schema_difference;
using troupe::protocol;
using troupe::protocol_fingerprint;
using troupe::protocol_schema;
using troupe::wire_id;

enum class colour : std::uint8_t { red };
struct place {
    std::uint32_t shop;
    colour        wall;
};
struct deposit {
    std::int64_t cents;
    place        at;
    std::string  note;
};
struct withdraw {
    std::int64_t cents;
};
struct balance {};
struct tree {
    std::int32_t      value;
    std::vector<tree> below;
};
template <class Type>
struct box {
    Type inside;
};
template <class Type, int Size>
struct fixed {
    Type                              inside;
    static constexpr std::string_view wire_name = "fixed_3";
};

struct account {
    using protocol =
        troupe::protocol<void(deposit), bool(withdraw), long(balance), std::string(int)>;
};

struct words {
    bool                                    b;
    char                                    c;
    signed char                             sc;
    unsigned char                           uc;
    short                                   s;
    unsigned long                           ul;
    long long                               ll;
    char32_t                                c32;
    float                                   f;
    double                                  d;
    std::byte                               one;
    std::vector<std::byte>                  raw;
    std::vector<unsigned char>              raw_too;
    std::u8string                           u8;
    std::optional<std::string>              o;
    std::variant<int, std::string, place>   v;
    std::pair<int, char>                    p;
    std::tuple<int, std::string>            t;
    std::array<int, 3>                      a;
    std::list<std::vector<int>>             l;
    std::map<std::string, std::vector<int>> m;
    std::map<int, int, std::greater<>>      falling;
    std::map<int, int, std::less<>>         rising;
    std::multiset<int>                      ms;
    std::unordered_map<int, int>            um;
    std::chrono::duration<std::int64_t>     seconds;
    troupe::duration                        nanoseconds;
    troupe::time_point                      now;
    troupe::result<int, std::string>        r;
    box<std::string>                        bs;
    fixed<int, 3>                           f3;
    tree                                    self;
};
struct array_in_c {
    int numbers[2];
};

namespace elsewhere {
struct withdraw {
    std::int64_t cents;
};
}  // namespace elsewhere

}  // namespace version_2
namespace {
struct hidden {
    int x;
};
}  // namespace

// The texts and numbers below are written into programs that are running: they never change.

TEST_CASE("a protocol is a text of names, fields, types and replies, which every compiler writes") {
    STATIC_REQUIRE(protocol_schema<account>() ==
                   "balance{}->i64;deposit{cents:i64,at:place,note:text}->void;i32->text;"
                   "withdraw{cents:i64}->bool;|colour:u8;place{shop:u32,wall:colour};");
    STATIC_REQUIRE(protocol_fingerprint<account> == 0x6e93a67789656ebau);
    STATIC_REQUIRE(protocol_schema<protocol<>>() == "");
    STATIC_REQUIRE(protocol_fingerprint<protocol<>> == 0xcbf29ce484222325u);
    STATIC_REQUIRE(protocol_schema<protocol<void(hidden), void(array_in_c)>>() ==
                   "array_in_c{numbers:array<i32,2>}->void;hidden{x:i32}->void;");
}

TEST_CASE("the fingerprint is FNV-1a of the text") {
    STATIC_REQUIRE(troupe::detail::long_hash_of("a") == 0xaf63dc4c8601ec8cu);
    STATIC_REQUIRE(troupe::detail::long_hash_of("foobar") == 0x85944171f73967e8u);
    STATIC_REQUIRE(protocol_fingerprint<account> ==
                   troupe::detail::long_hash_of(protocol_schema<account>()));
}

TEST_CASE("every type has a word that is the same for every compiler and library") {
    CHECK(protocol_schema<protocol<void(words)>>() ==
          "words{b:bool,c:char,sc:i8,uc:u8,s:i16,ul:u64,ll:i64,c32:u32,f:f32,d:f64,one:u8,"
          "raw:bytes,raw_too:bytes,u8:text,o:optional<text>,v:variant<i32,text,place>,"
          "p:tuple<i32,char>,t:tuple<i32,text>,a:array<i32,3>,l:list<list<i32>>,"
          "m:map<text,list<i32>>,falling:map<i32,i32,greater<void>>,rising:map<i32,i32>,"
          "ms:multiset<i32>,um:unordered_map<i32,i32>,seconds:duration<i64,1/1>,"
          "nanoseconds:duration<i64,1/1000000000>,now:time_point,r:result<i32,text>,"
          "bs:box<text>,f3:fixed_3,self:tree}->void;|"
          "box<text>{inside:text};colour:u8;fixed_3{inside:i32};place{shop:u32,wall:colour};"
          "time_point{nanoseconds:i64};tree{value:i32,below:list<tree>};");
    STATIC_REQUIRE(protocol_fingerprint<protocol<void(words)>> == 0x679244d0b89e4b0fu);
}

TEST_CASE("a message is known by a number that depends on its name alone") {
    STATIC_REQUIRE(wire_id<withdraw> == troupe::detail::hash_of("withdraw"));
    STATIC_REQUIRE(wire_id<withdraw> == wire_id<elsewhere::withdraw>);
    STATIC_REQUIRE(wire_id<withdraw> != wire_id<deposit>);
    STATIC_REQUIRE(wire_id<int> == troupe::detail::hash_of("i32"));
    STATIC_REQUIRE(wire_id<std::string> == troupe::detail::hash_of("text"));
    STATIC_REQUIRE(wire_id<withdraw> == 0x69aef597u);
}

TEST_CASE("the order in which a protocol is written means nothing") {
    STATIC_REQUIRE(protocol_fingerprint<protocol<void(deposit), bool(withdraw)>> ==
                   protocol_fingerprint<protocol<bool(withdraw), void(deposit)>>);
    STATIC_REQUIRE(protocol_fingerprint<account> == protocol_fingerprint<account::protocol>);
}

struct first {
    int cents;
};
struct second {
    long                              cents;
    static constexpr std::string_view wire_name = "first";
};
struct third {
    int                               dollars;
    static constexpr std::string_view wire_name = "first";
};

TEST_CASE("a reply, a message more, a field of another type or name is another protocol") {
    auto const base = protocol_fingerprint<protocol<void(first)>>;
    CHECK(base != protocol_fingerprint<protocol<bool(first)>>);
    CHECK(base != protocol_fingerprint<protocol<void(first), void(int)>>);
    CHECK(base != protocol_fingerprint<protocol<void(second)>>);
    CHECK(base != protocol_fingerprint<protocol<void(third)>>);
}

struct same_fields {
    std::uint32_t      a;
    std::optional<int> b;
    std::int16_t       c;
};
namespace version_3 {
struct same_fields {
    std::uint32_t const         a;  // neither const nor another name of a type is told
    std::optional<std::int32_t> b;
    short                       c;
};
struct other_order {
    std::optional<int>                b;
    std::uint32_t                     a;
    std::int16_t                      c;
    static constexpr std::string_view wire_name = "same_fields";
};
struct other_sign {
    std::int32_t                      a;
    std::optional<int>                b;
    std::int16_t                      c;
    static constexpr std::string_view wire_name = "same_fields";
};
struct other_size {
    std::uint32_t                     a;
    std::optional<int>                b;
    std::int32_t                      c;
    static constexpr std::string_view wire_name = "same_fields";
};
struct not_optional {
    std::uint32_t                     a;
    int                               b;
    std::int16_t                      c;
    static constexpr std::string_view wire_name = "same_fields";
};
}  // namespace version_3

TEST_CASE("a fingerprint knows order, sign, size and what may be missing, and no more") {
    namespace v3 = version_3;
    constexpr auto of = protocol_fingerprint<protocol<void(same_fields)>>;
    STATIC_REQUIRE(of == protocol_fingerprint<protocol<void(v3::same_fields)>>);
    STATIC_REQUIRE(of != protocol_fingerprint<protocol<void(v3::other_order)>>);
    STATIC_REQUIRE(of != protocol_fingerprint<protocol<void(v3::other_sign)>>);
    STATIC_REQUIRE(of != protocol_fingerprint<protocol<void(v3::other_size)>>);
    STATIC_REQUIRE(of != protocol_fingerprint<protocol<void(v3::not_optional)>>);
}

struct text {
    int size;
};
struct holds_text {
    text body;
};
namespace called_as_text {
struct text {
    std::string words;
};
}  // namespace called_as_text
struct holds_numbers {
    int a, b;
};

TEST_CASE("a class may be called like a word of the library where it is not taken for it") {
    CHECK(protocol_schema<protocol<void(holds_text)>>() ==
          "holds_text{body:text}->void;|text{size:i32};");
    CHECK(protocol_schema<protocol<void(int), void(holds_numbers)>>() ==
          "holds_numbers{a:i32,b:i32}->void;i32->void;");
    CHECK(protocol_schema<protocol<std::string(called_as_text::text)>>() ==
          "text{words:text}->text;");
}

TEST_CASE("what differs is said, with message and field") {
    CHECK(explain_schema_difference("a{}->void;", "a{}->void;") == "");
    CHECK(explain_schema_difference("withdraw{cents:i64}->bool;", "withdraw{cents:i32}->bool;") ==
          "message withdraw: field cents is i64 here and i32 there");
    CHECK(explain_schema_difference("deposit{}->void;i32->void;", "i32->void;") ==
          "message deposit: missing there");
    CHECK(explain_schema_difference("i32->void;", "deposit{}->void;i32->void;") ==
          "message deposit: missing here");
    CHECK(explain_schema_difference("withdraw{cents:i64}->bool;", "withdraw{cents:i64}->void;") ==
          "withdraw answers bool here and void there");
    CHECK(explain_schema_difference("a{x:i32,y:map<i32,text>}->void;", "a{x:i32}->void;") ==
          "message a: field y is missing there");
    CHECK(explain_schema_difference("a{x:i32}->void;", "a{x:i32,y:map<i32,text>}->void;") ==
          "message a: field y is missing here");
    CHECK(explain_schema_difference("a{x:i32,y:u8}->void;", "a{y:u8,x:i32}->void;") ==
          "message a: the fields come in another order there");
    CHECK(explain_schema_difference("a->void;|colour:u8;p{x:f64};",
                                    "a->void;|colour:u16;p{x:f32};") ==
          "type colour is u8 here and u16 there; type p: field x is f64 here and f32 there");
    CHECK(explain_schema_difference(protocol_schema<account>(), protocol_schema<protocol<>>()) ==
          "message balance: missing there; message deposit: missing there; message i32: missing "
          "there; message withdraw: missing there; type colour: missing there; type place: missing "
          "there");
}

TEST_CASE("what the other side sends as its text is believed in nothing") {
    CHECK(explain_schema_difference("i32->bool;", "i32->bool;|") == "the texts differ");
    CHECK(explain_schema_difference("a->bool;", "a->bool;b\x01\n->void;") ==
          "message b??: missing here");
    CHECK(explain_schema_difference("a->bool;", "a->bool;\xff->void;") ==
          "message ?: missing here");
    for (std::string_view const text :
         {"}}}", ">>>;", "{{{<<<", ";;;|||;;;", "->->->;", "a{", "a{x:", "|a:;|", "a{}->"}) {
        CHECK_FALSE(explain_schema_difference("a{x:i32}->void;|p{y:u8};", text).empty());
        CHECK_FALSE(explain_schema_difference(text, "a{x:i32}->void;|p{y:u8};").empty());
    }
    std::string many;
    for (int i = 0; i < 10000; ++i) many += "m" + std::to_string(i) + "->void;";
    std::string const words = explain_schema_difference("a->void;", many);
    CHECK(words.size() < 1100);
    CHECK(words.ends_with("; and more"));
}

}  // namespace test_fingerprint
