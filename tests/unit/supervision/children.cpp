// SPDX-License-Identifier: BSL-1.0
#include "troupe/supervision/children.hpp"

#include "support/systems.hpp"
#include "support/trace.hpp"

#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>

namespace test_children {

using namespace troupe::detail;
using troupe::child;

struct ledger {};
struct teller {};
struct silent {};
struct has_none {
    using children = troupe::children<>;
};
struct bank {
    using children = troupe::children<child<ledger>, child<teller, troupe::transient>,
                                      child<ledger, troupe::bounded_mailbox<4>, troupe::temporary>>;
};
struct head_office {
    using children = troupe::children<child<bank>, child<teller>, child<bank>>;
};

TEST_CASE("the children of an actor are those that it declares") {
    STATIC_REQUIRE(std::is_same_v<children_of<silent>, troupe::children<>>);
    STATIC_REQUIRE(std::is_same_v<children_of<has_none>, troupe::children<>>);
    STATIC_REQUIRE(std::is_same_v<children_of<bank>, bank::children>);
    STATIC_REQUIRE_FALSE(names_children<silent>);
    STATIC_REQUIRE(names_children<has_none>);
    STATIC_REQUIRE(declared_children_of<silent> == 0);
    STATIC_REQUIRE(declared_children_of<bank> == 3);
}

TEST_CASE("a declared child is permanent unless it says otherwise") {
    STATIC_REQUIRE(lifetime_of_child<child<ledger>> == lifetime::permanent);
    STATIC_REQUIRE(lifetime_of_child<child<ledger, troupe::unbounded_mailbox>> ==
                   lifetime::permanent);
    STATIC_REQUIRE(lifetime_of_child<child_at<bank, 1>> == lifetime::transient);
    STATIC_REQUIRE(lifetime_of_child<child_at<bank, 2>> == lifetime::temporary);
}

TEST_CASE("a child is found by its type or by its place") {
    STATIC_REQUIRE(place_of_child<bank, teller> == 1);
    STATIC_REQUIRE(place_of_child<bank, ledger> == 0);  // the first of them
    STATIC_REQUIRE(place_of_child<bank, silent> == 3);
    STATIC_REQUIRE(times_in<ledger>(bank::children{}) == 2);
    STATIC_REQUIRE(times_in<teller>(bank::children{}) == 1);
    STATIC_REQUIRE(times_in<silent>(bank::children{}) == 0);
    STATIC_REQUIRE(std::is_same_v<child_at<bank, 0>, child<ledger>>);
    STATIC_REQUIRE(std::is_same_v<child_at<bank, 1>, child<teller, troupe::transient>>);
    STATIC_REQUIRE(check_child<bank, teller>());
    STATIC_REQUIRE(check_child_at<bank, 2>());
}

TEST_CASE("the same actor may be declared in several places, but not below itself") {
    STATIC_REQUIRE(children_are_right<silent>);
    STATIC_REQUIRE(children_are_right<has_none>);
    STATIC_REQUIRE(children_are_right<bank>);
    STATIC_REQUIRE(children_are_right<head_office>);
    STATIC_REQUIRE(check_children<head_office>());
}

struct own_child {
    using children = troupe::children<child<own_child>>;
};
struct egg;
struct hen {
    using children = troupe::children<child<ledger>, child<egg>>;
};
struct egg {
    using children = troupe::children<child<hen>>;
};
struct farm {
    using children = troupe::children<child<teller>, child<hen>>;
};
struct is_a_child {
    using children = child<ledger>;
};
struct lists_actors {
    using children = troupe::children<child<ledger>, teller>;
};
struct has_a_member {
    int children = 2;
};

TEST_CASE("whether declared children are right can be asked without an error") {
    STATIC_REQUIRE_FALSE(children_are_right<own_child>);
    STATIC_REQUIRE_FALSE(children_are_right<hen>);
    STATIC_REQUIRE_FALSE(children_are_right<egg>);
    STATIC_REQUIRE_FALSE(children_are_right<farm>);  // the circle is further down
    STATIC_REQUIRE_FALSE(children_are_right<is_a_child>);
    STATIC_REQUIRE_FALSE(children_are_right<lists_actors>);
    STATIC_REQUIRE(children_are_right<has_a_member>);  // it declares none
    // What is no list counts as none, so that nothing else is said about it.
    STATIC_REQUIRE(std::is_same_v<children_of<lists_actors>, troupe::children<>>);
}

struct ping {};
struct whole : bank {
    using protocol = troupe::protocol<void(ping)>;
    void on(ping) {}
};
struct endless : own_child {
    using protocol = troupe::protocol<void(ping)>;
    void on(ping) {}
};

TEST_CASE("an actor that declares an endless tree cannot be spawned, and that can be asked") {
    STATIC_REQUIRE(troupe::spawnable<whole>);
    STATIC_REQUIRE_FALSE(troupe::spawnable<endless>);
}

// ---- when they run

using troupe_test::fixture;
using troupe_test::trace;

struct fall {};

/// What children do; the test holds it.
struct log_of {
    trace said;
    int   started = 0;
    int   fails_at = 0;  // the count of `started` that throws; 0: none
};

template <char Name>
class member {
public:
    using protocol = troupe::protocol<void(fall)>;
    explicit member(log_of* log) : log_(log) {}
    ~member() { log_->said.add(std::string{"~"} + Name); }
    void started() {
        if (++log_->started == log_->fails_at) throw std::runtime_error{std::string{Name}};
        log_->said.add(std::string{"+"} + Name);
    }
    void on(fall) { throw std::runtime_error{"fall"}; }

private:
    log_of* log_;
};
using first = member<'a'>;
using second = member<'b'>;
using third = member<'c'>;

/// Each child gets to know which of its siblings there are when it is built.
class family_of_three {
public:
    using protocol = troupe::protocol<void(fall)>;
    using children =
        troupe::children<child<first>,
                         child<second, troupe::bounded_mailbox<2, troupe::overflow::fail>>,
                         child<third, troupe::transient>>;
    explicit family_of_three(log_of* log) : log_(log) {}
    template <class Child>
    auto arguments(Child, troupe::context<family_of_three> const& self) const {
        std::string there;
        if (self.child<0>()) there += 'a';
        if (self.child<1>()) there += 'b';
        if (self.child<2>()) there += 'c';
        log_->said.add("[" + there + "]");
        return std::tuple{log_};
    }
    void started(troupe::context<family_of_three>& self) {
        // A reference is of the kind that a spawn with the same policies gives.
        auto const a = self.child<first>();
        auto const b = self.child<second>();
        STATIC_REQUIRE(std::is_same_v<decltype(a), troupe::ref<first> const>);
        STATIC_REQUIRE(std::is_same_v<decltype(b), decltype(self.child<1>()) const>);
        using spawned =
            decltype(self.spawn<second, troupe::bounded_mailbox<2, troupe::overflow::fail>>(log_));
        STATIC_REQUIRE(std::is_same_v<decltype(b), spawned const>);
        log_->said.add("all");
    }
    void on(fall) { throw std::runtime_error{"fall"}; }

private:
    log_of* log_;
};

class above {
public:
    using protocol = troupe::protocol<void(fall)>;
    static constexpr troupe::one_for_one supervision{};
    explicit above(log_of* log) : log_(log) {}
    void started(troupe::context<above>& self) { below_ = self.spawn<family_of_three>(log_); }
    void on(fall) { below_.send(fall{}); }

private:
    log_of*                      log_;
    troupe::ref<family_of_three> below_;
};

TEMPLATE_TEST_CASE("declared children start in their order, before `started`, and end in reverse",
                   "", TROUPE_TEST_SCHEDULERS) {
    log_of            log;
    fixture<TestType> f;
    auto const        p = f.system.template spawn<family_of_three>(&log);
    CHECK(log.said.take() == "[] +a [a] +b [ab] +c all");
    f.system.stop(p);
    CHECK(f.settle().actors == 0);
    CHECK(log.said.take() == "~c ~b ~a");
}

TEMPLATE_TEST_CASE("all declared children start, or none is left and the parent was never there",
                   "", TROUPE_TEST_SCHEDULERS) {
    log_of log;
    log.fails_at = GENERATE(1, 2, 3);
    fixture<TestType> f;
    auto const        born = f.system.template try_spawn<family_of_three>(&log);
    REQUIRE_FALSE(born.has_value());
    CHECK(born.error().code() == troupe::spawn_errc::constructor);
    CHECK(f.settle().actors == 0);
    std::string const all[] = {"[] ~a", "[] +a [a] ~b ~a", "[] +a [a] +b [ab] ~c ~b ~a"};
    CHECK(log.said.take() == all[log.fails_at - 1]);
}

TEMPLATE_TEST_CASE("a new object of the parent has new children, and does not see the old ones", "",
                   TROUPE_TEST_SCHEDULERS) {
    log_of            log;
    fixture<TestType> f;
    auto const        p = f.system.template spawn<above>(&log);
    f.settle();
    log.said.take();
    p.send(fall{});
    CHECK(f.settle().actors == 5);
    CHECK(log.said.take() == "~c ~b ~a [] +a [a] +b [ab] +c all");
}

TEMPLATE_TEST_CASE("a restart in which a child does not start is a failure of the parent", "",
                   TROUPE_TEST_SCHEDULERS) {
    log_of            log;
    fixture<TestType> f;
    auto const        p = f.system.template spawn<above>(&log);
    f.settle();
    log.said.take();
    log.fails_at = 5;  // the second child of the second object
    p.send(fall{});
    CHECK(f.settle().actors == 5);
    CHECK(log.said.take() == "~c ~b ~a [] +a [a] ~b ~a [] +a [a] +b [ab] +c all");
}

}  // namespace test_children
