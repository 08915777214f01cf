// SPDX-License-Identifier: BSL-1.0
#include "troupe/remote/proxy.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/nodes.hpp"

namespace test_proxy {

using namespace troupe_test;
using namespace troupe::detail;
using troupe::ask_errc;
using troupe::binary_codec;
using troupe::when_lost;

struct put {
    int value;
};
struct text {
    std::string words;
};
struct sum {};
using protocol = troupe::protocol<void(put), void(text), int(sum)>;
using proxy = troupe::remote_actor<protocol, binary_codec>;

/// Stands where a link would: keeps the outbox, and does with it what the test says.
struct desk {
    std::optional<open_channel>      opened;
    int                              told = 0;
    int                              ended = 0;
    std::vector<troupe::reply<void>> waits;
    std::vector<std::string>         frames;  // kinds, and how many bytes
    std::vector<pending_ask*>        asks;

    /// Takes all there is, as a link that is connected does.
    void collect() {
        opened->box->collect([&](wire_slice const& s) {
            auto bytes = s.bytes();
            while (!bytes.empty()) {
                std::size_t const whole = std::size_t{4} + number_at(bytes.data());
                frame             f;
                REQUIRE_FALSE(split_frame(bytes.first(whole), f));
                frames.push_back(f.kind == frame_kind::ask ? "ask" : "message");
                CHECK(number_at(f.body.data()) == opened->id);
                bytes = bytes.subspan(whole);
            }
        });
        for (pending_ask* p = opened->box->take_asks(); p != nullptr; p = p->next)
            asks.push_back(p);
    }
    void phase(channel_phase now) { opened->box->phase.store(now); }
    void grant(std::uint64_t more) { opened->box->granted.fetch_add(more); }
    void let_go() {
        for (auto& r : waits) r();
        waits.clear();
    }
};
class no_link {
public:
    using protocol = troupe::protocol<void(open_channel), void(outbox_ready), void(end_channel),
                                      void(await_room)>;
    explicit no_link(desk* d) : desk_(d) {}
    void on(open_channel&& asked) { desk_->opened.emplace(std::move(asked)); }
    void on(outbox_ready) { ++desk_->told; }
    void on(end_channel) { ++desk_->ended; }
    void on(await_room, troupe::reply<void> r) { desk_->waits.push_back(std::move(r)); }

private:
    desk* desk_;
};

struct world {
    desk                 d;
    troupe::manual_clock clock;
    remote_system        system{{.clock = &clock}};
    troupe::ref<no_link> link = system.spawn<no_link>(&d);
    troupe::ref<proxy>   far;

    explicit world(std::uint32_t window = 1u << 16, when_lost then = when_lost::reconnect,
                   bool begins = true) {
        proxy_setup setup;
        setup.home = &system_access::core_of(system);
        setup.link = ref_access::cell_of(troupe::any_ref{link});
        setup.link_incarnation = link.identity();
        setup.channel = 3;
        setup.frame_max = 1'000;
        setup.window = window;
        setup.key = "a/b";
        setup.then = then;
        if (!begins) {
            system.stop(link);
            settle();
        }
        using policies = resolved_policies<proxy, troupe::bounded_mailbox<8>>;
        birth const made =
            spawn_child<proxy, policies, false>(&bring_to_life, home(), nullptr, setup);
        REQUIRE((made.born != nullptr) == begins);
        if (!begins) return;
        far = ref_access::make<troupe::ref<proxy>>(*made.born, made.incarnation);
        settle();
    }
    ~world() {
        for (pending_ask* const p : d.asks) p->end(home(), reply_slot::error(ask_errc::cancelled));
        d.let_go();
        d.opened.reset();
        auto const report = system.stop(watchdog);
        CHECK(report.complete);
        CHECK(report.books.balanced());
        CHECK(report.books.blocks == 0);
    }
    core& home() { return system_access::core_of(system); }
    void  settle() { system.run_until_idle(); }
    bool  lives() const {
        return ref_access::cell_of(troupe::any_ref{far})->incarnation.load() == far.identity();
    }
    template <class Request>
    ask_errc ended(Request request) {
        request.start();
        settle();
        auto const r = request.result();
        REQUIRE_FALSE(r.has_value());
        return r.error().code();
    }
    troupe::resolution resolution() {
        auto asked = troupe::request<troupe::resolution, troupe::get_resolution, built::in_place>{
            ref_access::cell_of(troupe::any_ref{far}), far.identity(), std::in_place};
        asked.start();
        settle();
        return asked.result().value();
    }
    void news(channel_news::kind what, std::string words = {}, bool final = false) {
        static_cast<void>(deliver_by<channel_news>(ref_access::cell_of(troupe::any_ref{far}),
                                                   far.identity(), send_mode::internal, never,
                                                   channel_news{what, std::move(words), final}));
        settle();
    }
};

TEST_CASE("a reference says to its link that it is there, and when it has gone") {
    world w;
    REQUIRE(w.d.opened.has_value());
    CHECK(w.d.opened->key == "a/b");
    CHECK(w.d.opened->id == 3);
    CHECK(w.d.opened->proxy == troupe::any_ref{w.far});
    CHECK(w.d.ended == 0);
    w.system.stop(w.far);
    w.settle();
    CHECK(w.d.ended == 1);
}

TEST_CASE("a reference whose link has ended already is not born, and tells nobody") {
    world w{1u << 16, when_lost::reconnect, false};
    CHECK_FALSE(w.d.opened.has_value());
}

TEST_CASE("messages and asks gather as frames, and the link is told once") {
    world w;
    w.d.phase(channel_phase::open);
    for (int i = 0; i < 5; ++i) w.far.send(put{i});
    auto asked = w.far.ask(sum{});
    asked.start();
    w.settle();
    CHECK(w.d.told == 1);
    w.d.collect();
    CHECK(w.d.frames ==
          std::vector<std::string>{"message", "message", "message", "message", "message", "ask"});
    REQUIRE(w.d.asks.size() == 1);
    CHECK(w.d.asks[0]->channel == 3);
    CHECK(w.d.opened->box->messages.load() == 6);
    w.far.send(put{1});
    w.settle();
    CHECK(w.d.told == 2);
}

TEST_CASE("what cannot go is lost and counted, and an ask among it ends with why") {
    world w;
    w.d.phase(channel_phase::down);
    w.far.send(put{1});
    CHECK(w.ended(w.far.ask(sum{})) == ask_errc::link_lost);
    w.d.phase(channel_phase::nobody);
    CHECK(w.ended(w.far.ask(sum{})) == ask_errc::target_gone);
    w.d.phase(channel_phase::draining);
    CHECK(w.ended(w.far.ask(sum{})) == ask_errc::target_gone);
    w.d.phase(channel_phase::open);
    w.far.send(text{std::string(2'000, 'x')});
    w.settle();
    CHECK(w.d.opened->box->lost.load() == 5);
    CHECK(w.d.told == 1);  // a link that had no memory for its alarm looks at it now
    w.d.collect();
    CHECK(w.d.frames.empty());
}

TEST_CASE("a frame of exactly the largest size is sent, and one byte more is not") {
    world w;
    w.d.phase(channel_phase::open);
    w.far.send(text{std::string(200, 'x')});  // its length takes two bytes, as that of the others
    w.settle();
    std::size_t fixed = 0;
    w.d.opened->box->collect([&](wire_slice const& s) { fixed = s.size() - 204; });
    w.far.send(text{std::string(1'000 - fixed, 'x')});
    w.far.send(text{std::string(1'001 - fixed, 'x')});
    w.settle();
    w.d.collect();
    CHECK(w.d.frames.size() == 1);
    CHECK(w.d.opened->box->lost.load() == 1);
}

TEST_CASE("over its window a reference waits, and its mailbox holds who sends more") {
    world w{1'024};
    w.d.phase(channel_phase::open);
    int accepted = 0;
    for (int i = 0; i < 1'000; ++i) {
        if (w.far.try_send(put{i}) == troupe::send_status::accepted) ++accepted;
        w.settle();
    }
    REQUIRE(w.d.waits.size() == 1);
    CHECK(accepted < 1'024 / 18 + 8 + 2);
    std::uint64_t const before = w.d.opened->box->messages.load();
    // Told that there is room when there is none, it asks again.
    w.d.let_go();
    w.settle();
    REQUIRE(w.d.waits.size() == 1);
    CHECK(w.d.opened->box->messages.load() == before);
    w.d.grant(1'024);
    w.d.let_go();
    w.settle();
    CHECK(w.d.opened->box->messages.load() == static_cast<std::uint64_t>(accepted));
    CHECK(w.d.waits.empty());
}

TEST_CASE("a reference that waits for room goes on when the connection is lost, and loses") {
    world w{1'024};
    w.d.phase(channel_phase::open);
    for (int i = 0; i < 1'000; ++i) {
        static_cast<void>(w.far.try_send(put{i}));
        w.settle();
    }
    REQUIRE(w.d.waits.size() == 1);
    w.d.phase(channel_phase::down);
    w.d.let_go();
    w.settle();
    CHECK(w.d.opened->box->lost.load() == 8);
    CHECK(w.d.waits.empty());
}

TEST_CASE("what becomes of the channel is known to who asks, and ends a reference that wants it") {
    SECTION("one that is for whoever comes") {
        world w;
        CHECK(w.resolution().words == "not connected yet");
        w.d.phase(channel_phase::open);
        w.news(channel_news::kind::opened);
        CHECK(w.resolution().open);
        w.d.phase(channel_phase::down);
        w.news(channel_news::kind::lost, "gone");
        CHECK_FALSE(w.resolution().open);
        CHECK(w.resolution().words == "gone");
        w.news(channel_news::kind::refused, "nobody");
        CHECK(w.lives());
        w.news(channel_news::kind::refused, "another protocol", true);
        CHECK_FALSE(w.lives());
    }
    SECTION("one that is for its connection") {
        world w{1u << 16, when_lost::end};
        w.news(channel_news::kind::refused, "nobody");
        CHECK(w.lives());
        w.news(channel_news::kind::opened);
        w.news(channel_news::kind::ended, "the actor has ended");
        CHECK_FALSE(w.lives());
    }
}

TEST_CASE("an outbox that goes with asks in it ends them") {
    world w;
    auto  asked = w.far.ask(sum{});
    asked.start();
    w.settle();
    w.system.stop(w.far);
    w.settle();
    w.d.opened.reset();
    auto const r = asked.result();
    REQUIRE_FALSE(r.has_value());
    CHECK(r.error().code() == ask_errc::link_lost);
}

}  // namespace test_proxy
