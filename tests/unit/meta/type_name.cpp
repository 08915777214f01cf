// SPDX-License-Identifier: BSL-1.0
#include "troupe/meta/type_name.hpp"

#include "support/catch.hpp"

#include <string>

namespace test_type_name {

using troupe::type_name;
using troupe::detail::hash_of;
using troupe::detail::type_hash;

struct deposit {};
class withdraw {};
enum class colour { red };
template <char Character>
struct tag {};
template <auto Value>
struct holds {};
struct arrows {
    arrows* operator->() { return this; }
};

template <class Type>
std::string name() {
    return std::string{type_name<Type>()};
}

TEST_CASE("the name of a type is its qualified name without struct, class or enum") {
    CHECK(name<int>() == "int");
    CHECK(name<void>() == "void");
    CHECK(name<deposit>() == "test_type_name::deposit");
    CHECK(name<withdraw>() == "test_type_name::withdraw");
    CHECK(name<colour>() == "test_type_name::colour");
}

TEST_CASE("the name is whole where the type has brackets, quotes and semicolons in it") {
    CHECK(name<tag<'>'>>() == "test_type_name::tag<'>'>");
    CHECK(name<tag<'<'>>() == "test_type_name::tag<'<'>");
    CHECK(name<tag<']'>>() == "test_type_name::tag<']'>");
    CHECK(name<tag<'('>>() == "test_type_name::tag<'('>");
    CHECK(name<tag<';'>>() == "test_type_name::tag<';'>");
    auto const arrow = name<holds<&arrows::operator-> >>();
    CHECK(arrow.find("operator->") != std::string::npos);
    CHECK(arrow.back() == '>');
    CHECK(name<int (*)(char, long)>().find("char") != std::string::npos);
    CHECK(name<int[3]>().back() == ']');
}

TEST_CASE("the name of a library type carries nothing of the signature around it") {
    CHECK(name<std::string_view>().find(';') == std::string::npos);
    CHECK(name<std::string_view>().find("signature_of") == std::string::npos);
    CHECK(name<tag<'x'>>().find("Type") == std::string::npos);
}

TEST_CASE("a lambda and a local type have names that are not empty") {
    struct local {};
    auto const lambda = [](int) {};
    CHECK(name<local>().find("local") != std::string::npos);
    CHECK(!type_name<decltype(lambda)>().empty());
}

TEST_CASE("the hash is FNV-1a and is never zero") {
    CHECK(hash_of("") == 0x811c9dc5u);
    CHECK(hash_of("a") == 0xe40c292cu);
    CHECK(hash_of("foobar") == 0xbf9cf968u);
    CHECK(hash_of("\xcc\x24\x31\xc4") == 1u);  // the shortest text whose hash would be zero
}

TEST_CASE("types with different names have different hashes, at compile time") {
    static_assert(type_hash<deposit> != type_hash<withdraw>);
    static_assert(type_hash<tag<'>'>> != type_hash<tag<';'>>);
    static_assert(type_hash<tag<'<'>> != type_hash<tag<'('>>);
    static_assert(type_hash<int> == hash_of("int"));
    SUCCEED();
}

}  // namespace test_type_name
