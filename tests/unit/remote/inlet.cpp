// SPDX-License-Identifier: BSL-1.0
#include "troupe/remote/inlet.hpp"

#include <algorithm>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/nodes.hpp"

namespace test_inlet {

using namespace troupe_test;
using namespace troupe::detail;
using troupe::ask_errc;
using troupe::binary_codec;

struct put {
    int value;
};
struct twice {
    int value;
};
struct big {};
struct hold {};
struct release {};

struct seen {
    std::vector<int>                values;
    std::vector<troupe::reply<int>> held;
};
class target {
public:
    using protocol = troupe::protocol<void(put), int(twice), std::string(big), int(hold)>;
    using mailbox_type = troupe::bounded_mailbox<4>;
    explicit target(seen* s) : seen_(s) {}
    void on(put p) {
        if (p.value < 0) throw std::runtime_error("below zero");
        seen_->values.push_back(p.value);
    }
    int on(twice t) {
        if (t.value < 0) throw std::runtime_error("below zero");
        return 2 * t.value;
    }
    std::string on(big) { return std::string(100'000, 'x'); }
    void        on(hold, troupe::reply<int> r) { seen_->held.push_back(std::move(r)); }

private:
    seen* seen_;
};

/// Stands where a link would, and keeps what it is told.
struct told {
    std::vector<std::string> answers;  // status, then the value or the words
    std::vector<std::string> faults;
    std::vector<std::string> ended;
    std::uint64_t            messages = 0;
    std::uint64_t            bytes = 0;
};
class no_link {
public:
    using protocol = troupe::protocol<void(outgoing), void(inlet_progress), void(inlet_ended),
                                      void(inlet_fault)>;
    explicit no_link(told* t) : told_(t) {}
    void on(outgoing&& frame_of) {
        frame f;
        REQUIRE_FALSE(split_frame(frame_of.bytes.bytes(), f));
        REQUIRE(f.kind == frame_kind::answer);
        troupe::byte_reader from{f.body};
        std::uint32_t       channel = 0;
        std::uint64_t       ask = 0;
        std::uint8_t        status = 0;
        REQUIRE(
            (read_number(from, channel) && read_number(from, ask) && read_number(from, status)));
        CHECK(channel == 3);
        CHECK(frame_of.channel == 3);
        CHECK(frame_of.session == 9);
        std::string words = std::to_string(ask) + " ";
        if (status == answer_ok) {
            words += "ok " + std::to_string(from.left());
        } else {
            std::string_view text;
            REQUIRE(read_text(from, text));
            words +=
                std::string{to_string(static_cast<ask_errc>(status - 1))} + " " + std::string{text};
        }
        told_->answers.push_back(words);
    }
    void on(inlet_progress p) {
        CHECK(p.channel == 3);
        CHECK(p.session == 9);
        told_->bytes += p.bytes;
        told_->messages = p.messages;
    }
    void on(inlet_ended const& e) {
        told_->ended.push_back(std::string{troupe::to_string(e.how)} + " " + e.words);
    }
    void on(inlet_fault const& f) { told_->faults.push_back(f.words); }

private:
    told* told_;
};

using inlet = basic_inlet<struct nothing>;

struct world {
    troupe::manual_clock clock;
    remote_system        system{{.clock = &clock}};
    seen                 s;
    told                 t;
    troupe::ref<target>  who = system.spawn<target>(&s);
    troupe::ref<no_link> link = system.spawn<no_link>(&t);
    troupe::ref<inlet>   in;
    std::uint64_t        bytes = 0;
    atomic<bool>         unread{false};

    explicit world(std::uint32_t window = 1u << 16) {
        using table = inlet_table<target::protocol, binary_codec>;
        inlet_setup setup;
        setup.target = who;
        setup.rows = table::rows;
        setup.row_count = sizeof table::rows / sizeof table::rows[0];
        setup.route.link = ref_access::cell_of(troupe::any_ref{link});
        setup.route.incarnation = link.identity();
        setup.route.channel = 3;
        setup.route.session = 9;
        setup.window = window;
        setup.unread = &unread;
        in = system.spawn<inlet>(setup);
        settle();
    }
    ~world() {
        s.held.clear();
        auto const report = system.stop(watchdog);
        CHECK(report.complete);
        CHECK(report.books.balanced());
        CHECK(report.books.blocks == 0);
    }
    void settle() { system.run_until_idle(); }

    template <class Message>
    static std::vector<std::byte> frame_for(Message const& m, std::uint64_t ask = 0,
                                            std::uint32_t left_ms = 0) {
        return frame_of(troupe::wire_id<Message>, ask, left_ms,
                        [&](troupe::byte_writer& body) { binary_codec{}.encode(m, body); });
    }
    template <class Put>
    static std::vector<std::byte> frame_of(std::uint32_t id, std::uint64_t ask,
                                           std::uint32_t left_ms, Put const& put_rest) {
        std::byte    place[512];
        frame_writer f{place, ask == 0 ? frame_kind::message : frame_kind::ask};
        write_number(f.body(), std::uint32_t{3});
        write_number(f.body(), id);
        if (ask != 0) {
            write_number(f.body(), ask);
            write_number(f.body(), left_ms);
        }
        put_rest(f.body());
        return {place, place + f.end()};
    }
    static std::vector<std::byte> frames(int count) {
        std::vector<std::byte> all;
        for (int i = 0; i < count; ++i) {
            auto const one = frame_for(put{i});
            all.insert(all.end(), one.begin(), one.end());
        }
        return all;
    }
    /// Several frames come as one piece.
    void come(std::initializer_list<std::vector<std::byte>> frames) {
        std::vector<std::byte> all;
        for (auto const& f : frames) all.insert(all.end(), f.begin(), f.end());
        come(all);
    }
    void come(std::vector<std::byte> const& all) {
        wire_chunk* const chunk = wire_chunk::take(system_access::core_of(system), all.size());
        REQUIRE(chunk != nullptr);
        std::copy(all.begin(), all.end(), chunk->data());
        bytes += all.size();
        in.send(inbound{wire_slice{chunk, 0, all.size()}, clock.now()});
    }
    bool lives() const {
        return ref_access::cell_of(troupe::any_ref{in})->incarnation.load() == in.identity();
    }
};

TEST_CASE("an inlet hands on what comes, in order, and says how much that was") {
    world w;
    for (int i = 0; i < 1'000; i += 2) {
        w.come({world::frame_for(put{i}), world::frame_for(put{i + 1})});
    }
    w.settle();
    REQUIRE(w.s.values.size() == 1'000);
    for (int i = 0; i < 1'000; ++i) REQUIRE(w.s.values[static_cast<std::size_t>(i)] == i);
    CHECK(w.t.messages == 1'000);
    CHECK(w.t.bytes == w.bytes);
}

TEST_CASE("one piece of very many frames is taken in several turns, in order") {
    world w;
    w.come(world::frames(3'000));
    w.settle();
    REQUIRE(w.s.values.size() == 3'000);
    for (int i = 0; i < 3'000; ++i) REQUIRE(w.s.values[static_cast<std::size_t>(i)] == i);
    CHECK(w.t.messages == 3'000);
    CHECK(w.t.bytes == w.bytes);
}

TEST_CASE("an actor that does not get on has few messages more than its mailbox holds") {
    world w;
    w.come(world::frames(3'000));
    // The inlet has a turn, and no more: then the mailbox is full.
    while (w.system.books().queued < 5 && w.system.poll_one()) {}
    std::uint64_t most = w.system.books().queued;
    for (int i = 0; i < 100 && w.system.poll_one(); ++i) {
        most = std::max<std::uint64_t>(most, w.system.books().queued);
    }
    CHECK(most > 4);
    CHECK(most <= 4 + 64 + 3);
    w.settle();
    CHECK(w.s.values.size() == 3'000);
}

TEST_CASE("asks are answered past the inlet, whatever comes of them") {
    world w;
    w.come({world::frame_for(twice{21}, 1), world::frame_for(twice{-1}, 2),
            world::frame_for(big{}, 3), world::frame_for(hold{}, 4)});
    w.settle();
    REQUIRE(w.t.answers.size() >= 2);
    CHECK(w.t.answers[0] == "1 ok 4");
    CHECK(w.t.answers[1] == "2 failed below zero");
    // The handler that threw has ended its actor: what was behind it has nobody.
    REQUIRE(w.t.answers.size() == 4);
    CHECK(w.t.answers[2] == "3 target gone ");
    CHECK(w.t.answers[3] == "4 target gone ");
}

TEST_CASE("a large answer and one that is abandoned come back, too") {
    world w;
    w.come({world::frame_for(big{}, 3), world::frame_for(hold{}, 4)});
    w.settle();
    REQUIRE(w.t.answers.size() == 1);
    CHECK(w.t.answers[0] == "3 ok 100003");
    w.s.held.clear();
    w.settle();
    REQUIRE(w.t.answers.size() == 2);
    CHECK(w.t.answers[1] == "4 abandoned ");
}

TEST_CASE("what means nothing is said, and what comes behind it is handed on") {
    world      w;
    auto const nothing = [](troupe::byte_writer&) {};
    auto const three = [](troupe::byte_writer& body) {
        for (int i = 0; i < 3; ++i) write_number(body, std::uint8_t{1});
    };
    w.come({world::frame_of(12345, 0, 0, nothing), world::frame_for(put{1}),
            world::frame_of(troupe::wire_id<put>, 0, 0, three), world::frame_for(put{2}),
            world::frame_of(troupe::wire_id<twice>, 7, 0, three), world::frame_for(put{3})});
    w.settle();
    CHECK(w.s.values == std::vector<int>{1, 2, 3});
    REQUIRE(w.t.faults.size() == 3);
    CHECK(w.t.faults[0] == "codec: unknown type id 12345");
    CHECK_THAT(w.t.faults[1], contains("1 bytes missing"));
    CHECK_THAT(w.t.faults[2], contains("1 bytes missing"));
    REQUIRE(w.t.answers.size() == 1);
    CHECK_THAT(w.t.answers[0], contains("7 refused codec: "));
    // All of it is taken: the window is given back for what meant nothing, too.
    CHECK(w.t.bytes == w.bytes);
}

TEST_CASE("an ask whose time was over while it waited is not begun") {
    world w;
    w.come({world::frame_for(twice{1}, 1, 100), world::frame_for(twice{2}, 2, 101),
            world::frame_for(twice{3}, 3)});
    w.clock.advance(100ms);
    w.settle();
    REQUIRE(w.t.answers.size() == 3);
    CHECK(w.t.answers[0] == "1 expired ");
    CHECK(w.t.answers[1] == "2 ok 4");
    CHECK(w.t.answers[2] == "3 ok 4");
}

TEST_CASE("the end of the actor is told, with its reason, and the inlet takes no more") {
    world w;
    SECTION("it has failed") {
        w.come({world::frame_for(put{-1})});
        w.settle();
        REQUIRE(w.t.ended.size() == 1);
        CHECK_THAT(w.t.ended[0], contains("failure"));
        CHECK_THAT(w.t.ended[0], contains("below zero"));
    }
    SECTION("it was stopped") {
        w.system.stop(w.who);
        w.settle();
        REQUIRE(w.t.ended.size() == 1);
        CHECK(w.t.ended[0] == "stop ");
    }
    w.come({world::frame_for(twice{1}, 5)});
    w.settle();
    CHECK(w.t.answers == std::vector<std::string>{"5 target gone "});
    CHECK(w.lives());  // its link ends it
}

TEST_CASE("when nothing more comes the inlet hands on what it has, and ends") {
    world w;
    for (int i = 0; i < 100; ++i) w.come({world::frame_for(put{i})});
    w.come(world::frames(1'000));  // more than in one turn
    w.in.send(no_more{});
    w.settle();
    CHECK(w.s.values.size() == 1'100);
    CHECK_FALSE(w.lives());
}

TEST_CASE("asks wait while nobody reads their answers, and what is before them does not") {
    world w;
    w.unread.store(true);
    w.come({world::frame_for(put{1}), world::frame_for(twice{1}, 1), world::frame_for(put{2})});
    w.settle();
    CHECK(w.s.values == std::vector<int>{1});
    CHECK(w.t.answers.empty());
    w.unread.store(false);
    w.in.send(take_more{});
    w.settle();
    CHECK(w.s.values == std::vector<int>{1, 2});
    CHECK(w.t.answers == std::vector<std::string>{"1 ok 4"});
    CHECK(w.t.bytes == w.bytes);
}

TEST_CASE("an inlet that was told to end goes on when its answers are read") {
    world w;
    w.unread.store(true);
    w.come({world::frame_for(twice{1}, 1), world::frame_for(put{2})});
    w.in.send(no_more{});
    w.settle();
    CHECK(w.lives());
    w.unread.store(false);
    w.in.send(take_more{});
    w.settle();
    CHECK(w.s.values == std::vector<int>{2});
    CHECK_FALSE(w.lives());
}

TEST_CASE("an inlet whose link has gone hands on what has come") {
    world w;
    w.system.stop(w.link);
    w.settle();
    w.come({world::frame_for(put{1}), world::frame_for(twice{1}, 1), world::frame_for(put{2})});
    w.in.send(no_more{});
    w.settle();
    CHECK(w.s.values == std::vector<int>{1, 2});
    CHECK(w.t.answers.empty());
    CHECK_FALSE(w.lives());
}

}  // namespace test_inlet
