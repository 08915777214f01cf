// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/reply_slot.hpp"

#include "support/catch.hpp"

#include <atomic>
#include <cstdint>
#include <set>
#include <thread>
#include <vector>

namespace test_reply_slot {

using namespace troupe::detail;
using troupe::ask_errc;

constexpr ask_errc all_errors[] = {ask_errc::failed,         ask_errc::abandoned,
                                   ask_errc::target_gone,    ask_errc::refused,
                                   ask_errc::expired,        ask_errc::cancelled,
                                   ask_errc::cycle,          ask_errc::would_block,
                                   ask_errc::pool_exhausted, ask_errc::frame_too_large};

TEST_CASE("every error is an outcome of its own, beside the answer, and fits the state") {
    std::set<std::uint32_t> outcomes{reply_slot::pending, reply_slot::answered};
    for (ask_errc const e : all_errors) {
        std::uint32_t const outcome = reply_slot::error(e);
        CHECK(outcomes.insert(outcome).second);
        CHECK(reply_slot::outcome(outcome) == outcome);
        CHECK(reply_slot::outcome(outcome | reply_slot::asker_waits | reply_slot::asker_left |
                                  reply_slot::answerer_left) == outcome);
    }
}

TEST_CASE("the first outcome wins; who comes second learns of it and changes nothing") {
    reply_slot    s;
    std::uint32_t before = 99;
    CHECK_FALSE(s.finished());
    CHECK_FALSE(s.was_answered());
    CHECK(s.settle(reply_slot::error(ask_errc::expired), 0, before));
    CHECK(before == reply_slot::pending);
    CHECK(s.finished());
    CHECK_FALSE(s.was_answered());
    CHECK_FALSE(s.settle(reply_slot::answered, reply_slot::answerer_left, before));
    CHECK(reply_slot::outcome(before) == reply_slot::error(ask_errc::expired));
    CHECK_FALSE(s.was_answered());
    // That it leaves is not noted either: it has something to destroy first.
    CHECK((s.state.load() & reply_slot::answerer_left) == 0);
}

TEST_CASE("who settles may leave in the same step") {
    reply_slot    s;
    std::uint32_t before = 0;
    CHECK(s.settle(reply_slot::answered, reply_slot::answerer_left, before));
    CHECK(s.was_answered());
    CHECK((s.state.load() & reply_slot::answerer_left) != 0);
    CHECK((s.state.load() & reply_slot::asker_left) == 0);
}

TEST_CASE("whom to tell is said only if somebody waits, and read before the outcome is out") {
    parker p;
    {
        reply_slot           s;
        std::uint32_t        before = 0;
        reply_slot::listener told;
        s.thread = &p;  // prepared, but not announced
        CHECK(s.settle(reply_slot::answered, 0, before, told));
        CHECK(told.thread == nullptr);
        CHECK(told.asker == nullptr);
    }
    reply_slot           s;
    std::uint32_t        before = 0;
    reply_slot::listener told;
    s.thread = &p;
    s.asker_incarnation = 17;
    s.state.fetch_or(reply_slot::asker_waits);
    CHECK_FALSE(s.finished());
    CHECK(s.settle(reply_slot::answered, 0, before, told));
    CHECK(told.thread == &p);
    CHECK(told.incarnation == 17);
    // The second tells nobody.
    reply_slot::listener again;
    CHECK_FALSE(s.settle(reply_slot::answered, 0, before, again));
    CHECK(again.thread == nullptr);
}

TEST_CASE("the value lies behind the slot, aligned for whatever a block holds") {
    STATIC_REQUIRE(sizeof(reply_slot) % block_alignment == 0);
    STATIC_REQUIRE(alignof(reply_slot) == block_alignment);
    reply_slot s;
    CHECK(s.value() == static_cast<void*>(&s + 1));
}

TEST_CASE("of many threads that settle one slot, one wins, and all see its outcome") {
    for (int round = 0; round < 200; ++round) {
        reply_slot               s;
        std::atomic<int>         won{0};
        std::atomic<int>         different{0};
        std::vector<std::thread> all;
        for (ask_errc const e : {ask_errc::failed, ask_errc::abandoned, ask_errc::expired}) {
            all.emplace_back([&, e] {
                std::uint32_t before = 0;
                if (s.settle(reply_slot::error(e), 0, before)) won.fetch_add(1);
                else if (before != s.state.load()) different.fetch_add(1);
            });
        }
        for (std::thread& t : all) t.join();
        CHECK(won.load() == 1);
        CHECK(different.load() == 0);
    }
}

}  // namespace test_reply_slot
