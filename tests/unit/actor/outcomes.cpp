// SPDX-License-Identifier: BSL-1.0

// Where something fails, and what its parent says: one case for each pair, on each scheduler.

#include "support/systems.hpp"
#include "support/trace.hpp"

#include "troupe/actor/deciding.hpp"

#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

namespace test_outcomes {

using namespace troupe_test;
using troupe::failed_in;
using troupe::verdict;

/// What goes wrong, once, with the second object or at the end of the first.
struct plot {
    failed_in where = failed_in::handler;
    verdict   said = verdict::restart;
    bool      throws = true;
    bool      done = false;
    int       objects = 0;
    int       asked = 0;
    trace     seen;  // where the decider has found failures
};

struct fail_now {};
struct more {};
struct count {};

class below {
public:
    using protocol = troupe::protocol<>;
    explicit below(plot* p) {
        if (p->where == failed_in::child && p->objects == 2 && !p->done) {
            p->done = true;
            throw std::runtime_error{"child"};
        }
    }
};

class subject {
public:
    using protocol = troupe::protocol<void(fail_now), void(more), int(count)>;
    using children = troupe::children<troupe::child<below, troupe::transient>>;

    explicit subject(plot* p) : plot_(p) {
        ++p->objects;
        if (p->objects == 2) once(failed_in::constructor, nullptr);
    }
    auto arguments(troupe::child<below, troupe::transient>) const { return std::tuple{plot_}; }
    void started(troupe::context<subject>& self) {
        if (plot_->objects == 2) once(failed_in::started, &self);
    }
    void restarting(troupe::failure const&, troupe::context<subject>& self) {
        once(failed_in::restarting, &self);
    }
    void stopping(troupe::context<subject>& self) { once(failed_in::stopping, &self); }
    void stopped(troupe::context<subject>& self) { once(failed_in::stopped, &self); }
    void hand_back(more&&, troupe::context<subject>& self) { once(failed_in::hand_back, &self); }

    void on(fail_now, troupe::context<subject>& self) {
        if (plot_->throws) throw std::runtime_error{"handler"};
        self.fail("handler");
    }
    void on(more) { ++more_; }
    int  on(count) const { return more_; }

private:
    void once(failed_in here, troupe::context<subject>* self) {
        if (plot_->where != here || plot_->done) return;
        plot_->done = true;
        if (plot_->throws || self == nullptr) throw std::runtime_error{"once"};
        self->fail("once");
    }
    plot* plot_;
    int   more_ = 0;
};

struct get {};

class parent {
public:
    using protocol = troupe::protocol<troupe::ref<subject>(get)>;
    explicit parent(plot* p) : plot_(p) {}
    void    started(troupe::context<parent>& self) { child_ = self.spawn<subject>(plot_); }
    verdict on_failure(troupe::failure const& f, troupe::context<parent>& self) {
        plot_->seen.add(to_string(f.where()));
        ++plot_->asked;
        if (plot_->where == failed_in::decider) {
            if (plot_->throws) throw std::runtime_error{"decider"};
            self.fail("decider");
        }
        bool const of_a_restart = plot_->where == failed_in::constructor ||
                                  plot_->where == failed_in::child ||
                                  plot_->where == failed_in::started;
        // What fails in a restart comes after one.
        return of_a_restart && plot_->asked == 1 ? verdict::restart : plot_->said;
    }
    troupe::ref<subject> on(get) { return child_; }

private:
    plot*                plot_;
    troupe::ref<subject> child_;
};

struct expected {
    std::uint64_t actors;  // parent, subject and its child: 3
    int           objects;
    char const*   seen;
};

expected outcome_of(plot const& p) {
    bool const of_a_restart = p.where == failed_in::constructor || p.where == failed_in::child ||
                              p.where == failed_in::started;
    if (p.where == failed_in::decider) return {0, 1, "handler"};
    if (of_a_restart) {
        char const* const seen = p.where == failed_in::constructor ? "handler constructor"
                                 : p.where == failed_in::child     ? "handler child"
                                                                   : "handler started";
        switch (p.said) {
            case verdict::resume:
            case verdict::restart: return {3, 3, seen};
            case verdict::stop: return {1, 2, seen};
            case verdict::escalate: return {0, 2, seen};
        }
    }
    switch (p.said) {
        case verdict::resume: return {3, 1, "handler"};
        case verdict::restart: return {3, 2, "handler"};
        case verdict::stop: return {1, 1, "handler"};
        case verdict::escalate: return {0, 1, "handler"};
    }
    return {};
}

TEMPLATE_TEST_CASE("every place where something fails, and every verdict", "", TROUPE_TEST_KINDS) {
    for (failed_in const where : {failed_in::handler, failed_in::constructor, failed_in::child,
                                  failed_in::started, failed_in::restarting, failed_in::stopping,
                                  failed_in::stopped, failed_in::hand_back, failed_in::decider}) {
        for (verdict const said :
             {verdict::resume, verdict::restart, verdict::stop, verdict::escalate}) {
            for (bool const throws : {true, false}) {
                INFO(to_string(where)
                     << ", " << to_string(said) << (throws ? ", thrown" : ", said"));
                plot p;
                p.where = where;
                p.said = said;
                p.throws = throws;
                expected const    e = outcome_of(p);
                fixture<TestType> f;
                auto const        top = f.system.template spawn<parent>(&p);
                auto              answer = top.ask(get{});
                answer.start();
                f.system.wait_idle();
                auto const s = std::move(answer).get();
                s.send(fail_now{});
                s.send(more{});
                auto const books = f.settle();
                CHECK(books.actors == e.actors);
                CHECK(p.objects == e.objects);
                CHECK(p.seen.text() == e.seen);
                if (e.actors == 3) {
                    auto c = s.ask(count{});
                    c.start();
                    f.system.wait_idle();
                    CHECK(std::move(c).get() == 1);
                    CHECK(books.dropped_total() == 0);
                } else {
                    CHECK(books.dropped_total() == 1);
                }
            }
        }
    }
}

}  // namespace test_outcomes
