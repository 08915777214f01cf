// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/group.hpp"

#include "support/systems.hpp"
#include "support/trace.hpp"

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

namespace test_group {

using namespace std::chrono_literals;
using namespace troupe_test;
using troupe::verdict;

struct fail_now {
    int how = 0;
};
struct report {};

/// Says when it starts and ends.
class member {
public:
    using protocol = troupe::protocol<void(fail_now), unsigned(report)>;
    member(trace* said, char name) : said_(said), name_(name) {}
    ~member() { said_->add(std::string{'-', name_}); }
    void started() { said_->add(std::string{'+', name_}); }
    void on(fail_now f) {
        if (f.how == 1) throw std::invalid_argument{"how 1"};
        throw std::runtime_error{"bad"};
    }
    unsigned on(report, troupe::context<member>& self) { return self.attempt(); }

private:
    trace* said_;
    char   name_;
};

struct hit {
    std::size_t which;
    int         how = 0;
};
struct get {
    std::size_t which;
};

/// Five of them, a to e; the one at `Temporary` is temporary.
template <class Strategy, std::size_t Temporary = 99>
class ring_leader {
public:
    using protocol = troupe::protocol<void(hit), troupe::ref<member>(get)>;
    static constexpr auto supervision = Strategy::value;
    explicit ring_leader(trace* said) : said_(said) {}
    void started(troupe::context<ring_leader>& self) {
        for (std::size_t i = 0; i < 5; ++i) {
            char const name = static_cast<char>('a' + i);
            members_.push_back(i == Temporary
                                   ? self.template spawn<member, troupe::temporary>(said_, name)
                                   : self.template spawn<member>(said_, name));
        }
    }
    void                on(hit h) { members_.at(h.which).send(fail_now{h.how}); }
    troupe::ref<member> on(get g) { return members_.at(g.which); }

private:
    trace*                           said_;
    std::vector<troupe::ref<member>> members_;
};

struct one {
    static constexpr troupe::one_for_one value{};
};
struct one_together {
    static constexpr troupe::one_for_one value{.budget = troupe::counted::per_group};
};
struct all {
    static constexpr troupe::one_for_all value{.max_restarts = 5};
};
struct delayed {
    static constexpr troupe::one_for_all value{.max_restarts = 5,
                                               .backoff = {.first = 1s, .max = 4s}};
};
struct rest {
    static constexpr troupe::rest_for_one value{.max_restarts = 5};
};
struct rest_often {
    static constexpr troupe::rest_for_one value{.max_restarts = troupe::unlimited};
};
struct every_other {
    static constexpr troupe::chosen value{
        .affects = [](troupe::failure const&, troupe::child_info const& c) {
            return c.is<member>() && c.number % 2 == 0;
        }};
};

template <class Setup, class Strategy, std::size_t Temporary = 99>
std::string trace_of(std::size_t which) {
    trace       said;
    std::string between;
    {
        fixture<Setup> f;
        auto const     top = f.system.template spawn<ring_leader<Strategy, Temporary>>(&said);
        f.settle();
        CHECK(said.take() == "+a +b +c +d +e");
        top.send(hit{which});
        f.settle();
        between = said.take();
    }
    return between;
}

TEMPLATE_TEST_CASE("who is restarted with whom, and in which order", "", TROUPE_TEST_KINDS) {
    char const* const alone[] = {"-a +a", "-b +b", "-c +c", "-d +d", "-e +e"};
    char const* const from_there[] = {"-e -d -c -b -a +a +b +c +d +e", "-e -d -c -b +b +c +d +e",
                                      "-e -d -c +c +d +e", "-e -d +d +e", "-e +e"};
    for (std::size_t i = 0; i < 5; ++i) {
        CHECK(trace_of<TestType, one>(i) == alone[i]);
        CHECK(trace_of<TestType, all>(i) == from_there[0]);
        CHECK(trace_of<TestType, rest>(i) == from_there[i]);
    }
}

TEMPLATE_TEST_CASE("a temporary member ends with its group and does not come back", "",
                   TROUPE_TEST_KINDS) {
    CHECK(trace_of<TestType, all, 2>(0) == "-e -d -c -b -a +a +b +d +e");
    CHECK(trace_of<TestType, rest, 4>(3) == "-e -d +d");
    CHECK(trace_of<TestType, all, 2>(2) == "-c");  // it is stopped, the others stay
}

/// Says why it is restarted.
class mourner {
public:
    using protocol = troupe::protocol<void(fail_now)>;
    mourner(trace* said, std::string name) : said_(said), name_(std::move(name)) {}
    void restarting(troupe::failure const& f) {
        said_->add(std::string{name_}.append(":").append(f.what()));
    }
    void on(fail_now f) { throw std::runtime_error{std::string{name_} + std::to_string(f.how)}; }

private:
    trace*      said_;
    std::string name_;
};
class mourners {
public:
    using protocol = troupe::protocol<void(hit)>;
    static constexpr troupe::one_for_all supervision{.max_restarts = 5};
    explicit mourners(trace* said) : said_(said) {}
    void started(troupe::context<mourners>& self) {
        for (char const* const name : {"a", "b", "c"}) {
            all_.push_back(self.spawn<mourner>(said_, std::string{name}));
        }
    }
    verdict on_failure(troupe::failure const& f) {
        return f.what().ends_with('0') ? verdict::resume : verdict::restart;
    }
    void on(hit h) { all_.at(h.which).send(fail_now{h.how}); }

private:
    trace*                            said_;
    std::vector<troupe::ref<mourner>> all_;
};

TEMPLATE_TEST_CASE(
    "each member is told what takes its group down, not what it has failed with once", "",
    TROUPE_TEST_SCHEDULERS) {
    trace             said;
    fixture<TestType> f;
    auto const        top = f.system.template spawn<mourners>(&said);
    for (int i = 0; i < 3; ++i) {
        top.send(hit{1, 0});
        f.settle();
        CHECK(said.take().empty());  // resumed
        top.send(hit{0, 1});
        f.settle();
        CHECK(said.take() == "c:a1 b:a1 a:a1");
        top.send(hit{2, 2});
        f.settle();
        if (i == 2) break;  // one more than five
        CHECK(said.take() == "c:c2 b:c2 a:c2");
    }
    CHECK(said.take().empty());
    CHECK(f.system.books().actors == 0);
}

TEMPLATE_TEST_CASE("a user's own group", "", TROUPE_TEST_KINDS) {
    // The leader is the first actor: a to e have the numbers 3 to 7, the root has 1.
    CHECK(trace_of<TestType, every_other>(0) == "-d -b -a +a +b +d");
    CHECK(trace_of<TestType, every_other>(1) == "-d -b +b +d");
}

TEMPLATE_TEST_CASE("one delay for the group, and then all come up", "", TROUPE_TEST_BY_HAND) {
    trace             said;
    fixture<TestType> f;
    auto const        top = f.system.template spawn<ring_leader<delayed>>(&said);
    f.settle();
    said.take();
    top.send(hit{2});
    CHECK(f.settle().timers == 1);
    CHECK(said.take() == "-e -d -c -b -a");
    wake_with(top, troupe::detail::control::due);  // a timer from before
    CHECK(f.settle().timers == 1);
    f.clock.advance(1s);
    CHECK(f.settle().timers == 0);
    CHECK(said.take() == "+a +b +c +d +e");
    top.send(hit{0});
    f.settle();
    f.clock.advance(2s - 1ns);
    f.settle();
    CHECK(said.take() == "-e -d -c -b -a");
    SECTION("it grows") {
        f.clock.advance(1ns);
        f.settle();
        CHECK(said.take() == "+a +b +c +d +e");
    }
    SECTION("the parent stops meanwhile") {
        f.system.stop(top);
        CHECK(f.settle().actors == 0);
        CHECK(said.text().empty());
    }
    SECTION("a member is stopped meanwhile") { f.system.stop(top.ask(get{1}).within(1h).get()); }
}

TEMPLATE_TEST_CASE("the budget of a group is for all its members", "", TROUPE_TEST_KINDS) {
    trace             said;
    fixture<TestType> f;
    auto const        top = f.system.template spawn<ring_leader<one_together>>(&said);
    for (std::size_t i = 0; i < 3; ++i) top.send(hit{i});
    CHECK(f.settle().actors == 6);
    said.take();
    top.send(hit{3});
    CHECK(f.settle().actors == 0);
    // The one that failed ends by itself, its parent with the others.
    CHECK(said.text().size() == std::string{"-d -e -c -b -a"}.size());
    CHECK(said.text().ends_with("-c -b -a"));
}
TEMPLATE_TEST_CASE("the budget of each child is its own", "", TROUPE_TEST_KINDS) {
    trace             said;
    fixture<TestType> f;
    auto const        top = f.system.template spawn<ring_leader<one>>(&said);
    for (std::size_t round = 0; round < 3; ++round) {
        for (std::size_t i = 0; i < 5; ++i) top.send(hit{i});
        CHECK(f.settle().actors == 6);
    }
    top.send(hit{4});
    CHECK(f.settle().actors == 0);
}

// While the group goes down and comes up others fail: they are restarted with it, or again.
TEMPLATE_TEST_CASE("members that fail while their group is restarted do not stop it", "",
                   TROUPE_TEST_SCHEDULERS) {
    trace             said;
    fixture<TestType> f;
    auto const        top = f.system.template spawn<ring_leader<rest_often>>(&said);
    for (int round = 0; round < 40; ++round) {
        for (std::size_t i = 0; i < 5; ++i)
            top.send(hit{(i * 7 + static_cast<std::size_t>(round)) % 5});
    }
    auto const books = f.settle();
    CHECK(books.actors == 6);
    CHECK(books.failed == 200);
    CHECK(books.queued == 0);
}

}  // namespace test_group
