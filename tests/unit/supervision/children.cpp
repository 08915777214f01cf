// SPDX-License-Identifier: BSL-1.0
#include "troupe/supervision/children.hpp"

#include "support/catch.hpp"

#include <troupe/troupe.hpp>

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

}  // namespace test_children
