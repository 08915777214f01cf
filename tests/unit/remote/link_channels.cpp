// SPDX-License-Identifier: BSL-1.0
#include "troupe/remote/link_channels.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "support/nodes.hpp"
#include "support/raw_peer.hpp"

namespace test_link_channels {

using namespace troupe_test;
using troupe::ask_errc;
using troupe::link_options;
using troupe::link_state;

struct blob {
    std::string bytes;
};
struct sum {};
struct want {
    int size;
};
struct slow {
    int number;
};
class store {
public:
    using protocol = troupe::protocol<void(blob), int(sum), std::string(want), int(slow)>;
    explicit store(std::vector<troupe::reply<int>>* kept = nullptr) : kept_(kept) {}
    void        on(blob const& b) { sum_ += static_cast<int>(b.bytes.size()); }
    int         on(sum) const { return sum_; }
    std::string on(want w) { return std::string(static_cast<std::size_t>(w.size), 'x'); }
    void        on(slow s, troupe::reply<int> r) {
        if (s.number == 2) r(2);
        else kept_->push_back(std::move(r));
    }

private:
    int                              sum_ = 0;
    std::vector<troupe::reply<int>>* kept_;
};

TEST_CASE("an answer that is larger than the other side takes fails its ask only") {
    link_options small = plain_links();
    small.frame_max = 256;
    two_sides w{plain_links(), small};
    auto      there = w.there.spawn<store>();
    w.server->expose("store", there);
    auto far = w.client->resolve<store>("loopback://server", "store");
    auto large = w.outcome(far.ask(want{1000}));
    REQUIRE_FALSE(large.has_value());
    CHECK(large.error().code() == ask_errc::refused);
    auto fits = w.outcome(far.ask(want{100}));
    REQUIRE(fits.has_value());
    CHECK(w.status().connects == 1);
}

TEST_CASE("a message that is larger than the other side takes is not sent") {
    link_options small = plain_links();
    small.frame_max = 256;
    two_sides w{small, plain_links()};
    auto      there = w.there.spawn<store>();
    w.server->expose("store", there);
    auto far = w.client->resolve<store>("loopback://server", "store");
    far.send(blob{std::string(1000, 'x')});
    far.send(blob{std::string(5, 'x')});
    far.send(blob{std::string(1000, 'x')});
    far.send(blob{std::string(7, 'x')});
    auto r = w.outcome(far.ask(sum{}));
    REQUIRE(r.has_value());
    CHECK(*r == 12);
    CHECK(w.status().connects == 1);
}

TEST_CASE("with the smallest frames and the smallest window messages, asks and long keys work") {
    link_options o = plain_links();
    o.frame_max = 64;
    o.window = 1024;
    two_sides w{o, o};
    auto      there = w.there.spawn<store>();
    w.server->expose("store", there);
    auto far = w.client->resolve<store>("loopback://server", "store");
    for (int i = 0; i < 2'000; ++i) {
        far.send(blob{"1234567890"});
        if (i % 100 == 0) w.settle();
    }
    auto r = w.outcome(far.ask(sum{}));
    REQUIRE(r.has_value());
    CHECK(*r == 20'000);
    // A key that fits into no frame of the other side is nobody's there; the connection stays.
    std::string const key(180, 'k');
    w.server->expose(key, there);
    auto nobody = w.client->resolve<store>("loopback://server", key);
    auto none = w.outcome(nobody.ask(sum{}));
    CHECK_FALSE(none.has_value());
    auto again = w.outcome(far.ask(sum{}));
    CHECK(again.has_value());
    CHECK(w.status().connects == 1);
}

struct keeper {
    using protocol = troupe::protocol<int(sum)>;
    explicit keeper(std::vector<troupe::reply<int>>* k) : kept(k) {}
    void on(sum, troupe::reply<int> r) { kept->push_back(std::move(r)); }
    std::vector<troupe::reply<int>>* kept;
};
// Waits for ever with its first message.
struct stuck {
    using protocol = troupe::protocol<void(blob)>;
    using mailbox_type = troupe::bounded_mailbox<4>;
    explicit stuck(troupe::ref<keeper> k) : asked(k) {}
    troupe::task<void> on(blob) {
        auto r = asked.ask(sum{});
        static_cast<void>(co_await r);
    }
    troupe::ref<keeper> asked;
};

TEST_CASE("a peer that sends more than its window is sent away, and who keeps it is not") {
    link_options o = plain_links();
    o.window = 1024;
    o.frame_max = 4096;
    two_sides                       w{o, plain_links()};
    std::vector<troupe::reply<int>> kept;
    auto                            there = w.there.spawn<stuck>(w.there.spawn<keeper>(&kept));
    w.server->expose("stuck", there);
    // The client has a larger window, and may gather before it knows this one.
    auto far = w.client->resolve<stuck>("loopback://server", "stuck");
    for (int i = 0; i < 2'000; ++i) {
        static_cast<void>(far.try_send(blob{std::string(400, 'x')}));
        if (i > 1'000) w.settle();
    }
    w.settle();
    CHECK(w.status().connects == 1);
    CHECK(w.status().state == link_state::up);

    raw_peer p{w};
    p.say(raw_peer::greeting());
    p.say(raw_peer::frame_of(frame_kind::open, [](troupe::byte_writer& body) {
        write_number(body, std::uint32_t{1});
        write_number(body, troupe::protocol_fingerprint<stuck::protocol>);
        write_text(body, "stuck");
    }));
    auto const one = raw_peer::frame_of(frame_kind::message, [](troupe::byte_writer& body) {
        write_number(body, std::uint32_t{1});
        write_number(body, troupe::wire_id<blob>);
        troupe::binary_codec{}.encode(blob{std::string(400, 'x')}, body);
    });
    for (int i = 0; i < 1'000; ++i) p.say(one);
    CHECK(p.goodbye() == "session: channel 1 is over its window");
    CHECK(p.gone);
}

TEST_CASE("a peer gets as many channels as it may have, and another one when one has gone") {
    link_options o = plain_links();
    o.channels_max = 2;
    two_sides w{o, plain_links()};
    auto      there = w.there.spawn<store>();
    w.server->expose("store", there);
    auto const reach = [&] { return w.client->resolve<store>("loopback://server", "store"); };
    auto       first = reach();
    auto       second = reach();
    w.settle();
    auto       third = reach();
    auto const none = w.outcome(third.ask(sum{}));
    REQUIRE_FALSE(none.has_value());
    CHECK(none.error().code() == ask_errc::target_gone);
    auto const why = w.outcome(w.client->resolution_of(third));
    REQUIRE(why.has_value());
    CHECK_FALSE(why->open);
    CHECK(why->words == "no channel to store: there are link_options::channels_max of them there");
    CHECK(w.outcome(first.ask(sum{})).has_value());
    w.here.stop(second);
    w.settle();
    w.advance(1s);  // it is asked for again
    CHECK(w.outcome(third.ask(sum{})).has_value());
    CHECK(w.status().connects == 1);
    CHECK(w.status().channels == 2);
}

struct generous {
    using protocol = troupe::protocol<std::string(want)>;
    explicit generous(int* count) : answers(count) {}
    std::string on(want w) {
        ++*answers;
        return std::string(static_cast<std::size_t>(w.size), 'x');
    }
    int* answers;
};

TEST_CASE("who asks and does not read the answers is not served any further") {
    two_sides     w;
    int           answers = 0;
    constexpr int asks = 1'500;
    w.server->expose("store", w.there.spawn<generous>(&answers));
    raw_peer p{w};
    p.say(raw_peer::greeting());
    p.say(raw_peer::frame_of(frame_kind::open, [](troupe::byte_writer& body) {
        write_number(body, std::uint32_t{1});
        write_number(body, troupe::protocol_fingerprint<generous::protocol>);
        write_text(body, "store");
    }));
    for (int ask = 1; ask <= asks; ++ask) {
        p.say(raw_peer::frame_of(frame_kind::ask, [&](troupe::byte_writer& body) {
            write_number(body, std::uint32_t{1});
            write_number(body, troupe::wire_id<want>);
            write_number(body, static_cast<std::uint64_t>(ask));
            write_number(body, std::uint32_t{0});
            troupe::binary_codec{}.encode(want{10'000}, body);
        }));
    }
    // It has asked for 15 MB: 1 MiB of them waits, and what the network has taken.
    CHECK(answers > 100);
    CHECK(answers < 500);
    // When it reads, it gets them all.
    std::ptrdiff_t heard = 0;
    for (int i = 0; i < asks && heard < asks; ++i) {
        p.kinds.clear();
        static_cast<void>(p.goodbye());
        w.settle();
        heard = std::count(p.kinds.begin(), p.kinds.end(), frame_kind::answer);
    }
    CHECK(heard == asks);
    CHECK(answers == asks);
    CHECK_FALSE(p.gone);
}

TEST_CASE("answers, grants and ends of channels that do not exist, or twice, change nothing") {
    two_sides w;
    auto      there = w.there.spawn<store>();
    w.server->expose("store", there);
    raw_peer p{w};
    p.say(raw_peer::greeting());
    for (std::uint32_t id : {0u, 1u, 0xffffffffu}) {
        for (auto kind : {frame_kind::opened, frame_kind::refused, frame_kind::answer,
                          frame_kind::grant, frame_kind::ended, frame_kind::closed}) {
            for (int const f : {0, 1, 7, 255}) {
                auto const fill = static_cast<std::uint8_t>(f);
                p.say(raw_peer::frame_of(kind, [&](troupe::byte_writer& body) {
                    write_number(body, id);
                    for (int i = 0; i < 24; ++i) write_number(body, fill);
                }));
                p.say(raw_peer::frame_of(
                    kind, [&](troupe::byte_writer& body) { write_number(body, fill); }));
            }
        }
    }
    CHECK(p.goodbye().empty());
    CHECK_FALSE(p.gone);
}

// Begins to take when its keeper answers.
struct late {
    using protocol = troupe::protocol<void(slow)>;
    using mailbox_type = troupe::bounded_mailbox<4>;
    late(troupe::ref<keeper> k, std::vector<int>* s) : asked(k), seen(s) {}
    troupe::task<void> on(slow s) {
        seen->push_back(s.number);
        if (s.number == 0) {
            auto r = asked.ask(sum{});
            static_cast<void>(co_await r);
        }
    }
    troupe::ref<keeper> asked;
    std::vector<int>*   seen;
};

TEST_CASE("what an earlier connection has brought is handed on before what a later one brings") {
    std::vector<int>                seen;
    two_sides                       w;
    std::vector<troupe::reply<int>> kept;
    auto                            keeps = w.there.spawn<keeper>(&kept);
    auto                            there = w.there.spawn<late>(keeps, &seen);
    w.server->expose("late", there);
    auto far = w.client->resolve<late>("loopback://server", "late");
    for (int i = 0; i < 400; ++i) static_cast<void>(far.try_send(slow{i}));
    w.settle();
    REQUIRE(seen.size() == 1);
    w.network.reset();
    w.settle();
    w.advance(1s);
    CHECK(w.status().connects == 2);
    for (int i = 400; i < 800; ++i) static_cast<void>(far.try_send(slow{i}));
    w.settle();
    REQUIRE(kept.size() == 1);
    kept[0](1);
    w.settle();
    w.pass(100ms, 5ms);
    REQUIRE(seen.size() == 800);
    for (int i = 0; i < 800; ++i) REQUIRE(seen[static_cast<std::size_t>(i)] == i);
}

// Opens channel 1, or says something through it.
std::vector<std::byte> opens_late() {
    return raw_peer::frame_of(frame_kind::open, [](troupe::byte_writer& body) {
        write_number(body, std::uint32_t{1});
        write_number(body, troupe::protocol_fingerprint<late::protocol>);
        write_text(body, "late");
    });
}
std::vector<std::byte> says(slow s) {
    return raw_peer::frame_of(frame_kind::message, [&](troupe::byte_writer& body) {
        write_number(body, std::uint32_t{1});
        write_number(body, troupe::wire_id<slow>);
        troupe::binary_codec{}.encode(s, body);
    });
}

TEST_CASE("a channel that is closed and opened again is so when what it has brought is handed on") {
    std::vector<int>                seen;
    two_sides                       w;
    std::vector<troupe::reply<int>> kept;
    w.server->expose("late", w.there.spawn<late>(w.there.spawn<keeper>(&kept), &seen));
    raw_peer p{w};
    p.say(raw_peer::greeting());
    p.say(opens_late());
    for (int i = 0; i < 20; ++i) p.say(says({i}));
    p.say(raw_peer::frame_of(frame_kind::closed, [](troupe::byte_writer& body) {
        write_number(body, std::uint32_t{1});
    }));
    p.say(opens_late());
    CHECK(p.goodbye().empty());
    CHECK(std::count(p.kinds.begin(), p.kinds.end(), frame_kind::opened) == 1);
    REQUIRE(kept.size() == 1);
    kept[0](1);
    w.settle();  // no time goes by: it waits for no pulse
    p.kinds.clear();
    CHECK(p.goodbye().empty());
    CHECK(std::count(p.kinds.begin(), p.kinds.end(), frame_kind::opened) == 2);
    for (int i = 20; i < 40; ++i) p.say(says({i}));
    REQUIRE(seen.size() == 40);
    for (int i = 0; i < 40; ++i) CHECK(seen[static_cast<std::size_t>(i)] == i);
}

// Reaches back to who greets it, and says more than is taken there.
class caller {
public:
    using protocol = troupe::protocol<void(sum)>;
    using envelope_type = troupe::with_sender;
    explicit caller(memory_node* mine) : node_(mine) {}
    void on(sum, troupe::context<caller>& self) {
        far_ = node_->resolve<late::protocol>(self.sender(), "late");
        for (int i = 0; i < 20; ++i) far_.send(slow{i});
    }

private:
    memory_node*                node_;
    troupe::ref<late::protocol> far_;
};

TEST_CASE("a link that nobody needs goes when it has handed on what it had brought") {
    std::vector<int>                seen;
    two_sides                       w;
    std::vector<troupe::reply<int>> kept;
    w.client->expose("late", w.here.spawn<late>(w.here.spawn<keeper>(&kept), &seen));
    w.server->expose("caller", w.there.spawn<caller>(&*w.server));
    w.settle();
    auto const before = w.here.books().actors;
    auto       far = w.client->resolve<caller>("loopback://server", "caller");
    far.send(sum{});
    w.settle();
    REQUIRE(kept.size() == 1);
    w.here.stop(far);
    w.settle();
    w.network.reset();
    w.pass(2s, 500ms);  // it is not made again
    CHECK(w.here.books().actors > before);
    kept[0](1);
    w.settle();  // no time goes by
    CHECK(seen.size() == 20);
    CHECK(w.here.books().actors == before);
}

TEST_CASE("ten thousand references on one connection come and go") {
    two_sides w;
    auto      there = w.there.spawn<store>();
    w.server->expose("store", there);
    for (int round = 0; round < 20; ++round) {
        std::vector<troupe::ref<store::protocol>> all;
        for (int i = 0; i < 500; ++i) {
            all.push_back(w.client->resolve<store>("loopback://server", "store"));
            all.back().send(blob{"1"});
        }
        w.settle();
        CHECK(w.status().channels == 500);
        for (auto const& r : all) w.here.stop(r);
        w.settle();
        CHECK(w.status().channels == 0);
    }
    auto sum_now = there.ask(sum{});
    sum_now.start();
    w.settle();
    CHECK(*sum_now.result() == 10'000);
}

}  // namespace test_link_channels
