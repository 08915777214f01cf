// SPDX-License-Identifier: BSL-1.0
#include "troupe/system/census.hpp"

#include "support/systems.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <latch>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace test_census {

using namespace std::chrono_literals;
using namespace troupe_test;
using troupe::name;
using troupe::straggler;
using troupe::type_name;
using troupe::detail::census;
using troupe::detail::cell;
using troupe::detail::core;
using troupe::detail::lookout;
using troupe::detail::ref_access;
using troupe::detail::sighting;

struct ping {};
struct grow {
    int depth;
};
struct fail_now {};
struct show {};

/// Spawns a chain below itself.
class link {
public:
    using protocol = troupe::protocol<void(grow), void(ping)>;
    void on(grow g, troupe::context<link>& self) {
        if (g.depth > 0) self.spawn<link>().send(grow{g.depth - 1});
    }
    void on(ping) {}
};

class clerk {
public:
    using protocol = troupe::protocol<void(fail_now), void(ping)>;
    void on(fail_now, troupe::context<clerk>& self) { self.fail("as told"); }
    void on(ping) {}
};
class office {
public:
    using protocol = troupe::protocol<troupe::ref<clerk>(ping)>;
    static constexpr auto supervision = troupe::one_for_one{.max_restarts = troupe::unlimited};
    void                  started(troupe::context<office>& self) {
        first_ = self.spawn<clerk>(name{"first"});
        static_cast<void>(self.spawn<clerk>());
    }
    troupe::ref<clerk> on(ping) { return first_; }

private:
    troupe::ref<clerk> first_;
};

core& core_of(cell& c) { return *c.door.load()->inside(); }

template <class Target>
std::uint64_t number_of(troupe::ref<Target> const& who) {
    return static_cast<std::uint32_t>(who.identity());
}

TEMPLATE_TEST_CASE("a tree is told in the order of creation, children below their parents", "",
                   TROUPE_TEST_DRIVEN) {
    fixture<TestType> f;
    CHECK(f.system.tree().empty());
    auto const o = f.system.template spawn<office>(name{"office"});
    auto const l = f.system.template spawn<link>();
    f.system.run_until_idle();
    l.send(grow{1});
    auto asked = o.ask(ping{});
    asked.start();
    f.system.run_until_idle();
    auto const        first = std::move(asked).get();
    std::uint64_t     n = number_of(first);
    std::string const office_type{type_name<office>()};
    std::string const clerk_type{type_name<clerk>()};
    std::string const link_type{type_name<link>()};
    auto const        expected = [&](char const* restarts) {
        return "office: " + office_type + ", running\n  first: " + clerk_type + ", running" +
               restarts + "\n  clerk#" + std::to_string(n + 1) + ": " + clerk_type +
               ", running\nlink#" + std::to_string(number_of(l)) + ": " + link_type +
               ", running\n  link#" + std::to_string(number_of(l) + 1) + ": " + link_type +
               ", running\n";
    };
    CHECK(f.system.tree() == expected(""));
    first.send(fail_now{});
    f.system.run_until_idle();
    CHECK(f.system.tree() == expected(", 1 restart"));
    first.send(fail_now{});
    first.send(fail_now{});
    f.system.run_until_idle();
    CHECK(f.system.tree() == expected(", 3 restarts"));
    f.system.stop(o);
    f.system.stop(l);
    f.system.run_until_idle();
    CHECK(f.system.tree().empty());
}

TEST_CASE("who stands far down is told how far") {
    fixture<run_loop> f;
    f.system.spawn<link>().send(grow{40});
    f.system.run_until_idle();
    std::string const text = f.system.tree();
    CHECK(std::count(text.begin(), text.end(), '\n') == 41);
    std::string const deepest(64, ' ');
    CHECK_THAT(text, contains("\n" + deepest + "link#"));
    CHECK_THAT(text, contains("\n" + deepest + "(level 33) link#"));
    CHECK_THAT(text, contains("(level 40) link#"));
}

TEST_CASE("as many names as there are, each at its actor") {
    fixture<run_loop>               f;
    std::vector<troupe::ref<clerk>> all;
    for (int i = 0; i < 3000; ++i) {
        all.push_back(f.system.spawn<clerk>(name{"clerk " + std::to_string(i)}));
    }
    for (std::size_t i = 0; i < all.size(); i += 2) f.system.stop(all[i]);
    f.system.run_until_idle();
    std::string expected;
    for (int i = 1; i < 3000; i += 2) {
        expected += "clerk " + std::to_string(i) + ": ";
        expected += type_name<clerk>();
        expected += ", running\n";
    }
    CHECK(f.system.tree() == expected);
}

template <class System>
class shows {
public:
    using protocol = troupe::protocol<std::string(show)>;
    explicit shows(System& system) : system_(system) {}
    std::string on(show) { return system_.tree(); }

private:
    System& system_;
};

TEMPLATE_TEST_CASE("a handler may ask for the tree it stands in", "", TROUPE_TEST_KINDS) {
    fixture<TestType> f;
    using system_type = typename fixture<TestType>::system_type;
    auto const a = f.system.template spawn<shows<system_type>>(name{"me"}, f.system);
    CHECK_THAT(a.ask(show{}).get(), contains("me: ") && contains(", running\n"));
}

// ---- while others run

/// Spawns, names, stops and fails without end.
class busy {
public:
    using protocol = troupe::protocol<void(ping)>;
    static constexpr auto supervision = troupe::one_for_one{.max_restarts = troupe::unlimited};
    explicit busy(std::atomic<bool>* over) : over_(over) {}
    void on(ping, troupe::context<busy>& self) {
        if (over_->load()) return;
        self.stop(last_);
        last_ = {};
        auto const next = self.try_spawn<clerk>(name{++turn_ % 2 == 0 ? "even" : "odd"});
        if (next) {
            last_ = *next;
            last_.send(fail_now{});
            last_.send(ping{});
        }
        self.ref().send(ping{});
    }

private:
    std::atomic<bool>* over_;
    unsigned           turn_ = 0;
    troupe::ref<clerk> last_;
};

TEMPLATE_TEST_CASE("while actors come and go each line is one that was true", "",
                   TROUPE_TEST_THREADED) {
    std::atomic<bool>     over{false};
    fixture<TestType>     f;
    std::atomic<unsigned> wrong{0};
    for (int i = 0; i < 4; ++i) {
        f.system.template spawn<busy>(name{"busy " + std::to_string(i)}, &over).send(ping{});
    }
    std::string const of_busy{type_name<busy>()};
    std::string const of_clerk{type_name<clerk>()};
    f.on_threads(2, [&](unsigned) {
        for (int round = 0; round < 300; ++round) {
            std::string const text = f.system.tree();
            for (std::size_t at = 0; at < text.size();) {
                std::size_t const      end = text.find('\n', at);
                std::string_view const line{text.data() + at, end - at};
                bool const             is_busy =
                    line.starts_with("busy ") && line.substr(8) == of_busy + ", running";
                bool const is_clerk = line.find(": " + of_clerk + ", ") != line.npos;
                if (!is_busy && !is_clerk) wrong.fetch_add(1);
                at = end + 1;
            }
        }
        over.store(true);
    });
    CHECK(wrong.load() == 0);
}

// An actor that is parked is read by taking its run right for a moment: nothing that comes in that
// moment is lost. A message that is would leave the system waiting for ever.
struct get {};
class echo {
public:
    using protocol = troupe::protocol<int(get)>;
    using mailbox_type = troupe::bounded_mailbox<1>;
    int on(get) { return 1; }
};
class asks {
public:
    using protocol = troupe::protocol<void(grow)>;
    asks(troupe::ref<echo> of, std::atomic<int>& done) : of_(of), done_(done) {}
    troupe::task<> on(grow g) {
        for (int i = 0; i < g.depth; ++i) done_.fetch_add(co_await of_.ask(get{}));
    }

private:
    troupe::ref<echo> of_;
    std::atomic<int>& done_;
};

TEMPLATE_TEST_CASE("a look at who waits takes nothing from what he waits for", "",
                   TROUPE_TEST_THREADED) {
    std::atomic<int>               done{0};
    fixture<TestType>              f;
    auto const                     e = f.system.template spawn<echo>();
    cell* const                    c = ref_access::cell_of(e);
    std::vector<troupe::ref<asks>> all;
    int const                      each = 3000;
    for (int i = 0; i < 3; ++i) {
        all.push_back(f.system.template spawn<asks>(e, done));
        all.back().send(grow{each});
    }
    f.on_threads(2, [&](unsigned) {
        while (done.load() < 3 * each) {
            lookout const seen{core_of(*c), 1s};
            static_cast<void>(census{core_of(*c)}.stragglers(seen));
        }
    });
    f.settle();
    CHECK(done.load() == 3 * each);
}

// ---- looks

struct fall_in {
    std::latch* inside;
    std::latch* open;
};
class held {
public:
    using protocol = troupe::protocol<void(fall_in)>;
    void on(fall_in f) {
        f.inside->count_down();
        f.open->wait();
    }
};

TEST_CASE("what a worker has in hand is the same until another message begins") {
    fixture<two_workers> f;
    auto const           h = f.system.spawn<held>();
    cell* const          c = ref_access::cell_of(h);
    std::latch           inside[2]{std::latch{1}, std::latch{1}};
    std::latch           open[2]{std::latch{1}, std::latch{1}};
    lookout              seen{core_of(*c), 1h};
    CHECK(seen.of(h.identity()) == nullptr);
    CHECK(seen.certain());
    for (int i = 0; i < 2; ++i) h.send(fall_in{&inside[i], &open[i]});
    inside[0].wait();
    seen.look();
    REQUIRE(seen.of(h.identity()) != nullptr);
    sighting const first = *seen.of(h.identity());
    CHECK(first.acting == c);
    CHECK(first.message->name == type_name<fall_in>());
    CHECK(first.name == nullptr);
    CHECK(first.since == seen.looked_at());
    seen.look_if_due();  // which it is not for long
    CHECK(first.since == seen.looked_at());
    seen.look();
    sighting const again = *seen.of(h.identity());
    CHECK(again.is_same(first));
    CHECK(again.since == first.since);
    open[0].count_down();
    inside[1].wait();
    // The second message, of the same type, in the same turn.
    seen.look();
    sighting const second = *seen.of(h.identity());
    CHECK_FALSE(second.is_same(first));
    CHECK(second.since == seen.looked_at());
    open[1].count_down();
    f.settle();
    seen.look();
    CHECK(seen.of(h.identity()) == nullptr);
}

}  // namespace test_census
