// SPDX-License-Identifier: BSL-1.0

// What the guide promises between two nodes, beside delivery: errors of their own type, protocols
// that are compared, deadlines that travel, connections that do not disturb each other.

#include "troupe/remote/node.hpp"

#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/nodes.hpp"
#include "troupe/remote/unix_transport.hpp"

namespace test_promises {

using namespace troupe_test;
using troupe::ask_errc;

struct put {
    int value;
};
struct sum {};
struct echo {
    std::string text;
};
struct slow {};
struct count_me {
    int number;
};

class store {
public:
    using protocol = troupe::protocol<void(put), int(sum), std::string(echo), int(slow)>;
    void        on(put p) { sum_ += p.value; }
    int         on(sum) const { return sum_; }
    std::string on(echo e) { return e.text; }
    void        on(slow, troupe::reply<int> r) { kept_.push_back(std::move(r)); }

private:
    int                             sum_ = 0;
    std::vector<troupe::reply<int>> kept_;
};

// ---- an error of its own type ----

enum class shortage : std::uint8_t { none_left = 3, not_that_many };
struct take {
    int pieces;
};
struct lacking {
    shortage    why;
    int         left;
    std::string words;
};
class stock {
public:
    using protocol = troupe::protocol<troupe::result<int, lacking>(take)>;
    troupe::result<int, lacking> on(take t) {
        if (t.pieces < 0) throw std::runtime_error{"below zero"};
        if (t.pieces > left_) return lacking{shortage::not_that_many, left_, "too m\xc3\xa4ny"};
        left_ -= t.pieces;
        return left_;
    }

private:
    int left_ = 5;
};

TEST_CASE("an error of the answer's own type arrives as it was, and is no failure") {
    two_sides w;
    w.server->expose("stock", w.there.spawn<stock>());
    auto const far = w.client->resolve<stock>("loopback://server", "stock");
    auto const good = w.outcome(far.ask<take>(2));
    REQUIRE(good.has_value());
    REQUIRE(good->has_value());
    CHECK(**good == 3);
    auto const lacks = w.outcome(far.ask<take>(4));
    REQUIRE(lacks.has_value());
    REQUIRE_FALSE(lacks->has_value());
    CHECK(lacks->error().why == shortage::not_that_many);
    CHECK(lacks->error().left == 3);
    CHECK(lacks->error().words == "too m\xc3\xa4ny");
    // What a handler throws is another thing: the ask has failed, and says with what.
    auto const thrown = w.outcome(far.ask<take>(-1));
    REQUIRE_FALSE(thrown.has_value());
    CHECK(thrown.error().code() == ask_errc::failed);
    CHECK(std::string{thrown.error().what()}.find("below zero") != std::string::npos);
    REQUIRE(thrown.error().nested() != nullptr);
    CHECK_THROWS_AS(std::rethrow_exception(thrown.error().nested()), troupe::remote_failure);
}

/// Takes one message, and waits for ever.
class stuck_store {
public:
    using protocol = troupe::protocol<void(put)>;
    using mailbox_type = troupe::bounded_mailbox<4>;
    explicit stuck_store(troupe::ref<store> to) : to_(to) {}
    troupe::task<> on(put) { co_await to_.ask(slow{}); }

private:
    troupe::ref<store> to_;
};

TEST_CASE("a slow call over one connection does not delay those over another") {
    two_sides   w;
    memory_node other{w.here, {.listen = {}, .link = plain_links()}, w.network.transport()};
    // The same actor: who answers later is no obstacle, whoever waits.
    w.server->expose("store", w.there.spawn<store>());
    auto const over_a = w.client->resolve<store>("loopback://server", "store");
    auto const over_b = other.resolve<store>("loopback://server", "store");
    auto       waits = over_a.ask(slow{});
    waits.start();
    w.settle();
    // And as many bytes for it as A can hold, which a stuck actor does not take.
    auto stuck = w.there.spawn<stuck_store>(w.there.spawn<store>());
    w.server->expose("stuck", stuck);
    auto const over_a_stuck = w.client->resolve<stuck_store>("loopback://server", "stuck");
    for (int i = 0; i < 20'000; ++i) {
        static_cast<void>(over_a_stuck.try_send(put{i}));
        if (i % 100 == 0) w.settle();
    }
    for (int i = 1; i <= 100; ++i) {
        over_b.send(put{1});
        auto const fast = w.outcome(over_b.ask(sum{}));
        REQUIRE(fast.has_value());
        CHECK(*fast == i);
    }
    CHECK(w.status().asks == 1);  // and A waits still
    CHECK(w.outcome(other.status("loopback://server"))->asks == 0);
    w.network.reset();
    w.settle();
    CHECK(waits.result().error().code() == ask_errc::link_lost);
    w.there.stop(stuck);
    w.settle();
}

// ---- another version of the same protocol ----

namespace newer {
struct put {
    int  value;
    bool twice;
};
class store {
public:
    using protocol = troupe::protocol<void(put), int(sum)>;
};
}  // namespace newer
struct logged_config : remote_config {
    using log_type = troupe::memory_log;
};

TEST_CASE("a protocol that differs is refused when it is opened, with the message and the field") {
    basic_two_sides<logged_config> w;
    w.server->expose("store", w.there.spawn<store>());
    auto const far = w.client->resolve<newer::store>("loopback://server", "store");
    auto       asked = far.ask(sum{});
    asked.start();
    w.settle();
    auto const refused = w.here.log_sink().last(troupe::log_event::reference_refused);
    REQUIRE(refused);
    CHECK_THAT(refused->detail, contains("message put: field twice is missing there"));
    CHECK_THAT(refused->detail, contains("message echo: missing here"));
    CHECK(asked.result().error().code() == ask_errc::target_gone);
    // Nobody else is touched by it.
    CHECK(w.status().connects == 1);
    auto const same = w.client->resolve<store>("loopback://server", "store");
    CHECK(w.outcome(same.ask(sum{})).has_value());
}

/// Keeps who asks it, in a place of the test.
class gate {
public:
    using protocol = troupe::protocol<int(slow)>;
    explicit gate(std::vector<troupe::reply<int>>* held) : held_(held) {}
    void on(slow, troupe::reply<int> r) { held_->push_back(std::move(r)); }

private:
    std::vector<troupe::reply<int>>* held_;
};
/// Is busy with a `put` until the gate has answered.
class busy {
public:
    using protocol = troupe::protocol<void(put), void(sum), int(count_me)>;
    using mailbox_type = troupe::bounded_mailbox<4>;
    busy(troupe::ref<gate> g, std::vector<int>* seen) : gate_(g), seen_(seen) {}
    troupe::task<> on(put) { static_cast<void>(co_await gate_.ask(slow{})); }
    void           on(sum) {}
    int            on(count_me c) {
        seen_->push_back(c.number);
        return c.number;
    }

private:
    troupe::ref<gate> gate_;
    std::vector<int>* seen_;
};

TEST_CASE(
    "the deadline of an ask travels: what has waited too long before the mailbox is not begun") {
    std::vector<int>                seen;
    std::vector<troupe::reply<int>> held;
    two_sides                       w;
    w.server->expose("busy", w.there.spawn<busy>(w.there.spawn<gate>(&held), &seen));
    auto const far = w.client->resolve<busy>("loopback://server", "busy");
    far.send(put{1});
    // More than the mailbox takes: what comes behind waits before it.
    for (int i = 0; i < 200; ++i) far.send(sum{});
    auto late = far.ask<count_me>(1).within(2s);
    auto good = far.ask<count_me>(2).within(10s);
    late.start();
    good.start();
    w.settle();
    REQUIRE(held.size() == 1);
    w.pass(3s);
    CHECK(late.result().error().code() == ask_errc::expired);
    held[0](7);
    held.clear();
    w.settle();
    CHECK(good.result().value() == 2);
    CHECK(seen == std::vector<int>{2});
}

TEST_CASE("every way in which connecting can end has its outcome, with words") {
    using troupe::connect_status;
    two_sides  w;
    auto const attempt = [&](std::string const& to) { return *w.outcome(w.client->connect(to)); };
    SECTION("established") {
        auto const r = attempt("loopback://server");
        CHECK(r.status == connect_status::established);
        CHECK(r);
    }
    SECTION("refused") {
        auto const r = attempt("loopback://nobody");
        CHECK(r.status == connect_status::refused);
        CHECK(r.words == "refused");
    }
    SECTION("unreachable") {
        // Longer than the path of a socket can be.
        troupe::node<troupe::unix_transport> paths{w.here};
        auto const r = *w.outcome(paths.connect("unix:///" + std::string(150, 'n')));
        CHECK(r.status == connect_status::unreachable);
        CHECK(r.words.starts_with("invalid address"));
    }
    SECTION("timed out") {
        w.network.partition();
        auto begun = w.client->connect("loopback://server");
        begun.start();
        w.settle();
        w.advance(20s);  // by default
        auto const r = begun.result().value();
        CHECK(r.status == connect_status::timed_out);
        CHECK(r.words == "timed out: connect deadline");
    }
    SECTION("handshake failed") {
        auto transport = w.network.transport();
        auto mute = transport.listen("loopback://mute", {});
        REQUIRE(mute.has_value());
        auto begun = w.client->connect("loopback://mute");
        begun.start();
        w.settle();
        auto const taken = mute->accept({});
        w.settle();
        w.advance(10s);  // by default
        auto const r = begun.result().value();
        CHECK(r.status == connect_status::handshake_failed);
        CHECK(r.words == "timed out: handshake deadline");
        CHECK_FALSE(r);
    }
    SECTION("closed") {
        w.network.partition();
        auto begun = w.client->connect("loopback://server");
        begun.start();
        w.settle();
        w.client.reset();
        w.settle();
        auto const r = begun.result();
        REQUIRE(r.has_value());
        CHECK(r->status == connect_status::closed);
        CHECK(r->words == "the node ends");
    }
}

}  // namespace test_promises
