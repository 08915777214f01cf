// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/concepts.hpp"

#include "support/catch.hpp"

#include <troupe/troupe.hpp>

#include <concepts>
#include <memory>
#include <string>
#include <type_traits>

namespace test_concepts {

using troupe::by_declaration;
using troupe::ref;
using troupe::refusable;
using troupe::sure;

struct deposit {
    int cents;
};
struct withdraw {
    int cents;
};
struct audit {};

class account {
public:
    using protocol = troupe::protocol<void(deposit), bool(withdraw)>;
    account() = default;
    explicit account(int cents) : cents_(cents) {}
    void on(deposit d) { cents_ += d.cents; }
    bool on(withdraw w) { return w.cents <= cents_; }

private:
    int cents_ = 0;
};
class strict_account : public account {
public:
    using mailbox_type = troupe::bounded_mailbox<8, troupe::overflow::fail>;
};

using payer = troupe::protocol<void(deposit)>;
using taker = troupe::protocol<bool(withdraw)>;
using both = troupe::protocol<bool(withdraw), void(deposit)>;
using auditor = troupe::protocol<void(deposit), int(audit)>;
using other_reply = troupe::protocol<int(withdraw)>;

TEST_CASE("accepts tells what may be sent to an actor, a protocol or a reference") {
    STATIC_REQUIRE(troupe::accepts<account, deposit>);
    STATIC_REQUIRE(troupe::accepts<both, withdraw>);
    STATIC_REQUIRE(troupe::accepts<ref<account>, deposit>);
    STATIC_REQUIRE(troupe::accepts<ref<payer, refusable>, deposit>);
    STATIC_REQUIRE_FALSE(troupe::accepts<account, audit>);
    STATIC_REQUIRE_FALSE(troupe::accepts<account, std::string>);
    STATIC_REQUIRE_FALSE(troupe::accepts<ref<payer>, withdraw>);
    // What is no target is an answer, not an error.
    STATIC_REQUIRE_FALSE(troupe::accepts<int, deposit>);
    STATIC_REQUIRE_FALSE(troupe::accepts<audit, deposit>);
}

TEST_CASE("answers_with tells the type of the reply") {
    STATIC_REQUIRE(troupe::answers_with<account, withdraw, bool>);
    STATIC_REQUIRE(troupe::answers_with<ref<account>, deposit, void>);
    STATIC_REQUIRE_FALSE(troupe::answers_with<account, withdraw, int>);
    STATIC_REQUIRE_FALSE(troupe::answers_with<account, audit, void>);
}

template <class Target>
constexpr char const* chosen(Target const&) {
    return "";
}
template <class Target>
    requires troupe::accepts<Target, audit>
constexpr char const* chosen(Target const&) {
    return "audited";
}

TEST_CASE("an overload can be chosen by what an actor accepts") {
    CHECK(std::string{chosen(ref<auditor>{})} == "audited");
    CHECK(std::string{chosen(ref<account>{})}.empty());
}

class without_protocol {
public:
    void on(deposit) {}
};
class without_handler {
public:
    using protocol = troupe::protocol<void(deposit), bool(withdraw)>;
    void on(deposit) {}
};
class wrong_answer {
public:
    using protocol = troupe::protocol<bool(withdraw)>;
    void on(withdraw) {}
};
class alignas(64) over_aligned {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit) {}
};
class too_large {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit) {}
    char bytes[40000];
};
class throws_when_destroyed {
public:
    using protocol = troupe::protocol<void(deposit)>;
    ~throws_when_destroyed() noexcept(false) {}
    void on(deposit) {}
};
class owner {
public:
    using protocol = troupe::protocol<void(deposit)>;
    explicit owner(std::unique_ptr<int> owned) : owned_(std::move(owned)) {}
    void on(deposit d) { *owned_ += d.cents; }

private:
    std::unique_ptr<int> owned_;
};
class undefined;

TEST_CASE("spawnable tells whether spawn compiles, and is never an error itself") {
    STATIC_REQUIRE(troupe::spawnable<account>);
    STATIC_REQUIRE(troupe::spawnable<account, int>);
    STATIC_REQUIRE(troupe::spawnable<account, troupe::name, int>);
    STATIC_REQUIRE(troupe::spawnable<account, troupe::name const&>);
    STATIC_REQUIRE(troupe::spawnable<owner, std::unique_ptr<int>>);
    STATIC_REQUIRE_FALSE(troupe::spawnable<owner, std::unique_ptr<int>&>);
    STATIC_REQUIRE_FALSE(troupe::spawnable<account, std::string>);
    STATIC_REQUIRE_FALSE(troupe::spawnable<account, int, troupe::name>);
    STATIC_REQUIRE_FALSE(troupe::spawnable<without_protocol>);
    STATIC_REQUIRE_FALSE(troupe::spawnable<without_handler>);
    STATIC_REQUIRE_FALSE(troupe::spawnable<wrong_answer>);
    STATIC_REQUIRE_FALSE(troupe::spawnable<over_aligned>);
    STATIC_REQUIRE_FALSE(troupe::spawnable<too_large>);
    STATIC_REQUIRE_FALSE(troupe::spawnable<throws_when_destroyed>);
    STATIC_REQUIRE_FALSE(troupe::spawnable<payer>);
    STATIC_REQUIRE_FALSE(troupe::spawnable<int>);
    STATIC_REQUIRE_FALSE(troupe::spawnable<undefined>);
}

template <class From, class To>
constexpr bool converts = std::is_convertible_v<From, To> && std::is_constructible_v<To, From>;
template <class From, class To>
constexpr bool never_converts =
    !std::is_convertible_v<From, To> && !std::is_constructible_v<To, From>;

TEST_CASE("a reference converts to a narrower protocol, never to a wider one") {
    STATIC_REQUIRE(converts<ref<account>, ref<payer>>);
    STATIC_REQUIRE(converts<ref<account>, ref<taker>>);
    STATIC_REQUIRE(converts<ref<account>, ref<troupe::protocol<>>>);
    STATIC_REQUIRE(converts<ref<account>, ref<both>>);  // as wide, in another order
    STATIC_REQUIRE(converts<ref<both>, ref<payer>>);
    STATIC_REQUIRE(never_converts<ref<payer>, ref<both>>);
    STATIC_REQUIRE(never_converts<ref<payer>, ref<account>>);
    STATIC_REQUIRE(never_converts<ref<payer>, ref<taker>>);
    STATIC_REQUIRE(never_converts<ref<account>, ref<auditor>>);
    STATIC_REQUIRE(never_converts<ref<account>, ref<other_reply>>);
    // Never back to an actor, not even from a protocol that says the same, nor to another actor.
    STATIC_REQUIRE(never_converts<ref<both>, ref<account>>);
    STATIC_REQUIRE(never_converts<ref<account::protocol>, ref<account>>);
    STATIC_REQUIRE(never_converts<ref<account::protocol, sure>, ref<account>>);
    STATIC_REQUIRE(never_converts<ref<account, sure>, ref<strict_account>>);
    STATIC_REQUIRE(never_converts<ref<strict_account, sure>, ref<account>>);
}

TEST_CASE("a reference that may refuse never becomes one that may not") {
    // What may not refuse converts to everything.
    STATIC_REQUIRE(converts<ref<account>, ref<account, sure>>);
    STATIC_REQUIRE(converts<ref<account>, ref<account, refusable>>);
    STATIC_REQUIRE(converts<ref<account, sure>, ref<account>>);
    STATIC_REQUIRE(converts<ref<account, sure>, ref<payer, refusable>>);
    STATIC_REQUIRE(converts<ref<strict_account, sure>, ref<payer>>);
    STATIC_REQUIRE(converts<ref<strict_account, sure>, ref<strict_account>>);
    // What may refuse, by its type or by the actor's declaration, does so to the end.
    STATIC_REQUIRE(converts<ref<account, refusable>, ref<payer, refusable>>);
    STATIC_REQUIRE(converts<ref<strict_account>, ref<payer, refusable>>);
    STATIC_REQUIRE(converts<ref<account>, ref<payer, sure>>);
    STATIC_REQUIRE(never_converts<ref<account, refusable>, ref<account>>);
    STATIC_REQUIRE(never_converts<ref<account, refusable>, ref<account, sure>>);
    STATIC_REQUIRE(never_converts<ref<account, refusable>, ref<payer>>);
    STATIC_REQUIRE(never_converts<ref<strict_account>, ref<account>>);
    STATIC_REQUIRE(never_converts<ref<strict_account>, ref<payer>>);
    STATIC_REQUIRE(never_converts<ref<strict_account>, ref<strict_account, sure>>);
    // Both rules at once.
    STATIC_REQUIRE(never_converts<ref<payer, sure>, ref<both, refusable>>);
}

TEST_CASE("nothing else is a reference") {
    STATIC_REQUIRE(never_converts<int, ref<account>>);
    STATIC_REQUIRE(never_converts<std::nullptr_t, ref<account>>);
    STATIC_REQUIRE(never_converts<account*, ref<account>>);
    STATIC_REQUIRE_FALSE(std::is_convertible_v<ref<account>, bool>);
    STATIC_REQUIRE_FALSE(std::equality_comparable_with<ref<payer>, ref<taker>>);
    STATIC_REQUIRE(std::totally_ordered<ref<account>>);
    STATIC_REQUIRE(std::is_nothrow_convertible_v<ref<account>, ref<payer>>);
}

void take(ref<payer>) {}
int  take(ref<auditor>) { return 1; }

TEST_CASE("functions may be overloaded by protocol") {
    STATIC_REQUIRE(std::is_void_v<decltype(take(ref<account>{}))>);
    STATIC_REQUIRE(std::is_same_v<int, decltype(take(ref<auditor>{}))>);
}

TEST_CASE("send gives a status exactly where it may refuse") {
    STATIC_REQUIRE(std::is_void_v<decltype(ref<account>{}.send(deposit{1}))>);
    STATIC_REQUIRE(std::is_void_v<decltype(ref<payer>{}.send(deposit{1}))>);
    STATIC_REQUIRE(std::is_void_v<decltype(ref<strict_account, sure>{}.send(deposit{1}))>);
    STATIC_REQUIRE(
        std::is_same_v<troupe::send_status, decltype(ref<strict_account>{}.send(deposit{1}))>);
    STATIC_REQUIRE(
        std::is_same_v<troupe::send_status, decltype(ref<payer, refusable>{}.send(deposit{1}))>);
    STATIC_REQUIRE(
        std::is_same_v<troupe::send_status, decltype(ref<account>{}.try_send(deposit{1}))>);
}

}  // namespace test_concepts
