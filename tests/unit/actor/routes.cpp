// SPDX-License-Identifier: BSL-1.0

// One failure, and all that are told of it: they see the same, and may use the library meanwhile.

#include "support/systems.hpp"
#include "support/trace.hpp"

#include "troupe/actor/deciding.hpp"

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <utility>
#include <vector>

namespace test_routes {

using namespace troupe_test;
using troupe::failed_in;
using troupe::failure;
using troupe::verdict;

struct fall {};
struct note {};
struct look {
    troupe::any_ref at;
};

/// What each route was given. The test holds it; its failures go before the system.
struct told {
    failure decider;
    failure hook;
    failure watcher;
    failure log;
    failure metrics;
    int     notes = 0;  // messages that callbacks have sent
};

/// Whom the sinks send to, when they are called.
struct sinks {
    static inline told*                 told_to = nullptr;
    static inline std::function<void()> then{};
};

template <class Scheduler>
struct reporting : composed<Scheduler> {
    struct log_type {
        void write(troupe::log_record const& r) noexcept {
            if (sinks::told_to == nullptr || r.event != "actor failed") return;
            sinks::told_to->log = *r.why;
            if (sinks::then) sinks::then();
        }
    };
    struct metrics_type : troupe::null_sink {
        void failed(failure const& f) noexcept {
            if (sinks::told_to == nullptr) return;
            sinks::told_to->metrics = f;
            if (sinks::then) sinks::then();
        }
    };
};
using two_workers = setup<reporting<troupe::work_stealing_scheduler>, 2>;
using run_loop = setup<reporting<troupe::run_loop_scheduler>, 1>;
using simulated = setup<reporting<troupe::simulated_scheduler>, 4>;

/// Counts what it is sent, and what it watches.
class observer {
public:
    using protocol = troupe::protocol<void(note), void(look)>;
    explicit observer(told* t) : told_(t) {}
    void on(note) { ++told_->notes; }
    void on(look l, troupe::context<observer>& self) { static_cast<void>(self.watch(l.at)); }
    void on(troupe::terminated const& t) { told_->watcher = t.why; }

private:
    told* told_;
};

class child {
public:
    using protocol = troupe::protocol<void(fall)>;
    child(told* t, troupe::ref<observer> o) : told_(t), observer_(o) {}
    void restarting(failure const& f) {
        told_->hook = f;
        observer_.send(note{});
    }
    void on(fall) { throw std::out_of_range{"7 of 5"}; }

private:
    told*                 told_;
    troupe::ref<observer> observer_;
};

/// Spawned and stopped in callbacks.
class passer_by {
public:
    using protocol = troupe::protocol<void(note)>;
    void on(note) {}
};

struct get {};
class parent {
public:
    using protocol = troupe::protocol<troupe::ref<child>(get)>;
    static constexpr troupe::one_for_one supervision{.max_restarts = 1};
    parent(told* t, troupe::ref<observer> o) : told_(t), observer_(o) {}
    void started(troupe::context<parent>& self) {
        child_ = self.spawn<child>(troupe::name{"c"}, told_, observer_);
    }
    verdict on_failure(failure const& f, troupe::context<parent>& self) {
        told_->decider = f;
        observer_.send(note{});
        auto const one = self.spawn<passer_by>(troupe::name{"one"});
        one.send(note{});
        self.stop(one);
        return f.attempt() == 0 ? verdict::restart : verdict::stop;
    }
    troupe::ref<child> on(get) { return child_; }

private:
    told*                 told_;
    troupe::ref<observer> observer_;
    troupe::ref<child>    child_;
};

/// The sinks tell `t` while this lives.
class listening {
public:
    explicit listening(told& t) { sinks::told_to = &t; }
    ~listening() {
        sinks::told_to = nullptr;
        sinks::then = nullptr;
    }
};

void check_same(failure const& a, failure const& b) {
    REQUIRE(a);
    REQUIRE(b);
    CHECK(a.where() == b.where());
    CHECK(a.what() == b.what());
    CHECK(a.path() == b.path());
    CHECK(a.message() == b.message());
    CHECK(a.time() == b.time());
    CHECK(a.attempt() == b.attempt());
    CHECK(a.error() == b.error());
    CHECK(a.who() == b.who());
}

template <class System>
troupe::ref<child> child_of(System& system, troupe::ref<parent> const& p) {
    auto asked = p.ask(get{});
    asked.start();
    system.wait_idle();
    return asked.get();
}

TEMPLATE_TEST_CASE("the decider, the hook, the watchers, the log and the metrics see one failure",
                   "", two_workers, run_loop, simulated) {
    told t;
    {
        listening const   all{t};
        fixture<TestType> f;
        auto const        o = f.system.template spawn<observer>(&t);
        auto const        p = f.system.template spawn<parent>(troupe::name{"p"}, &t, o);
        auto const        c = child_of(f.system, p);
        o.send(look{c});
        f.settle();
        c.send(fall{});
        f.settle();
        CHECK(t.decider.what() == "7 of 5");
        CHECK(t.decider.path() == "p/c");
        CHECK(t.decider.where() == failed_in::handler);
        CHECK(t.decider.template is<std::out_of_range>());
        CHECK(t.decider.attempt() == 0);
        for (failure const& other : {t.hook, t.log, t.metrics}) check_same(t.decider, other);
        CHECK_FALSE(t.watcher);  // a restart is no end
        c.send(fall{});
        f.settle();
        CHECK(t.decider.attempt() == 1);
        for (failure const& other : {t.watcher, t.log, t.metrics}) check_same(t.decider, other);
        CHECK(t.notes == 3);  // of two deciders and one hook
        CHECK(f.system.books().actors == 2);
        t = {};  // failures hold their memory
    }
}

TEMPLATE_TEST_CASE("sinks may send, stop and spawn", "", two_workers, run_loop, simulated) {
    told t;
    {
        listening const   all{t};
        fixture<TestType> f;
        auto const        o = f.system.template spawn<observer>(&t);
        auto const        p = f.system.template spawn<parent>(&t, o);
        auto const        c = child_of(f.system, p);
        int               calls = 0;
        sinks::then = [&] {
            ++calls;
            o.send(note{});
            auto const fresh = f.system.template try_spawn<passer_by>();
            if (fresh.has_value()) {
                fresh->send(note{});
                f.system.stop(*fresh);
            }
            f.system.stop(o);
            f.system.stop(c);
        };
        c.send(fall{});
        f.settle();
        CHECK(calls == 2);
        CHECK(f.system.books().actors == 1);  // the parent
        t = {};
    }
}

// ---- without memory

struct hoard {};
struct release {};

/// Takes all memory of its worker and its system, of each size.
class hoarder {
public:
    using protocol = troupe::protocol<void(hoard), void(release)>;
    void on(hoard) {
        auto& w = *troupe::detail::this_thread.on;
        for (std::uint8_t size = 0; size < troupe::detail::size_classes; ++size) {
            while (void* const block = w.owner.take_block(&w, size)) {
                blocks_.push_back({block, size});
            }
        }
    }
    void on(release) {
        auto& w = *troupe::detail::this_thread.on;
        for (auto const& [block, size] : blocks_) w.owner.give_block(&w, block, size);
        blocks_.clear();
    }

private:
    std::vector<std::pair<void*, std::uint8_t>> blocks_;
};

struct tries {};
/// Needs nothing itself when it is built again.
class modest {
public:
    using protocol = troupe::protocol<void(fall), unsigned(tries)>;
    void     on(fall, troupe::context<modest>& self) { self.fail("again"); }
    unsigned on(tries, troupe::context<modest>& self) { return self.attempt(); }
};
class thrifty {
public:
    using protocol = troupe::protocol<troupe::ref<modest>(get)>;
    static constexpr troupe::one_for_all supervision{.max_restarts = 5};
    void                                 started(troupe::context<thrifty>& self) {
        one_ = self.spawn<modest>();
        self.spawn<modest>();
    }
    troupe::ref<modest> on(get) { return one_; }

private:
    troupe::ref<modest> one_;
};

struct small : composed<troupe::run_loop_scheduler, troupe::fixed_pool<256 * 1024>> {};

TEST_CASE("what a restart itself needs is there, also when the pool is exhausted") {
    fixture<setup<small, 1>> f;
    auto const               p = f.system.spawn<thrifty>();
    auto const               h = f.system.spawn<hoarder>();
    auto                     asked = p.ask(get{});
    asked.start();
    f.settle();
    auto const c = asked.get();
    h.send(hoard{});
    c.send(fall{});
    c.send(fall{});
    h.send(release{});
    f.settle();
    CHECK(f.system.books().failed == 2);
    auto count = c.ask(tries{});
    count.start();
    f.settle();
    CHECK(count.get() == 2);
}

}  // namespace test_routes
