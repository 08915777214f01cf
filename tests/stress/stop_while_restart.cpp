// SPDX-License-Identifier: BSL-1.0
// P08: a child fails without end while somebody stops it, its parent, or the system, at any moment:
// nothing hangs, who waits for an end is told of it, every object that was built is destroyed once,
// and the books are right. P06: trees are spawned, watched and stopped by four threads. For the
// sanitizers.
//
// SOAK FLAGS: -O2 -fsanitize=thread

#include "support/systems.hpp"

#include <atomic>
#include <cstdint>
#include <optional>
#include <random>
#include <stdexcept>
#include <thread>
#include <utility>

namespace test_stop_while_restart {

using namespace troupe_test;

struct trip {
    int n;
};
struct get {};

struct count_of_lives {
    std::atomic<int> alive{0};
    std::atomic<int> built{0};
};

/// Each object fails at its first message, some already when they are built.
class fragile {
public:
    using protocol = troupe::protocol<void(trip)>;
    explicit fragile(count_of_lives* c) : count_(c) {
        if (c->built.fetch_add(1) % 7 == 6) throw std::runtime_error{"constructor"};
        c->alive.fetch_add(1);
    }
    ~fragile() { count_->alive.fetch_sub(1); }
    void started(troupe::context<fragile>& self) {
        // Children of its own, which have to end with it.
        if (self.attempt() % 3 == 0) static_cast<void>(self.spawn([](trip) {}));
    }
    void on(trip t) {
        if (t.n % 2 == 0) throw std::logic_error{"handler"};
    }

private:
    count_of_lives* count_;
};

template <class Strategy>
class guard {
public:
    using protocol = troupe::protocol<troupe::ref<fragile>(get)>;
    static constexpr auto supervision = Strategy{.max_restarts = troupe::unlimited};
    explicit guard(count_of_lives* c) : count_(c) {}
    void started(troupe::context<guard>& self) {
        for (auto& child : children_) {
            // The third may not be there yet when the first already fails.
            auto made = self.template try_spawn<fragile>(count_);
            if (made.has_value()) child = made.value();
        }
    }
    troupe::ref<fragile> on(get) { return children_[next_++ % 3]; }

private:
    count_of_lives*      count_;
    troupe::ref<fragile> children_[3];
    std::size_t          next_ = 0;
};

/// Who was waited for has ended, and that was told.
bool is_told(troupe::request<troupe::terminated> end, troupe::any_ref const& who) {
    auto const outcome = std::move(end).result();
    return outcome.has_value() && outcome.value().who == who;
}

template <class Config, class Strategy>
void round(std::uint32_t seed, count_of_lives& lives) {
    std::mt19937            chance{seed};
    troupe::options<Config> options;
    if constexpr (!troupe::basic_system<Config>::driven) options.workers = 2;
    std::optional<troupe::basic_system<Config>> system{std::in_place, options};
    auto const                                  g = system->template spawn<guard<Strategy>>(&lives);
    auto const                                  a = g.ask(get{}).get();
    auto const                                  b = g.ask(get{}).get();
    auto                                        end_of_a = system->termination(a);
    auto                                        end_of_g = system->termination(g);
    end_of_a.start();
    end_of_g.start();
    unsigned const when = static_cast<unsigned>(chance() % 60);
    unsigned const who = static_cast<unsigned>(chance() % 4);
    auto const     stop = [&] {
        switch (who) {
            case 0: system->stop(a); break;
            case 1: system->stop(g); break;
            case 2:
                system->stop(b);
                system->stop(g);
                break;
            default: break;  // the system's own end
        }
    };
    for (unsigned i = 0; i < 60; ++i) {
        if (i == when) stop();
        a.send(trip{static_cast<int>(i)});
        b.send(trip{static_cast<int>(i + 1)});
    }
    troupe::stop_report const report = system->stop(watchdog);
    bool const told = is_told(std::move(end_of_a), a) && is_told(std::move(end_of_g), g);
    if (!told || !report.complete || !report.books.balanced() || report.books.actors != 0 ||
        system->books().blocks != 0 || report.books.timers != 0) {
        FAIL("round " << seed << " left something behind");
    }
}

TEMPLATE_TEST_CASE("stop during restart: nothing hangs, nothing is left", "", troupe::one_for_one,
                   troupe::one_for_all, troupe::rest_for_one) {
    count_of_lives lives;
    auto const     rounds = static_cast<std::uint32_t>(scaled(1'700, 17'000));
    for (std::uint32_t i = 0; i < rounds; ++i) {
        round<composed<troupe::work_stealing_scheduler>, TestType>(i, lives);
        round<composed<troupe::run_loop_scheduler>, TestType>(i, lives);
    }
    CHECK(lives.alive.load() == 0);
    CHECK(lives.built.load() > static_cast<int>(rounds));
}

// ---- stops that go in a circle

struct meet {
    troupe::any_ref peer;
};
struct go {};

/// Stops its peer from its handlers and its hooks, and itself, and is stopped by it.
class circle {
public:
    using protocol = troupe::protocol<void(meet), void(go)>;
    void on(meet m) { peer_ = m.peer.as<circle>(); }
    void on(go, troupe::context<circle>& self) {
        self.stop(peer_);
        peer_.send(go{});
        static_cast<void>(self.spawn<circle>());
    }
    void stopping(troupe::context<circle>& self) {
        self.stop(peer_);
        self.stop();
    }
    void stopped(troupe::context<circle>& self) { self.stop(self.ref()); }

private:
    troupe::ref<circle> peer_;
};

TEST_CASE("stops in a circle: from handlers, from hooks, of each other, twice") {
    auto const           rounds = scaled(10'000, 100'000);
    fixture<two_workers> f;
    for (std::uint64_t i = 0; i < rounds; ++i) {
        auto const a = f.system.spawn<circle>();
        auto const b = f.system.spawn<circle>();
        a.send(meet{b});
        b.send(meet{a});
        a.send(go{});
        b.send(go{});
        if (i % 64 == 0) f.system.wait_idle();
        // One that was stopped before it has met its peer stops nobody.
        f.system.stop(i % 2 == 0 ? a : b);
        f.system.stop(i % 2 == 0 ? b : a);
    }
    CHECK(f.settle().actors == 0);
}

// ---- a tree that is stopped while it grows, from everywhere

struct grow {
    int depth;
};

class branch {
public:
    using protocol = troupe::protocol<void(grow)>;
    static constexpr auto supervision = troupe::one_for_one{.max_restarts = troupe::unlimited};
    void                  on(grow g, troupe::context<branch>& self) {
        if (g.depth == 0) {
            if (++leaves_ % 5 == 0) throw std::runtime_error{"a leaf"};
            return;
        }
        for (int i = 0; i < 4; ++i) {
            auto const child = self.try_spawn<branch>();
            if (!child.has_value()) return;
            static_cast<void>(self.watch(child.value()));
            child.value().send(grow{g.depth - 1});
            if (i == 3 && g.depth % 2 == 0) self.stop(child.value());
        }
    }

    void on(troupe::terminated const& t) {
        if (t.how == troupe::ended_by::failure && ++leaves_ % 7 == 0)
            throw std::runtime_error{"an end"};
    }

private:
    int leaves_ = 0;
};

TEST_CASE("trees of depth 6 are spawned, watched, fail and are stopped by four threads at once") {
    fixture<two_workers> f;
    f.on_threads(4, [&](unsigned thread) {
        std::mt19937 chance{thread};
        for (std::uint64_t i = 0; i < scaled(3, 30); ++i) {
            auto const root = f.system.spawn<branch>();
            root.send(grow{6});
            for (auto wait = chance() % 2000; wait != 0; --wait) {
                if (wait % 16 == 0) root.send(grow{0});
            }
            f.system.stop(root);
            f.system.stop(root);
        }
    });
    CHECK(f.settle().actors == 0);
}

// ---- the top of a system that supervises

struct nudge {};
/// Fails at once, and then goes on.
class newcomer {
public:
    using protocol = troupe::protocol<void(trip), int(nudge)>;
    void started(troupe::context<newcomer>& self) {
        if (self.attempt() == 0) self.ref().send(trip{});
    }
    void on(trip) { throw std::logic_error{"at once"}; }
    int  on(nudge) { return 1; }
};

template <class Strategy>
struct supervised_top : composed<troupe::work_stealing_scheduler> {
    static constexpr auto supervision = Strategy{.max_restarts = troupe::unlimited};
};
template <class Config>
void newcomers_are_answered(std::uint64_t rounds) {
    fixture<setup<Config, 2>> f;
    std::atomic<int>          lost{0};
    f.on_threads(4, [&](unsigned) {
        for (std::uint64_t i = 0; i < rounds; ++i) {
            troupe::ref<newcomer> all[4];
            for (auto& one : all) one = f.system.template spawn<newcomer>();
            // The answer of one that is restarted, perhaps again and again, and then not.
            for (auto& one : all) {
                while (!one.ask(nudge{}).within(watchdog).result().has_value()) lost.fetch_add(1);
            }
            for (auto& one : all) f.system.stop(one);
        }
    });
    CHECK(f.settle().actors == 0);
    CHECK(lost.load() == 0);
}

TEST_CASE("whoever is spawned at the top and fails at once is decided about") {
    newcomers_are_answered<supervised_top<troupe::one_for_one>>(scaled(500, 5'000));
    newcomers_are_answered<supervised_top<troupe::one_for_all>>(scaled(100, 1'000));
    newcomers_are_answered<supervised_top<troupe::rest_for_one>>(scaled(100, 1'000));
}

}  // namespace test_stop_while_restart
