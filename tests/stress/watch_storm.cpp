// SPDX-License-Identifier: BSL-1.0
// Threads spawn, watch, stop watching, link, wait for ends and stop, all at once: each watch is
// answered by one signal, a watch that was taken back by none, a link by one failure, and nothing
// is left. For the sanitizers.
//
// SOAK FLAGS: -O2 -fsanitize=thread

#include "support/systems.hpp"

#include <atomic>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <unordered_map>
#include <utility>
#include <vector>

namespace test_watch_storm {

using namespace troupe_test;

struct look {
    troupe::any_ref at;
};
struct away {
    troupe::any_ref from;
};
struct leave {};
struct fall {};
struct report {};

/// What an observer has found.
struct findings {
    std::uint64_t told = 0;
    std::uint64_t wrong = 0;  // signals without a watch
    std::uint64_t open = 0;   // watches without a signal
};

class observer {
public:
    using protocol = troupe::protocol<void(look), void(away), findings(report)>;
    using mailbox_type = troupe::unbounded_mailbox;
    void on(look l, troupe::context<observer>& self) {
        if (self.watch(l.at) != troupe::watch_status::watching) ++found_.wrong;
        watched_[l.at.identity()] = true;
    }
    void on(away a, troupe::context<observer>& self) {
        self.unwatch(a.from);
        watched_[a.from.identity()] = false;
    }
    void on(troupe::terminated const& t) {
        ++found_.told;
        if (!std::exchange(watched_[t.who.identity()], false)) ++found_.wrong;
    }
    findings on(report) {
        found_.open = 0;
        for (auto const& one : watched_) found_.open += one.second ? 1 : 0;
        return found_;
    }

private:
    std::unordered_map<std::uint64_t, bool> watched_;
    findings                                found_;
};

class target {
public:
    using protocol = troupe::protocol<void(leave), void(fall)>;
    void on(leave, troupe::context<target>& self) { self.stop(); }
    void on(fall) { throw std::runtime_error{"as told"}; }
};

/// The same in every run, for each thread another one.
class dice {
public:
    explicit dice(unsigned seed) : state_(seed * 2654435761u + 1) {}
    unsigned below(unsigned n) {
        state_ = state_ * 1664525u + 1013904223u;
        return (state_ >> 8) % n;
    }

private:
    std::uint32_t state_;
};

template <class Fixture>
void check(Fixture& f, troupe::ref<observer> const& o) {
    auto answer = o.ask(report{});
    answer.start();
    f.settle();
    auto const found = std::move(answer).get();
    CHECK(found.wrong == 0);
    CHECK(found.open == 0);
    CHECK(found.told != 0);
}

/// One of several ways to end it.
template <class System>
void end(System& system, troupe::ref<target> const& t, unsigned how) {
    switch (how) {
        case 0: t.send(leave{}); break;
        case 1: t.send(fall{}); break;
        default: system.stop(t); break;
    }
}

TEMPLATE_TEST_CASE("each watch is answered once, whoever comes first", "", TROUPE_TEST_SCHEDULERS) {
    fixture<TestType>                  f;
    constexpr unsigned                 threads = 4;
    auto const                         rounds = scaled(2'500, 25'000);
    std::vector<troupe::ref<observer>> observers;
    for (unsigned i = 0; i < threads; ++i) {
        observers.push_back(f.system.template spawn<observer>());
    }
    f.on_threads(threads, [&](unsigned i) {
        dice d{i};
        for (std::uint64_t round = 0; round < rounds; ++round) {
            auto const  t = f.system.template spawn<target>();
            auto const& mine = observers[i];
            auto const& other = observers[(i + 1) % threads];
            if (d.below(3) == 0) end(f.system, t, d.below(3));
            mine.send(look{t});
            if (d.below(3) == 0) end(f.system, t, d.below(3));
            other.send(look{t});
            if (d.below(4) == 0) mine.send(away{t});
            if (d.below(4) == 0) mine.send(look{t});
            end(f.system, t, d.below(3));
            if (d.below(4) == 0) other.send(away{t});
            if (d.below(4) == 0) mine.send(look{t});
            if (d.below(16) == 0) {
                // A watcher that ends, or never sees the end.
                auto const brief = f.system.template spawn<observer>();
                brief.send(look{t});
                brief.send(look{mine});
                f.system.stop(brief);
            }
        }
    });
    f.settle();
    for (auto const& o : observers) check(f, o);
}

TEMPLATE_TEST_CASE("and of two systems, of which one ends meanwhile", "", TROUPE_TEST_KINDS) {
    fixture<TestType> near;
    auto const        o = near.system.template spawn<observer>();
    auto const        stays = near.system.template spawn<target>();
    for (std::uint64_t round = 0; round < scaled(10, 100); ++round) {
        fixture<TestType> far;
        auto const        p = far.system.template spawn<observer>();
        auto const        act = [&](unsigned i) {
            dice d{i};
            for (int k = 0; k < 200; ++k) {
                auto const t = far.system.template spawn<target>();
                o.send(look{t});
                p.send(look{stays});
                if (d.below(3) == 0) o.send(away{t});
                if (d.below(2) == 0) end(far.system, t, d.below(3));
                if (d.below(16) == 0) p.send(away{stays});
                if constexpr (TestType::driven) {
                    far.system.poll_one();
                    if (d.below(2) == 0) near.system.poll_one();
                }
            }
        };
        if constexpr (TestType::driven) act(0);
        else near.on_threads(2, act);
        p.send(away{stays});
        // Failures hold memory of the system in which they were made: let them be told.
        far.settle();
        near.settle();
    }
    check(near, o);
}

// ---- links

struct tie_to {
    troupe::any_ref to;
};
struct untie {
    troupe::any_ref from;
};

class knot {
public:
    using protocol = troupe::protocol<bool(tie_to), void(untie), void(leave), void(fall)>;
    using mailbox_type = troupe::unbounded_mailbox;
    bool on(tie_to t, troupe::context<knot>& self) {
        return self.link(t.to) == troupe::watch_status::watching;
    }
    void on(untie u, troupe::context<knot>& self) { self.unlink(u.from); }
    void on(leave, troupe::context<knot>& self) { self.stop(); }
    void on(fall) { throw std::runtime_error{"torn"}; }
};

TEMPLATE_TEST_CASE("a ring of links that is tied from all sides falls as one", "",
                   TROUPE_TEST_SCHEDULERS) {
    fixture<TestType>  f;
    constexpr unsigned threads = 4;
    std::uint64_t      failed = 0;
    for (std::uint64_t round = 0; round < scaled(100, 1'000); ++round) {
        std::vector<troupe::ref<knot>>                   ring;
        std::vector<troupe::request<troupe::terminated>> ends;
        for (unsigned i = 0; i < threads; ++i) {
            ring.push_back(f.system.template spawn<knot>());
            ends.push_back(f.system.termination(ring.back()));
            ends.back().start();
        }
        f.on_threads(threads, [&](unsigned i) {
            static_cast<void>(ring[i].ask(tie_to{ring[(i + 1) % threads]}).result());
            static_cast<void>(ring[i].ask(tie_to{ring[(i + 3) % threads]}).result());
        });
        ring[round % threads].send(fall{});
        for (auto& e : ends) failed += e.get().how == troupe::ended_by::failure ? 1 : 0;
    }
    CHECK(failed == threads * scaled(100, 1'000));
}

TEMPLATE_TEST_CASE("links are tied, untied and torn at once, and nothing is left", "",
                   TROUPE_TEST_SCHEDULERS) {
    fixture<TestType>  f;
    constexpr unsigned threads = 4;
    constexpr unsigned knots = 16;
    auto const         rounds = scaled(20, 200);
    for (std::uint64_t round = 0; round < rounds; ++round) {
        std::vector<troupe::ref<knot>> all;
        for (unsigned i = 0; i < knots; ++i) all.push_back(f.system.template spawn<knot>());
        f.on_threads(threads, [&](unsigned i) {
            dice d{i + static_cast<unsigned>(round) * threads};
            for (int k = 0; k < 200; ++k) {
                auto const& one = all[d.below(knots)];
                auto const& other = all[d.below(knots)];
                switch (d.below(40)) {
                    case 0: one.send(fall{}); break;
                    case 1: f.system.stop(one); break;
                    default:
                        if (d.below(2) == 0) one.send(untie{other});
                        else one.send(tie_to{other});
                }
            }
        });
        for (auto const& k : all) f.system.stop(k);
        CHECK(f.settle().actors == 0);
    }
}

// ---- ends to wait for

TEMPLATE_TEST_CASE("ends are waited for by those who lose patience", "", TROUPE_TEST_SCHEDULERS) {
    fixture<TestType>          f;
    constexpr unsigned         threads = 4;
    std::atomic<std::uint64_t> ended{0};
    auto const                 rounds = scaled(100, 1'000);
    for (std::uint64_t round = 0; round < rounds; ++round) {
        auto const t = f.system.template spawn<target>();
        f.on_threads(threads, [&](unsigned i) {
            if (i == 0) {
                for (int k = 0; k < 20; ++k) f.system.termination(t).start();
                t.send(leave{});
            } else if (i == 1) {
                auto const outcome =
                    f.system.termination(t).within(std::chrono::microseconds{20}).result();
                if (!outcome.has_value() || outcome.value().who == troupe::any_ref{t}) ++ended;
            } else {
                while (!f.system.stop_and_wait(t, std::chrono::microseconds{10})) {}
                ++ended;
            }
        });
    }
    CHECK(ended.load() == rounds * 3);
}

}  // namespace test_watch_storm
