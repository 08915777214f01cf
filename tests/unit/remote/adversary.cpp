// SPDX-License-Identifier: BSL-1.0

// What nobody should do, and somebody does: circles of asks over the wire, mailboxes that are full
// at both ends, handlers that throw everywhere, nodes and systems that end in the wrong order,
// peers that want too much, and messages of exactly the largest size.

#include "troupe/remote/node.hpp"

#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/nodes.hpp"
#include "support/raw_peer.hpp"

namespace test_remote_adversary {

using namespace troupe_test;
using troupe::ask_errc;
using troupe::link_options;
using troupe::link_state;

struct circle {
    int left;
};
/// Asks the other one, which asks this one, and so on; handles nothing else meanwhile.
class member {
public:
    using protocol = troupe::protocol<int(circle)>;
    explicit member(troupe::ref<protocol>* other) : other_(other) {}
    troupe::task<int> on(circle c) {
        if (c.left == 0) co_return 0;
        circle const next{c.left - 1};
        auto         asked = other_->ask(next).within(5s);
        int const    rest = co_await asked;
        co_return rest + 1;
    }

private:
    troupe::ref<protocol>* other_;
};

/// Each side reaches the other.
struct both_ways : two_sides {
    explicit both_ways(link_options const& o = plain_links()) : two_sides(o, o) {
        back.emplace(here, troupe::node_options{.listen = "loopback://client", .link = o},
                     network.transport());
    }
    ~both_ways() { back.reset(); }
    std::optional<memory_node> back;
};

TEST_CASE("asks in a circle over the wire end by their deadline, and the actors go on") {
    troupe::ref<member::protocol> to_there, to_here;
    both_ways                     w;
    auto                          a = w.here.spawn<member>(&to_there);
    auto                          b = w.there.spawn<member>(&to_here);
    w.server->expose("b", b);
    w.back->expose("a", a);
    to_there = w.client->resolve<member>("loopback://server", "b");
    to_here = w.server->resolve<member>("loopback://client", "a");
    w.settle();
    auto one = w.outcome(a.ask(circle{1}));
    REQUIRE(one.has_value());
    CHECK(*one == 1);
    // a asks b asks a, which waits for b.
    auto round = a.ask(circle{2});
    round.start();
    w.settle();
    w.pass(6s);
    auto const ended = round.result();
    REQUIRE_FALSE(ended.has_value());
    CHECK(ended.error().code() == ask_errc::failed);
    w.pass(6s);
    to_there = to_here = {};
}

struct ball {
    int number;
};
class player {
public:
    using protocol = troupe::protocol<void(ball)>;
    using mailbox_type = troupe::bounded_mailbox<1>;
    player(troupe::ref<protocol>* other, int* seen, int most)
        : other_(other), seen_(seen), most_(most) {}
    void on(ball b) {
        if (++*seen_ <= most_) other_->send(b);
    }

private:
    troupe::ref<protocol>* other_;
    int*                   seen_;
    int                    most_;
};

TEST_CASE("two actors with room for one message play with many balls over the wire") {
    link_options o = plain_links();
    int          balls = 1;
    SECTION("one ball") {}
    SECTION("two balls") { balls = 2; }
    SECTION("twenty balls") { balls = 20; }
    SECTION("two hundred balls, and windows for sixty") {
        balls = 200;
        o.window = 1024;
    }
    troupe::ref<player::protocol> to_there, to_here;
    int                           seen_here = 0;
    int                           seen_there = 0;
    both_ways                     w{o};
    auto                          a = w.here.spawn<player>(&to_there, &seen_here, 2'000);
    auto                          b = w.there.spawn<player>(&to_here, &seen_there, 2'000);
    w.server->expose("b", b);
    w.back->expose("a", a);
    to_there =
        w.client->resolve<player::protocol, troupe::bounded_mailbox<1>>("loopback://server", "b");
    to_here =
        w.server->resolve<player::protocol, troupe::bounded_mailbox<1>>("loopback://client", "a");
    w.settle();
    int served = 0;
    for (int i = 0; i < balls; ++i) {
        if (to_there.try_send(ball{i}) == troupe::send_status::accepted) ++served;
        w.settle();
    }
    w.settle();
    CHECK(served > 0);
    CHECK(seen_here >= 2'000);
    CHECK(seen_there >= 2'000);
    to_there = to_here = {};
}

struct put {
    int value;
};
struct sum {};
struct boom {};
struct echo {
    std::string text;
};
struct hold {};
class store {
public:
    using protocol = troupe::protocol<void(put), int(sum), int(boom), std::string(echo), int(hold)>;
    void        on(put p) { sum_ += p.value; }
    int         on(sum) const { return sum_; }
    int         on(boom) { throw std::runtime_error("boom"); }
    std::string on(echo e) { return e.text; }
    void        on(hold, troupe::reply<int> r) { held_.push_back(std::move(r)); }

private:
    int                             sum_ = 0;
    std::vector<troupe::reply<int>> held_;
};

/// Throws where it is told to: in its second life where that is a beginning.
class thrower {
public:
    using protocol = troupe::protocol<int(sum), int(boom)>;
    thrower(std::string where, int* lives) : where_(std::move(where)), lives_(lives) {
        if (++*lives_ == 2) here("constructor");
    }
    void started(troupe::context<thrower>&) {
        if (*lives_ == 2) here("started");
    }
    int  on(sum) { return here("handler"), 1; }
    int  on(boom) { throw 5; }  // no std::exception
    void stopped() { here("stopped"); }

private:
    void here(char const* place) const {
        if (where_ == place) throw std::runtime_error(where_);
    }
    std::string where_;
    int*        lives_;
};
struct who_is_it {};
class guardian {
public:
    using protocol = troupe::protocol<troupe::ref<thrower>(who_is_it)>;
    static constexpr auto supervision = troupe::one_for_one{.max_restarts = 5, .within = 10s};
    guardian(std::string where, int* lives) : where_(std::move(where)), lives_(lives) {}
    void started(troupe::context<guardian>& self) { child_ = self.spawn<thrower>(where_, lives_); }
    troupe::ref<thrower> on(who_is_it) { return child_; }

private:
    std::string          where_;
    int*                 lives_;
    troupe::ref<thrower> child_;
};

TEST_CASE("an actor that throws wherever it can ends nobody's connection") {
    std::string const where =
        GENERATE(as<std::string>{}, "nowhere", "constructor", "started", "handler", "stopped");
    CAPTURE(where);
    int       lives = 0;
    two_sides w;
    auto      parent = w.there.spawn<guardian>(where, &lives);
    auto      asked = parent.ask(who_is_it{});
    asked.start();
    w.settle();
    auto const who = asked.result().value();
    w.server->expose("thrower", who);
    w.server->expose("good", w.there.spawn<store>());
    auto far = w.client->resolve<thrower>("loopback://server", "thrower");
    auto other = w.client->resolve<store>("loopback://server", "good");
    w.settle();
    auto strange = w.outcome(far.ask(boom{}));
    REQUIRE_FALSE(strange.has_value());
    CHECK(strange.error().code() == ask_errc::failed);
    // One that was restarted is the same actor, behind the same channel.
    CHECK(lives == (where == "constructor" || where == "started" ? 3 : 2));
    auto next = w.outcome(far.ask(sum{}));
    CHECK(next.has_value() == (where != "handler"));
    if (!next.has_value()) {
        CHECK(next.error().code() == ask_errc::failed);
        REQUIRE(next.error().nested());
        try {
            std::rethrow_exception(next.error().nested());
        } catch (troupe::remote_failure const& e) { CHECK(std::string{e.what()} == "handler"); }
    }
    w.there.stop(parent);
    w.settle();
    auto gone = w.outcome(far.ask(sum{}));
    REQUIRE_FALSE(gone.has_value());
    CHECK(gone.error().code() == ask_errc::target_gone);
    auto fine = w.outcome(other.ask(sum{}));
    REQUIRE(fine.has_value());
    CHECK(w.status().connects == 1);
    CHECK(w.status().state == link_state::up);
}

// How many bytes the frame of an ask has besides its text.
// Before a text of 128 to 16383 bytes stand two that say how long it is.
constexpr std::size_t fixed_of_ask = 2 + 4 + 4 + 8 + 4 + 2;
constexpr std::size_t fixed_of_answer = 2 + 4 + 8 + 1 + 2;

TEST_CASE("a message of exactly the largest frame arrives, and one of a byte more is refused") {
    link_options o = plain_links();
    o.frame_max = 5'000;
    link_options smaller = o;
    smaller.frame_max = 1'000;
    bool const theirs = GENERATE(false, true);
    bool const narrow = GENERATE(false, true);
    if (narrow) o.window = smaller.window = 1'024;
    CAPTURE(theirs, narrow);
    two_sides w{theirs ? smaller : o, o};
    w.server->expose("store", w.there.spawn<store>());
    auto              far = w.client->resolve<store>("loopback://server", "store");
    std::size_t const most = theirs ? 1'000 : 5'000;
    for (int i = 0; i < 3; ++i) {
        std::string const exact(most - fixed_of_ask, 'x');
        auto const        back = w.outcome(far.ask<echo>(exact));
        REQUIRE(back.has_value());
        CHECK(*back == exact);
        auto const over = w.outcome(far.ask<echo>(exact + "x"));
        REQUIRE_FALSE(over.has_value());
        CHECK(over.error().code() == ask_errc::refused);
    }
    auto const after = w.outcome(far.ask(sum{}));
    CHECK(after.has_value());
    CHECK(w.status().connects == 1);
}

struct want {
    std::size_t size;
};
class giver {
public:
    using protocol = troupe::protocol<std::string(want)>;
    std::string on(want m) { return std::string(m.size, 'x'); }
};
TEST_CASE("an answer of exactly the largest frame arrives, and one of a byte more fails its ask") {
    link_options o = plain_links();
    o.frame_max = 1'000;
    two_sides w{o, o};
    w.server->expose("giver", w.there.spawn<giver>());
    auto far = w.client->resolve<giver>("loopback://server", "giver");
    for (int i = 0; i < 3; ++i) {
        auto const exact = w.outcome(far.ask(want{1'000 - fixed_of_answer}));
        REQUIRE(exact.has_value());
        CHECK(exact->size() == 1'000 - fixed_of_answer);
        auto const over = w.outcome(far.ask(want{1'001 - fixed_of_answer}));
        REQUIRE_FALSE(over.has_value());
        CHECK(over.error().code() == ask_errc::refused);
    }
    CHECK(w.status().connects == 1);
}

TEST_CASE("a peer that opens three thousand channels is served, and all of it goes with it") {
    two_sides w;
    w.server->expose("store", w.there.spawn<store>());
    auto const before = w.there.books().actors;
    {
        raw_peer p{w};
        p.say(raw_peer::greeting());
        std::vector<std::byte> all;
        for (std::uint32_t id = 1; id <= 3'000; ++id) {
            auto const one = raw_peer::frame_of(frame_kind::open, [&](troupe::byte_writer& body) {
                write_number(body, id);
                write_number(body, troupe::protocol_fingerprint<store::protocol>);
                write_text(body, "store");
            });
            all.insert(all.end(), one.begin(), one.end());
        }
        p.say(all);
        w.settle();
        CHECK(p.goodbye().empty());
        CHECK(w.there.books().actors >= before + 3'000);
        auto far = w.client->resolve<store>("loopback://server", "store");
        auto fine = w.outcome(far.ask(sum{}));
        CHECK(fine.has_value());
        w.here.stop(far);
    }
    w.settle();
    // A link and one of those that were accepted, at the most.
    CHECK(w.there.books().actors <= before + 2);
}

TEST_CASE("a node that is destroyed by one of its system's actors ends everything of it") {
    struct end_it {};
    class undertaker {
    public:
        using protocol = troupe::protocol<void(end_it)>;
        explicit undertaker(std::optional<memory_node>* n) : node_(n) {}
        void on(end_it) { node_->reset(); }

    private:
        std::optional<memory_node>* node_;
    };
    two_sides w;
    w.server->expose("store", w.there.spawn<store>());
    auto far = w.client->resolve<store>("loopback://server", "store");
    w.settle();
    auto asked = far.ask(hold{});
    asked.start();
    w.settle();
    SECTION("the one that has asked") {
        w.here.spawn<undertaker>(&w.client).send(end_it{});
        w.settle();
        CHECK_FALSE(w.client.has_value());
    }
    SECTION("the one that was asked") {
        w.there.spawn<undertaker>(&w.server).send(end_it{});
        w.settle();
        CHECK_FALSE(w.server.has_value());
    }
    auto const r = asked.result();
    REQUIRE_FALSE(r.has_value());
    CHECK((r.error().code() == ask_errc::link_lost || r.error().code() == ask_errc::target_gone));
}

TEST_CASE("a node of a system that has ended says so, whatever it is asked") {
    two_sides w;
    auto      who = w.there.spawn<store>();
    w.server->expose("store", who);
    auto far = w.client->resolve<store>("loopback://server", "store");
    w.settle();
    REQUIRE(w.here.stop(watchdog).complete);
    auto const lost = far.ask(sum{}).result();
    REQUIRE_FALSE(lost.has_value());
    CHECK(lost.error().code() == ask_errc::target_gone);
    CHECK_THROWS_WITH(w.client->status("loopback://server"), contains("stopped"));
    CHECK_THROWS_WITH(w.client->connect("loopback://server"), contains("stopped"));
    CHECK_THROWS_WITH(w.client->drain("loopback://server", 1s), contains("stopped"));
    auto const none = w.client->try_resolve<store>("loopback://server", "store");
    CHECK_FALSE(none.has_value());
    auto const nowhere = w.client->try_resolve<store>("loopback://other", "store");
    CHECK_FALSE(nowhere.has_value());
}

TEST_CASE("a system may be destroyed before its node, by mistake") {
    troupe::manual_clock         clock;
    troupe::loopback_network     network{clock};
    std::optional<remote_system> there{std::in_place,
                                       troupe::options<remote_config>{.clock = &clock}};
    std::optional<remote_system> here{std::in_place,
                                      troupe::options<remote_config>{.clock = &clock}};
    memory_node server{*there, {.listen = "loopback://server"}, network.transport()};
    memory_node client{*here, {}, network.transport()};
    server.expose("store", there->spawn<store>());
    auto far = client.resolve<store>("loopback://server", "store");
    auto asked = far.ask(sum{});
    asked.start();
    while (here->run_until_idle() + there->run_until_idle() != 0) {}
    CHECK(asked.result().has_value());
    SECTION("the one that serves") {
        there.reset();
        here->run_until_idle();
    }
    SECTION("the one that asks") {
        here.reset();
        there->run_until_idle();
    }
    SECTION("both") {
        there.reset();
        here.reset();
        CHECK_FALSE(client.try_resolve<store>("loopback://server", "store").has_value());
    }
}

}  // namespace test_remote_adversary
