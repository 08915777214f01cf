// SPDX-License-Identifier: BSL-1.0
#include "troupe/remote/node.hpp"

#include <stdexcept>
#include <string>
#include <vector>

#include "support/nodes.hpp"

namespace test_node {

using namespace troupe_test;
using troupe::ask_errc;
using troupe::connect_status;
using troupe::link_state;

struct put {
    int value;
};
struct sum {};
struct echo {
    std::string text;
};
struct burst {};
struct slow {};

class store {
public:
    using protocol = troupe::protocol<void(put), int(sum), std::string(echo), int(slow)>;
    explicit store(std::vector<int>* seen = nullptr) : seen_(seen) {}
    void on(put p) {
        sum_ += p.value;
        if (seen_ != nullptr) seen_->push_back(p.value);
    }
    int         on(sum) const { return sum_; }
    std::string on(echo e) { return e.text; }
    void        on(slow, troupe::reply<int> r) { kept_.push_back(std::move(r)); }

private:
    int                             sum_ = 0;
    std::vector<int>*               seen_;
    std::vector<troupe::reply<int>> kept_;
};

TEST_CASE("a remote actor is sent to and asked like any other") {
    two_sides w;
    auto      there = w.there.spawn<store>();
    w.server->expose("store", there);
    auto far = w.client->resolve<store>("loopback://server", "store");
    far.send(put{3});
    far.send(put{4});
    auto answer = w.outcome(far.ask(sum{}));
    REQUIRE(answer.has_value());
    CHECK(*answer == 7);
    auto text = w.outcome(far.ask<echo>("hello"));
    REQUIRE(text.has_value());
    CHECK(*text == "hello");
    CHECK(w.status().state == link_state::up);
}

TEST_CASE("messages arrive once each and in their order") {
    std::vector<int> seen;
    two_sides        w;
    auto             there = w.there.spawn<store>(&seen);
    w.server->expose("store", there);
    auto          far = w.client->resolve<store>("loopback://server", "store");
    constexpr int count = 20'000;
    for (int i = 0; i < count;) {
        for (int k = 0; k < 500; ++k) far.send(put{i++});
        w.settle();
    }
    REQUIRE(seen.size() == count);
    for (int i = 0; i < count; ++i) REQUIRE(seen[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("large messages arrive; what is larger than a frame may be is refused") {
    two_sides w;
    auto      there = w.there.spawn<store>();
    w.server->expose("store", there);
    auto far = w.client->resolve<store>("loopback://server", "store");
    for (std::size_t const size : {4'000u, 40'000u, 400'000u, 1'000'000u}) {
        std::string const text(size, 'x');
        auto              back = w.outcome(far.ask<echo>(text));
        REQUIRE(back.has_value());
        CHECK(*back == text);
    }
    std::string const huge(2'000'000, 'x');
    auto              back = w.outcome(far.ask<echo>(huge));
    REQUIRE_FALSE(back.has_value());
    CHECK(back.error().code() == ask_errc::refused);
}

TEST_CASE("nobody behind a key is said, and somebody who comes later is found") {
    two_sides w;
    auto      far = w.client->resolve<store>("loopback://server", "late");
    w.settle();
    auto who = w.outcome(w.client->resolution_of(far));
    REQUIRE(who.has_value());
    CHECK_FALSE(who->open);
    CHECK(who->words == "nobody is exposed as late");
    auto early = w.outcome(far.ask(sum{}));
    REQUIRE_FALSE(early.has_value());
    CHECK(early.error().code() == ask_errc::target_gone);

    auto there = w.there.spawn<store>();
    w.server->expose("late", there);
    w.pass(2s);
    auto answer = w.outcome(far.ask(sum{}));
    REQUIRE(answer.has_value());
    CHECK(*answer == 0);
}

TEST_CASE("pending asks end once when the connection goes") {
    two_sides w;
    auto      there = w.there.spawn<store>();
    w.server->expose("store", there);
    auto far = w.client->resolve<store>("loopback://server", "store");
    w.settle();
    std::vector<decltype(far.ask(slow{}))> asks;
    for (int i = 0; i < 1'000; ++i) {
        asks.push_back(far.ask(slow{}));
        asks.back().start();
        if (i % 100 == 0) w.settle();
    }
    w.settle();
    CHECK(w.status().asks == 1'000);
    w.network.reset();
    w.settle();
    for (auto& a : asks) {
        auto const r = a.result();
        REQUIRE_FALSE(r.has_value());
        REQUIRE(r.error().code() == ask_errc::link_lost);
    }
    CHECK(w.status().asks == 0);
    CHECK(w.status().state == link_state::backing_off);
}

TEST_CASE("a link connects again after its wait, and references find their actors again") {
    two_sides w;
    auto      there = w.there.spawn<store>();
    w.server->expose("store", there);
    auto far = w.client->resolve<store>("loopback://server", "store");
    w.settle();
    CHECK(w.status().connects == 1);
    w.network.reset();
    w.settle();
    auto lost = w.outcome(far.ask(sum{}));
    REQUIRE_FALSE(lost.has_value());
    CHECK(lost.error().code() == ask_errc::link_lost);
    w.advance(999ms);
    CHECK(w.status().state == link_state::backing_off);
    w.advance(1ms);
    CHECK(w.status().state == link_state::up);
    CHECK(w.status().connects == 2);
    auto again = w.outcome(far.ask(sum{}));
    REQUIRE(again.has_value());
}

TEST_CASE("nobody listens: the waits grow, and the outcome says why") {
    two_sides w;
    w.server.reset();
    auto const first = w.connect();
    CHECK(first.status == connect_status::refused);
    CHECK(w.status().state == link_state::backing_off);
    auto waits = [&](troupe::duration wait) {
        auto next = w.client->connect("loopback://server");
        next.start();
        w.settle();
        w.advance(wait - 1ms);
        CHECK(w.status().state == link_state::backing_off);
        CHECK(w.status().attempts != 0);
        unsigned const before = w.status().attempts;
        w.advance(1ms);
        CHECK(w.status().attempts == before + 1);
        CHECK(next.result().has_value());
    };
    waits(1s);
    waits(2s);
    waits(4s);
    waits(8s);
    waits(8s);
    w.start_server();
    auto next = w.client->connect("loopback://server");
    next.start();
    w.settle();
    w.advance(8s);
    auto const up = next.result();
    REQUIRE(up.has_value());
    CHECK(up->status == connect_status::established);
}

TEST_CASE("a silent peer is noticed after its heartbeats were missed, a quiet one is not") {
    two_sides w;
    auto      there = w.there.spawn<store>();
    w.server->expose("store", there);
    auto far = w.client->resolve<store>("loopback://server", "store");
    w.settle();
    w.pass(10min, 500ms);
    CHECK(w.status().state == link_state::up);
    CHECK(w.status().connects == 1);
    w.network.partition();
    w.pass(14s);
    CHECK(w.status().state == link_state::up);
    w.pass(6s);
    CHECK(w.status().state != link_state::up);
    CHECK(w.status().last_error == "timed out: no heartbeat");
    w.network.heal();
    w.pass(40s);
    CHECK(w.status().state == link_state::up);
    static_cast<void>(far);
}

TEST_CASE("a reference that ends with its connection tells who watches it") {
    struct told {
        int         count = 0;
        std::string words;
    };
    class watcher {
    public:
        using protocol = troupe::protocol<void(burst)>;
        watcher(troupe::any_ref whom, told* t) : whom_(whom), told_(t) {}
        void started(troupe::context<watcher>& self) {
            REQUIRE(self.watch(whom_) == troupe::watch_status::watching);
        }
        void on(burst) {}
        void on(troupe::terminated const& t) {
            ++told_->count;
            told_->words = t.why.what();
        }

    private:
        troupe::any_ref whom_;
        told*           told_;
    };
    told      heard;
    two_sides w;
    auto      there = w.there.spawn<store>();
    w.server->expose("store", there);
    auto far = w.client->resolve<store>("loopback://server", "store", troupe::when_lost::end);
    w.here.spawn<watcher>(far, &heard);
    w.settle();
    CHECK(heard.count == 0);
    SECTION("the connection goes") {
        w.network.reset();
        w.settle();
        CHECK(heard.words.find("reset") != std::string::npos);
    }
    SECTION("the actor ends") {
        w.there.stop(there);
        w.settle();
        CHECK(heard.words == "the actor at store has ended by stop");
    }
    CHECK(heard.count == 1);
    auto gone = w.outcome(far.ask(sum{}));
    REQUIRE_FALSE(gone.has_value());
    CHECK(gone.error().code() == ask_errc::target_gone);
}

TEST_CASE("a drained link answers what was asked, and takes nothing new") {
    two_sides w;
    auto      there = w.there.spawn<store>();
    w.server->expose("store", there);
    auto far = w.client->resolve<store>("loopback://server", "store");
    w.settle();
    far.send(put{5});
    auto asked = far.ask(sum{});
    asked.start();
    auto drain = w.client->drain("loopback://server", 5s);
    w.here.run_until_idle();
    drain.start();
    w.settle();
    auto const r = asked.result();
    REQUIRE(r.has_value());
    CHECK(*r == 5);
    auto const report = drain.result();
    REQUIRE(report.has_value());
    CHECK(report->complete);
    CHECK(report->abandoned == 0);
    auto late = w.outcome(far.ask(sum{}));
    REQUIRE_FALSE(late.has_value());
}

inline constexpr troupe::actor_key<store> store_key{"store"};

TEST_CASE("a key that has its protocol is exposed and resolved with it") {
    two_sides w;
    w.server->expose(store_key, w.there.spawn<store>());
    auto const far = w.client->resolve("loopback://server", store_key);
    CHECK(w.outcome(far.ask(sum{})).has_value());
    // its mailbox is one that refuses here
    auto const narrow = w.client->resolve<troupe::bounded_mailbox<1, troupe::overflow::fail>>(
        "loopback://server", store_key);
    CHECK(narrow.try_send(put{1}) == troupe::send_status::accepted);
    CHECK(narrow.try_send(put{2}) == troupe::send_status::full);
    w.settle();
    auto const all = w.outcome(narrow.ask(sum{}));
    REQUIRE(all.has_value());
    CHECK(*all == 1);
}

TEST_CASE("what was taken before there was a connection is drained, too") {
    two_sides w;
    w.server->expose("store", w.there.spawn<store>());
    auto far = w.client->resolve<store>("loopback://server", "store");
    far.send(put{5});
    auto asked = far.ask(sum{});
    asked.start();
    SECTION("when it comes about") {
        while (w.here.books().queued != 0) w.here.poll_one();
        auto const drained = w.outcome(w.client->drain("loopback://server", 5s));
        REQUIRE(drained.has_value());
        CHECK(drained->complete);
        CHECK(drained->refused == 0);
        auto const r = asked.result();
        REQUIRE(r.has_value());
        CHECK(*r == 5);
    }
    SECTION("or is lost, and that is said, when it does not") {
        w.network.partition();
        while (w.here.books().queued != 0) w.here.poll_one();
        auto drain = w.client->drain("loopback://server", 5s);
        drain.start();
        w.pass(6s);
        auto const drained = drain.result();
        REQUIRE(drained.has_value());
        CHECK_FALSE(drained->complete);
        CHECK(drained->unconfirmed + drained->refused == 2);
        CHECK_FALSE(asked.result().has_value());
    }
}

TEST_CASE("a place is reached again after a drain") {
    two_sides w;
    w.server->expose("store", w.there.spawn<store>());
    auto far = w.client->resolve<store>("loopback://server", "store");
    w.settle();
    auto const drained = w.outcome(w.client->drain("loopback://server", 5s));
    REQUIRE(drained.has_value());
    CHECK(drained->complete);
    CHECK_FALSE(w.outcome(far.ask(sum{})).has_value());
    auto const again = w.client->resolve<store>("loopback://server", "store");
    CHECK(w.outcome(again.ask(sum{})).has_value());
    CHECK(w.status().state == link_state::up);
    CHECK(w.connect().status == connect_status::established);
}

TEST_CASE("what is sent while there is no connection, or nobody, is counted") {
    two_sides w;
    w.server->expose("store", w.there.spawn<store>());
    {
        auto const far = w.client->resolve<store>("loopback://server", "store");
        auto const nobody = w.client->resolve<store>("loopback://server", "nobody");
        w.settle();
        for (int i = 0; i < 7; ++i) nobody.send(put{i});
        w.settle();
        CHECK(w.status().not_sent == 7);
        w.server.reset();
        w.settle();
        REQUIRE(w.status().state == link_state::backing_off);
        auto const before = w.status().not_sent;
        for (int i = 0; i < 100; ++i) far.send(put{i});
        w.settle();
        CHECK(w.status().not_sent == before + 100);
        w.here.stop(far);
        w.settle();
        CHECK(w.status().not_sent == before + 100);
    }
}

TEST_CASE("a node that ends with its references leaves no dead letters of its own") {
    two_sides w;
    w.server->expose("store", w.there.spawn<store>());
    static_cast<void>(w.client->resolve<store>("loopback://server", "store"));
    static_cast<void>(
        w.client->resolve<store>("loopback://server", "store", troupe::when_lost::end));
    w.settle();
    w.client.reset();
    w.settle();
    w.server.reset();
    w.settle();
    CHECK(w.here.dead_letters().empty());
    CHECK(w.there.dead_letters().empty());
}

TEST_CASE("what is wrong with a key, a reference or an endpoint is said with its name") {
    two_sides  w;
    auto const words = [](auto const& outcome) {
        REQUIRE_FALSE(outcome.has_value());
        return std::string{outcome.error().what()};
    };
    auto const there = w.there.spawn<store>();
    REQUIRE(w.server->try_expose("store", there).has_value());
    CHECK(words(w.server->try_expose("store", there)) == "node: the key is taken: store");
    CHECK(words(w.server->try_expose("null", troupe::ref<store>{})) ==
          "node: the reference is null: null");
    CHECK(words(w.client->try_resolve<store>("tcp://127.0.0.1:1", "store")) ==
          "node: its transport takes loopback://, not: tcp://127.0.0.1:1");
}

TEST_CASE("a drain that is over too early counts each ask that it has abandoned once") {
    two_sides w;
    w.server->expose("store", w.there.spawn<store>());
    auto far = w.client->resolve<store>("loopback://server", "store");
    w.settle();
    auto asked = far.ask(slow{});
    asked.start();
    w.settle();
    auto drain = w.client->drain("loopback://server", 1s);
    drain.start();
    w.pass(2s);
    auto const report = drain.result();
    REQUIRE(report.has_value());
    CHECK_FALSE(report->complete);
    CHECK(report->abandoned == 1);
    auto const lost = asked.result();
    REQUIRE_FALSE(lost.has_value());
    CHECK(lost.error().code() == ask_errc::link_lost);
}

TEST_CASE(
    "an ask through a reference behind which nobody is ends with target gone, the first too") {
    two_sides w;
    auto      nobody = w.client->resolve<store>("loopback://server", "nobody");
    auto      first = nobody.ask(sum{});
    first.start();
    w.settle();
    auto const gone = first.result();
    REQUIRE_FALSE(gone.has_value());
    CHECK(gone.error().code() == ask_errc::target_gone);
    auto const why = w.outcome(w.client->resolution_of(nobody));
    REQUIRE(why.has_value());
    CHECK(why->words == "nobody is exposed as nobody");
}

TEST_CASE("a slow actor holds nobody but those who send to it") {
    two_sides w;
    auto      stuck = w.there.spawn<store>();
    auto      quick = w.there.spawn<store>();
    w.server->expose("stuck", stuck);
    w.server->expose("quick", quick);
    auto to_stuck = w.client->resolve<store>("loopback://server", "stuck");
    auto to_quick = w.client->resolve<store>("loopback://server", "quick");
    auto pending = to_stuck.ask(slow{});
    pending.start();
    w.settle();
    auto answer = w.outcome(to_quick.ask(sum{}));
    REQUIRE(answer.has_value());
    CHECK(*answer == 0);
}

}  // namespace test_node
