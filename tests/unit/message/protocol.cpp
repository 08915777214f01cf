// SPDX-License-Identifier: BSL-1.0
#include "troupe/message/protocol.hpp"

#include "support/catch.hpp"

#include <string>
#include <type_traits>

namespace test_protocol {

using namespace troupe::detail;
using troupe::protocol;

struct deposit {
    int cents;
};
struct withdraw {
    int cents;
};
struct balance {};

struct account {
    using protocol = troupe::protocol<void(deposit), bool(withdraw), long(balance)>;
};

using whole = protocol_of<account>;

TEST_CASE("the protocol of an actor is the one it names, that of a protocol is itself") {
    STATIC_REQUIRE(std::is_same_v<whole, account::protocol>);
    STATIC_REQUIRE(std::is_same_v<protocol_of<protocol<void(deposit)>>, protocol<void(deposit)>>);
    STATIC_REQUIRE(whole::size == 3);
    STATIC_REQUIRE(protocol<>::size == 0);
}

TEST_CASE("a protocol accepts its messages and nothing that converts to them") {
    STATIC_REQUIRE(protocol_accepts<whole, deposit>);
    STATIC_REQUIRE(protocol_accepts<whole, balance>);
    STATIC_REQUIRE_FALSE(protocol_accepts<whole, int>);
    STATIC_REQUIRE_FALSE(protocol_accepts<protocol<void(long)>, int>);
    STATIC_REQUIRE_FALSE(protocol_accepts<protocol<>, deposit>);
    struct derived : deposit {};
    STATIC_REQUIRE_FALSE(protocol_accepts<whole, derived>);
}

TEST_CASE("each message has its reply") {
    STATIC_REQUIRE(std::is_void_v<reply_of<whole, deposit>>);
    STATIC_REQUIRE(std::is_same_v<reply_of<whole, withdraw>, bool>);
    STATIC_REQUIRE(std::is_same_v<reply_of<whole, balance>, long>);
}

TEST_CASE("a protocol covers each narrower one with the same replies, in any order") {
    STATIC_REQUIRE(protocol_covers<whole, whole>);
    STATIC_REQUIRE(protocol_covers<whole, protocol<>>);
    STATIC_REQUIRE(protocol_covers<whole, protocol<bool(withdraw)>>);
    STATIC_REQUIRE(protocol_covers<whole, protocol<long(balance), void(deposit)>>);
    STATIC_REQUIRE_FALSE(protocol_covers<whole, protocol<void(withdraw)>>);
    STATIC_REQUIRE_FALSE(protocol_covers<whole, protocol<bool(withdraw), void(int)>>);
    STATIC_REQUIRE_FALSE(protocol_covers<protocol<bool(withdraw)>, whole>);
}

TEST_CASE("messages may be scalars and library types") {
    using p = protocol<int(int), std::string(std::string), void(char)>;
    STATIC_REQUIRE(p::size == 3);
    STATIC_REQUIRE(std::is_same_v<reply_of<p, std::string>, std::string>);
}

}  // namespace test_protocol
