// SPDX-License-Identifier: BSL-1.0
#include "troupe/base/secret.hpp"

#include "support/catch.hpp"

#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace test_secret {

using troupe::secret;

/// Looks at the memory that is given back: what it holds then is what the next owner gets.
template <class Value>
struct watched_memory {
    using value_type = Value;
    struct log {
        std::string left;
    };
    log* to = nullptr;

    watched_memory() = default;
    explicit watched_memory(log& l) : to(&l) {}
    template <class Other>
    watched_memory(watched_memory<Other> const& other) : to(other.to) {}  // NOLINT
    Value* allocate(std::size_t n) { return std::allocator<Value>{}.allocate(n); }
    void   deallocate(Value* p, std::size_t n) {
        if (to != nullptr) to->left.append(reinterpret_cast<char const*>(p), n * sizeof(Value));
        std::allocator<Value>{}.deallocate(p, n);
    }
    template <class Other>
    struct rebind {
        using other = watched_memory<Other>;
    };
    friend bool operator==(watched_memory const& a, watched_memory const& b) {
        return a.to == b.to;
    }
};
using watched_string = std::basic_string<char, std::char_traits<char>, watched_memory<char>>;
template <class Type>
concept can_be_ordered = requires(Type a) { a < a; };
using text_log = watched_memory<char>::log;

TEST_CASE("a secret gives its value to who asks for it by name, and to nobody else") {
    secret<std::string> const s{"hunter2"};
    CHECK(s.reveal() == "hunter2");
    STATIC_REQUIRE_FALSE(std::is_convertible_v<secret<std::string>, std::string>);
    STATIC_REQUIRE_FALSE(std::is_convertible_v<secret<std::string>, std::string_view>);
    STATIC_REQUIRE_FALSE(std::is_convertible_v<std::string, secret<std::string>>);
    STATIC_REQUIRE_FALSE(std::is_constructible_v<std::string, secret<std::string>>);
    STATIC_REQUIRE_FALSE(std::is_constructible_v<bool, secret<int>>);
    STATIC_REQUIRE_FALSE(can_be_ordered<secret<int>>);
    STATIC_REQUIRE(troupe::is_secret<secret<int>>);
    STATIC_REQUIRE_FALSE(troupe::is_secret<int>);
}

TEST_CASE("the memory of a secret text is overwritten before it is given back") {
    text_log          log;
    std::string const word = "a password that does not fit into the string itself";
    {
        watched_string w{word.c_str(), watched_memory<char>{log}};
        w.resize(w.size() - 8);  // what is behind the end is still there
        secret<watched_string> const s{std::move(w)};
        CHECK(s.reveal().size() == word.size() - 8);
    }
    CHECK(log.left.size() > word.size());
    CHECK(log.left.find("password") == std::string::npos);
    CHECK(log.left.find("itself") == std::string::npos);
}

TEST_CASE("a short secret and a plain one are overwritten where they lie") {
    alignas(secret<std::string>) std::byte place[sizeof(secret<std::string>)];
    auto* const                            s = new (place) secret<std::string>{"hunter2"};
    s->~secret();
    CHECK(std::string_view{reinterpret_cast<char const*>(place), sizeof place}.find("hunter") ==
          std::string_view::npos);

    using key = std::array<unsigned char, 16>;
    alignas(secret<key>) std::byte room[sizeof(secret<key>)];
    auto* const                    k = new (room) secret<key>{key{'a', 'b', 'c', 'd'}};
    CHECK(k->reveal()[3] == 'd');
    k->~secret();
    for (std::byte const b : room) CHECK(b == std::byte{0});
}

TEST_CASE("what a secret is moved from keeps nothing, and an assignment leaves nothing behind") {
    secret<std::string> a{"first"};
    secret<std::string> b{std::move(a)};
    CHECK(a.reveal().empty());  // NOLINT: that is the question
    CHECK(b.reveal() == "first");
    secret<std::string> c{"second"};
    c = std::move(b);
    CHECK(c.reveal() == "first");
    CHECK(b.reveal().empty());  // NOLINT
    secret<std::string> const d{c};
    CHECK(d == c);
    a = d;
    CHECK(a == d);
    auto& same = a;
    a = same;
    CHECK(a.reveal() == "first");
    a = std::move(same);
    CHECK(a.reveal() == "first");

    text_log               log;
    secret<watched_string> old{
        watched_string{"an old password, long enough for the heap", watched_memory<char>{log}}};
    old = secret<watched_string>{
        watched_string{"a new password, that is long enough as well", watched_memory<char>{log}}};
    CHECK(old.reveal().starts_with("a new"));
    old = secret<watched_string>{};
    CHECK(log.left.find("password") == std::string::npos);
}

TEST_CASE("secrets are equal when all their bytes are") {
    CHECK(secret<std::string>{"abc"} == secret<std::string>{"abc"});
    CHECK_FALSE(secret<std::string>{"abc"} == secret<std::string>{"abd"});
    CHECK_FALSE(secret<std::string>{"abc"} == secret<std::string>{"xbc"});
    CHECK_FALSE(secret<std::string>{"abc"} == secret<std::string>{"ab"});
    CHECK(secret<std::string>{} == secret<std::string>{});
    CHECK(secret<std::string>{"abc"} == "abc");
    CHECK(secret<std::string>{"abc"} != std::string_view{"abcd"});
    CHECK(secret<std::vector<int>>{{1, 2}} == secret<std::vector<int>>{{1, 2}});
    CHECK(secret<std::vector<int>>{{1, 2}} != secret<std::vector<int>>{{1, 3}});
    CHECK(secret<int>{7} == secret<int>{7});
    CHECK(secret<int>{7} != secret<int>{8});
    STATIC_REQUIRE_FALSE(std::equality_comparable<secret<double>>);  // as bytes they are not
}

}  // namespace test_secret
