// SPDX-License-Identifier: BSL-1.0
#include "troupe/message/binary_codec.hpp"

#include "support/catch.hpp"

#include "troupe/base/time.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <deque>
#include <initializer_list>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

namespace test_binary_codec {

using troupe::basic_binary_codec;
using troupe::binary_codec;
using troupe::byte_reader;
using troupe::byte_writer;
using troupe::codec_errc;
using troupe::codec_error;
using troupe::codec_limits;
using troupe::decode_whole;
using bytes = std::vector<std::byte>;

bytes raw(std::initializer_list<int> all) {
    bytes b;
    for (int const one : all) b.push_back(static_cast<std::byte>(one));
    return b;
}

template <class Value>
bytes encoded(Value const& value) {
    byte_writer counting{{}};
    binary_codec{}.encode(value, counting);
    bytes       place(counting.needed());
    byte_writer to{place};
    binary_codec{}.encode(value, to);
    REQUIRE(to.fits());
    return place;
}

/// The same, field by field and number by number.
template <class Value>
bytes encoded_slowly(Value const& value) {
    bytes                              place(1 << 16);
    byte_writer                        to{place};
    troupe::detail::wire_writer<false> writer{to};
    writer.value(value);
    place.resize(to.needed());
    return place;
}

template <class Value>
void there_and_back(Value const& value) {
    bytes const b = encoded(value);
    CHECK(b == encoded_slowly(value));
    CHECK(b.size() >= troupe::detail::least_size<Value>);
    auto const again = decode_whole<Value>(binary_codec{}, b);
    REQUIRE(again);
    CHECK(*again == value);
}

template <class Value, class Codec = binary_codec>
codec_error error_of(bytes const& b, Codec const& codec = {}) {
    auto const read = decode_whole<Value>(codec, b);
    REQUIRE_FALSE(read.has_value());
    return read.error();
}
template <class Value>
codec_errc code_of(bytes const& b) {
    return error_of<Value>(b).code;
}

enum class colour : std::uint8_t { red = 1, blue = 200 };
enum class far : std::int64_t { away = -2 };

struct nothing {
    bool operator==(nothing const&) const = default;
};
struct deposit {
    std::int64_t cents;
    std::string  note;
    bool         operator==(deposit const&) const = default;
};
struct constant {
    int const   number;
    std::string text;
    bool        operator==(constant const&) const = default;
};
struct packed {
    std::int32_t                number;
    float                       real;
    colour                      colours[2];
    std::array<std::int16_t, 2> pair;
    std::uint16_t               last;
    bool                        operator==(packed const&) const = default;
};
struct with_gap {
    char         letter;
    std::int32_t number;
    bool         operator==(with_gap const&) const = default;
};
struct with_bool {
    bool flag;
    char letter;
    bool operator==(with_bool const&) const = default;
};
struct tree {
    std::int32_t      value = 0;
    std::vector<tree> below{};
    bool              operator==(tree const&) const = default;
};
class account {
public:
    account() = default;
    account(long cents, std::string owner) : cents_{cents}, owner_{std::move(owner)} {}
    bool operator==(account const&) const = default;

private:
    std::int64_t cents_ = 0;
    std::string  owner_;

public:
    static constexpr auto wire_fields = troupe::fields<&account::owner_, &account::cents_>;
};
struct full {
    std::vector<int>   numbers = {1, 2, 3};
    std::optional<int> maybe = 5;
    std::map<int, int> table = {{1, 1}};
    std::string        text = "text";
    bool               operator==(full const&) const = default;
};

TEST_CASE("the bytes are those that are written down here, for ever") {
    CHECK(encoded(std::int32_t{-2}) == raw({0xfe, 0xff, 0xff, 0xff}));
    CHECK(encoded(std::uint16_t{0x1234}) == raw({0x34, 0x12}));
    CHECK(encoded(true) == raw({1}));
    CHECK(encoded('A') == raw({0x41}));
    CHECK(encoded(1.0f) == raw({0, 0, 0x80, 0x3f}));
    CHECK(encoded(-2.0) == raw({0, 0, 0, 0, 0, 0, 0, 0xc0}));
    CHECK(encoded(colour::blue) == raw({200}));
    CHECK(encoded(far::away) == raw({0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}));
    CHECK(encoded(std::string{"h\xc3\xa4"}) == raw({3, 'h', 0xc3, 0xa4}));
    CHECK(encoded(nothing{}).empty());
    CHECK(encoded(deposit{5, "ab"}) == raw({5, 0, 0, 0, 0, 0, 0, 0, 2, 'a', 'b'}));
    CHECK(encoded(std::optional<std::uint8_t>{}) == raw({0}));
    CHECK(encoded(std::optional<std::uint8_t>{7}) == raw({1, 7}));
    CHECK(encoded(std::variant<bool, std::uint16_t>{std::uint16_t{3}}) == raw({1, 3, 0}));
    CHECK(encoded(std::pair<char, bool>{'x', true}) == raw({'x', 1}));
    CHECK(encoded(std::array<std::uint8_t, 2>{8, 9}) == raw({8, 9}));
    CHECK(encoded(std::vector<std::uint16_t>{1, 2}) == raw({2, 1, 0, 2, 0}));
    CHECK(encoded(std::map<std::uint8_t, bool>{{2, true}, {1, false}}) == raw({2, 1, 0, 2, 1}));
    CHECK(encoded(std::set<char>{'b', 'a'}) == raw({2, 'a', 'b'}));
    CHECK(encoded(std::chrono::duration<std::int32_t, std::milli>{258}) == raw({2, 1, 0, 0}));
    CHECK(encoded(troupe::time_point{1}) == raw({1, 0, 0, 0, 0, 0, 0, 0}));
    CHECK(encoded(account{1, "me"}) == raw({2, 'm', 'e', 1, 0, 0, 0, 0, 0, 0, 0}));
    CHECK(encoded(troupe::result<std::uint8_t, bool>{std::uint8_t{4}}) == raw({1, 4}));
    CHECK(encoded(troupe::result<std::uint8_t, bool>{true}) == raw({0, 1}));
    bytes const long_text = encoded(std::string(300, 'l'));
    CHECK(long_text.size() == 302);
    CHECK(bytes(long_text.begin(), long_text.begin() + 3) == raw({0xac, 0x02, 'l'}));
    CHECK(binary_codec::name == "troupe-binary-1");
}

TEST_CASE("every shape of value comes back as it was") {
    there_and_back(std::numeric_limits<std::int64_t>::min());
    there_and_back(std::numeric_limits<unsigned long>::max());
    there_and_back(u'\xffff');
    there_and_back(std::byte{9});
    there_and_back(std::u8string{u8"h\u00e4"});
    there_and_back(std::tuple<int, std::string, bool>{1, "two", true});
    there_and_back(std::optional<std::optional<deposit>>{deposit{1, "x"}});
    there_and_back(std::variant<nothing, deposit, std::vector<int>>{std::vector<int>{1}});
    there_and_back(std::vector<bool>{true, false, true});
    there_and_back(std::vector<std::string>{"", "a", std::string(1000, 'b')});
    there_and_back(std::vector<std::byte>(3000));
    there_and_back(std::vector<nothing>(7));
    there_and_back(std::deque<std::int16_t>{1, -1});
    there_and_back(std::list<deposit>{{1, "a"}, {2, "b"}});
    there_and_back(std::map<std::string, std::vector<int>>{{"b", {1}}, {"a", {}}});
    there_and_back(std::map<int, int, std::greater<>>{{1, 2}, {2, 1}});
    there_and_back(std::multimap<int, int>{{1, 2}, {1, 1}, {0, 5}});
    there_and_back(std::multiset<int>{3, 3, 1});
    there_and_back(std::unordered_map<int, std::string>{{1, "a"}, {-1, "b"}});
    there_and_back(std::unordered_set<std::string>{"a", "b", "c"});
    there_and_back(std::unordered_multiset<int>{1, 1, 2});
    there_and_back(std::chrono::milliseconds{-5});
    there_and_back(std::chrono::system_clock::time_point{std::chrono::seconds{1}});
    there_and_back(tree{1, {{2, {}}, {3, {{4, {}}}}}});
    there_and_back(account{-7, "owner"});
    there_and_back(full{{}, std::nullopt, {}, ""});
}

TEST_CASE("what has no constructor without arguments is built from its fields") {
    there_and_back(constant{1, "a"});
    there_and_back(std::vector<constant>{});
    there_and_back(std::array<constant, 2>{constant{1, "a"}, constant{2, "b"}});
    there_and_back(std::optional<constant>{constant{3, "c"}});
    there_and_back(std::variant<constant, int>{constant{4, "d"}});
    there_and_back(std::variant<int, constant>{constant{4, "d"}});
    there_and_back(std::tuple<int, constant>{4, constant{5, "e"}});
    there_and_back(std::map<int, constant>{{1, constant{6, "f"}}});
    std::vector<constant> all;
    all.push_back({7, "g"});
    all.push_back({8, "h"});
    bytes const b = encoded(all);
    auto const  again = decode_whole<std::vector<constant>>(binary_codec{}, b);
    REQUIRE(again);
    CHECK(*again == all);
}

TEST_CASE("an outcome is its value or its error") {
    using outcome = troupe::result<std::string, int>;
    auto const good = decode_whole<outcome>(binary_codec{}, encoded(outcome{std::string{"yes"}}));
    REQUIRE(good);
    CHECK(**good == "yes");
    auto const bad = decode_whole<outcome>(binary_codec{}, encoded(outcome{5}));
    REQUIRE(bad);
    CHECK(bad->error() == 5);
    using done = troupe::result<void, colour>;
    auto const empty = decode_whole<done>(binary_codec{}, encoded(done{}));
    REQUIRE(empty);
    CHECK(empty->has_value());
}

TEST_CASE("numbers without a gap are copied as a whole, with the same bytes") {
    using troupe::detail::flat_on_wire;
    STATIC_REQUIRE(flat_on_wire<packed>);
    STATIC_REQUIRE(flat_on_wire<std::array<packed, 3>>);
    STATIC_REQUIRE(flat_on_wire<std::chrono::nanoseconds>);
    STATIC_REQUIRE(flat_on_wire<troupe::time_point>);
    STATIC_REQUIRE_FALSE(flat_on_wire<with_gap>);
    STATIC_REQUIRE_FALSE(flat_on_wire<with_bool>);
    STATIC_REQUIRE_FALSE(flat_on_wire<bool>);
    STATIC_REQUIRE_FALSE(flat_on_wire<nothing>);
    STATIC_REQUIRE_FALSE(flat_on_wire<account>);
    STATIC_REQUIRE_FALSE(flat_on_wire<deposit>);
    packed const one{1, 2.5f, {colour::red, colour::blue}, {-1, 7}, 9};
    there_and_back(one);
    there_and_back(std::vector<packed>(40, one));
    there_and_back(std::vector<double>(1000, 0.1));
    there_and_back(std::vector<with_gap>(3, with_gap{'a', 5}));
    there_and_back(with_bool{true, 'b'});
    CHECK(encoded(with_gap{'a', 5}).size() == 5);
    // A float that is no number keeps its bits.
    bytes const nan = raw({1, 2, 0x80, 0x7f});
    auto const  read = decode_whole<float>(binary_codec{}, nan);
    REQUIRE(read);
    CHECK(encoded(*read) == nan);
}

TEST_CASE("what is missing is counted, and the type named") {
    codec_error const none = error_of<deposit>({});
    CHECK(none.code == codec_errc::missing);
    CHECK(none.count == 9);
    CHECK(none.type == "test_binary_codec::deposit");
    codec_error const part = error_of<deposit>(raw({0, 0, 0, 0, 0, 0, 0, 0, 5, 'a'}));
    CHECK(part.code == codec_errc::missing);
    CHECK(part.at == 9);
    CHECK(part.count == 4);
    CHECK(error_of<packed>(bytes(5)).count == sizeof(packed) - 5);
    CHECK(error_of<std::vector<std::int32_t>>(raw({2, 1, 0, 0, 0})).count == 4);
    CHECK(troupe::codec_error_text{none}.view() ==
          "codec: test_binary_codec::deposit: 9 bytes missing");
}

TEST_CASE("bytes behind a message are an error") {
    codec_error const e = error_of<std::int32_t>(raw({1, 2, 3, 4, 5, 6}));
    CHECK(e.code == codec_errc::trailing);
    CHECK(e.at == 4);
    CHECK(e.count == 2);
}

TEST_CASE("bytes that no value has are an error") {
    CHECK(code_of<bool>(raw({2})) == codec_errc::invalid_value);
    CHECK(error_of<with_bool>(raw({0xff, 0})).at == 0);
    CHECK(code_of<std::optional<int>>(raw({2, 0, 0, 0, 0})) == codec_errc::invalid_value);
    CHECK(code_of<std::variant<bool, char>>(raw({2, 0})) == codec_errc::invalid_value);
    CHECK(code_of<std::vector<bool>>(raw({1, 3})) == codec_errc::invalid_value);
    CHECK(code_of<troupe::result<char, int>>(raw({7, 0, 0, 0, 0})) == codec_errc::invalid_value);
    codec_error const text = error_of<deposit>(raw({0, 0, 0, 0, 0, 0, 0, 0, 3, 'a', 'b', 0xff}));
    CHECK(text.code == codec_errc::invalid_utf8);
    CHECK(text.at == 11);
}

class unruly {
public:
    unruly() = default;
    explicit unruly(char const*) { throw std::bad_alloc{}; }
    unruly(unruly const& other) noexcept(false) : number_{other.number_} {}

private:
    int number_ = 0;

public:
    static constexpr auto wire_fields = troupe::fields<&unruly::number_>;
};

TEST_CASE("a variant that has lost its value is written, and refused") {
    std::variant<int, unruly> v{5};
    CHECK_THROWS(v.emplace<1>("no"));
    REQUIRE(v.valueless_by_exception());
    CHECK(encoded(v) == raw({2}));
    CHECK(code_of<std::variant<int, unruly>>(raw({2, 0, 0, 0, 0})) == codec_errc::invalid_value);
}

TEST_CASE("a value has one form") {
    using list = std::vector<std::uint8_t>;
    CHECK(code_of<list>(raw({0x80, 0x00})) == codec_errc::not_canonical);
    CHECK(code_of<list>(raw({0x81, 0x80, 0x00, 1})) == codec_errc::not_canonical);
    CHECK(code_of<std::string>(raw({0x81, 0x00, 'a'})) == codec_errc::not_canonical);
    using table = std::map<std::uint8_t, bool>;
    CHECK(code_of<table>(raw({2, 2, 0, 1, 0})) == codec_errc::not_canonical);
    CHECK(code_of<table>(raw({2, 1, 0, 1, 0})) == codec_errc::not_canonical);
    CHECK(code_of<std::set<char>>(raw({2, 'a', 'a'})) == codec_errc::not_canonical);
    CHECK(code_of<std::multiset<char>>(raw({2, 'b', 'a'})) == codec_errc::not_canonical);
    CHECK(decode_whole<std::multiset<char>>(binary_codec{}, raw({2, 'a', 'a'})));
    CHECK(code_of<std::unordered_set<char>>(raw({2, 'a', 'a'})) == codec_errc::not_canonical);
    using falling = std::set<char, std::greater<>>;
    CHECK(decode_whole<falling>(binary_codec{}, raw({2, 'b', 'a'})));
    CHECK(code_of<falling>(raw({2, 'a', 'b'})) == codec_errc::not_canonical);
}

TEST_CASE("what is no number has no place in an order") {
    double const nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(code_of<std::set<double>>(encoded(std::vector<double>{nan})) ==
          codec_errc::invalid_value);
    CHECK(code_of<std::multiset<double>>(encoded(std::vector<double>{1, nan, 0})) ==
          codec_errc::invalid_value);
    CHECK(error_of<std::multimap<float, char>>(
              encoded(std::vector<std::pair<float, char>>{{1.f, 'a'}, {std::nanf(""), 'b'}}))
              .at == 6);
    CHECK(decode_whole<std::set<double>>(binary_codec{}, encoded(std::set<double>{-1, 0, 1})));
    auto const list =
        decode_whole<std::vector<double>>(binary_codec{}, encoded(std::vector<double>{nan, nan}));
    CHECK((list && list->size() == 2));
}

TEST_CASE("a length that 64 bits do not hold is an error") {
    bytes too_long(9, std::byte{0xff});
    too_long.push_back(std::byte{0x02});
    CHECK(code_of<std::string>(too_long) == codec_errc::invalid_value);
    too_long.back() = std::byte{0x01};
    CHECK(code_of<std::string>(too_long) == codec_errc::size);
    too_long.back() = std::byte{0x81};
    CHECK(code_of<std::string>(too_long) == codec_errc::invalid_value);
    CHECK(code_of<std::string>(bytes(3, std::byte{0xff})) == codec_errc::missing);
}

TEST_CASE("limits are kept to the last value") {
    using narrow = basic_binary_codec<codec_limits{
        .depth_max = 3, .text_max = 4, .elements_max = 5, .empty_elements_max = 2}>;
    narrow const codec;
    CHECK(decode_whole<std::string>(codec, encoded(std::string(4, 'a'))));
    CHECK(error_of<std::string>(encoded(std::string(5, 'a')), codec).code == codec_errc::size);
    using list = std::vector<char>;
    CHECK(decode_whole<list>(codec, encoded(list(5))));
    CHECK(error_of<list>(encoded(list(6)), codec).code == codec_errc::elements);
    using empties = std::vector<nothing>;
    CHECK(decode_whole<empties>(codec, encoded(empties(2))));
    CHECK(error_of<empties>(encoded(empties(3)), codec).code == codec_errc::elements);
    tree const three{0, {{1, {{2, {}}}}}};
    CHECK(decode_whole<tree>(codec, encoded(three)));
    tree const four{0, {three}};
    CHECK(error_of<tree>(encoded(four), codec).code == codec_errc::depth);
}

TEST_CASE("values lie in each other 32 deep and no deeper") {
    auto const deep = [](int depth) {
        bytes b;
        for (int i = 0; i < depth; ++i) {
            b.insert(b.end(), 4, std::byte{0});
            b.push_back(std::byte{i + 1 < depth});
        }
        return b;
    };
    CHECK(decode_whole<tree>(binary_codec{}, deep(32)));
    CHECK(code_of<tree>(deep(33)) == codec_errc::depth);
    CHECK(code_of<tree>(deep(100000)) == codec_errc::depth);
}

// ---- memory

std::size_t largest = 0;

/// Remembers the most bytes it was asked for at once; refuses more than a megabyte.
template <class Type>
struct watched_allocator {
    using value_type = Type;
    watched_allocator() = default;
    template <class Other>
    watched_allocator(watched_allocator<Other> const&) noexcept {}
    Type* allocate(std::size_t count) {
        largest = std::max(largest, count * sizeof(Type));
        if (count * sizeof(Type) > (1u << 20)) throw std::bad_alloc{};
        return std::allocator<Type>{}.allocate(count);
    }
    void deallocate(Type* at, std::size_t count) noexcept {
        std::allocator<Type>{}.deallocate(at, count);
    }
    bool operator==(watched_allocator const&) const = default;
};

struct wide {
    std::optional<std::array<std::int64_t, 64>> maybe;
};

TEST_CASE("a length that the bytes cannot mean takes no memory") {
    using numbers = std::vector<std::int32_t, watched_allocator<std::int32_t>>;
    largest = 0;
    bytes b = raw({0xff, 0xff, 0x7f});  // two million
    b.resize(3 + 4000);
    CHECK(code_of<numbers>(b) == codec_errc::missing);
    CHECK(largest == 0);

    // A thousand elements of a byte, of half a kilobyte each in memory, and the first is bad.
    using objects = std::vector<wide, watched_allocator<wide>>;
    b = raw({0xe8, 0x07});
    b.resize(2 + 1000, std::byte{5});
    CHECK(code_of<objects>(b) == codec_errc::invalid_value);
    CHECK(largest <= 1000 + 16 * sizeof(wide));
}

TEST_CASE("where memory runs out there is an error") {
    using numbers = std::vector<std::int64_t, watched_allocator<std::int64_t>>;
    bytes const       b = encoded(std::vector<std::int64_t>((1u << 17) + 1));
    codec_error const e = error_of<numbers>(b);
    CHECK(e.code == codec_errc::no_memory);
    CHECK(e.type.find("vector") != std::string_view::npos);
}

TEST_CASE("what was in an object before is gone when it was read") {
    full const empty{{}, std::nullopt, {}, ""};
    auto const again = decode_whole<full>(binary_codec{}, encoded(empty));
    REQUIRE(again);
    CHECK(*again == empty);
}

TEST_CASE("a type has a form on the wire or it has none") {
    struct points {
        int* to;
    };
    struct looks {
        std::string_view at;
    };
    STATIC_REQUIRE(troupe::wire_value<deposit>);
    STATIC_REQUIRE(troupe::wire_value<tree>);
    STATIC_REQUIRE(troupe::explain_wire_value<tree>());
    STATIC_REQUIRE_FALSE(troupe::wire_value<int*>);
    STATIC_REQUIRE_FALSE(troupe::wire_value<points>);
    STATIC_REQUIRE_FALSE(troupe::wire_value<std::vector<points>>);
    STATIC_REQUIRE_FALSE(troupe::wire_value<looks>);
    STATIC_REQUIRE_FALSE(troupe::wire_value<long double>);
    STATIC_REQUIRE_FALSE(troupe::wire_value<std::unique_ptr<int>>);
}

enum unsized { one, two };
enum sized : short { three };
enum class scoped { four };

TEST_CASE("an enumeration goes over the wire if every number of its type is one of it") {
    STATIC_REQUIRE_FALSE(troupe::wire_value<unsized>);
    STATIC_REQUIRE_FALSE(troupe::wire_value<std::vector<unsized>>);
    STATIC_REQUIRE(troupe::wire_value<sized> && troupe::wire_value<scoped>);
    STATIC_REQUIRE(troupe::wire_value<std::byte>);
    auto const far_out = decode_whole<sized>(binary_codec{}, raw({0x39, 0x30}));
    REQUIRE(far_out);
    CHECK(static_cast<short>(*far_out) == 12345);
}

struct listed {
    int                   first = 0;
    static constexpr auto wire_fields = troupe::fields<&listed::first>;
};
struct adds_to_it : listed {
    int second = 0;
};
struct lists_both : listed {
    int                   second = 0;
    static constexpr auto wire_fields = troupe::fields<&lists_both::first, &lists_both::second>;
};
struct another_name : listed {
    static constexpr auto wire_fields = listed::wire_fields;
};
struct told_elsewhere : listed {
    int second = 0;
};

}  // namespace test_binary_codec
template <>
inline constexpr auto troupe::fields_of<test_binary_codec::told_elsewhere> =
    troupe::fields<&test_binary_codec::told_elsewhere::first,
                   &test_binary_codec::told_elsewhere::second>;
namespace test_binary_codec {

TEST_CASE("a list of fields speaks for the class that declares it, and for none derived from it") {
    STATIC_REQUIRE(troupe::wire_value<listed>);
    STATIC_REQUIRE_FALSE(troupe::wire_value<adds_to_it>);
    STATIC_REQUIRE_FALSE(troupe::wire_value<std::map<int, adds_to_it>>);
    STATIC_REQUIRE(troupe::wire_value<lists_both>);
    STATIC_REQUIRE(troupe::wire_value<another_name>);
    STATIC_REQUIRE(troupe::wire_value<told_elsewhere>);
    lists_both both;
    both.first = 1;
    both.second = 2;
    CHECK(encoded(both) == raw({1, 0, 0, 0, 2, 0, 0, 0}));
}

}  // namespace test_binary_codec
