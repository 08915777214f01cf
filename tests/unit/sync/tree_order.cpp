// SPDX-License-Identifier: BSL-1.0
#include "troupe/sync/tree_order.hpp"

#include "support/catch.hpp"
#include "support/last_words.hpp"

#include <cstdint>
#include <cstring>
#include <string>
#include <thread>
#include <type_traits>

namespace test_tree_order {

using namespace troupe::detail;
using namespace troupe_test;

/// An actor of nobody: a place in a tree and a name.
struct place {
    place const*  above;
    std::uint64_t number;
    char const*   name;
    int const*    system;
};
struct tree_of_places {
    using actor = place;
    static place const*  parent(place const& p) noexcept { return p.above; }
    static std::uint64_t number(place const& p) noexcept { return p.number; }
    static void const*   system(place const& p) noexcept { return p.system; }
    static std::size_t   path(place const& p, char* to, std::size_t room) noexcept {
        std::size_t at = p.above == nullptr ? 0 : path(*p.above, to, room);
        for (char const* c = p.name; *c != 0 && at < room; ++c) to[at++] = *c;
        return at;
    }
};
using checked = tree_order<tree_of_places>;
using unchecked = tree_order<tree_of_places, false>;

/// A bank with three children, the cache with one of its own; and another system.
struct bank {
    int   here = 0;
    int   elsewhere = 0;
    place root{nullptr, 1, "bank", &here};
    place ledger{&root, 2, "/ledger#2", &here};
    place teller{&root, 4, "/teller#4", &here};
    place cache{&root, 6, "/cache#6", &here};
    place shelf{&cache, 7, "/shelf#7", &here};
    place other{nullptr, 1, "other", &elsewhere};
};

TEST_CASE("in release builds nothing is kept and nothing is said") {
    STATIC_REQUIRE(std::is_empty_v<unchecked::right>);
    STATIC_REQUIRE(std::is_trivially_destructible_v<unchecked::right>);
    bank             b;
    unchecked::right outer{b.teller, right_by::turn};
    unchecked::right inner{b.cache, right_by::turn};
    outer.give_back();
    unchecked::tries(b.shelf);
    unchecked::orders(b.teller, sibling_order::down, &b.cache);
    unchecked::ends(b.root, &b.cache);
}

TEST_CASE("what the kernel does is in order") {
    bank b;
    {
        // A child fails, or ends, and its thread gets the right of the parent.
        checked::right child{b.teller, right_by::turn};
        checked::tries(b.root);
        {
            checked::right parent{b.root, right_by::claim};
            checked::orders(b.cache, sibling_order::down, &b.teller);
            checked::orders(b.teller, sibling_order::down, &b.ledger);
            checked::orders(b.ledger, sibling_order::down, nullptr);
            checked::orders(b.ledger, sibling_order::up, &b.cache);
        }
        checked::ends(b.teller, nullptr);
        child.give_back();
        checked::right next{b.cache, right_by::turn};
        checked::orders(b.shelf, sibling_order::stop, nullptr);
    }
    // A thread outside spawns, and the child spawns one of its own; nobody has the parent.
    checked::right born{b.cache, right_by::birth};
    checked::right below{b.shelf, right_by::birth};
    below.give_back();
    // Where it drives the system, others run while a constructor waits.
    checked::right driven{b.teller, right_by::turn};
    checked::tries(b.root);
}

TEST_CASE("who has ended by itself is out of the order") {
    bank           b;
    checked::right parent{b.root, right_by::turn};
    b.teller.number = 0;
    checked::orders(b.teller, sibling_order::stop, &b.ledger);
    checked::orders(b.teller, sibling_order::down, &b.ledger);
    checked::orders(b.ledger, sibling_order::up, &b.teller);
}

TEST_CASE("systems know nothing of each other's order") {
    bank           b;
    checked::right turn{b.teller, right_by::turn};
    checked::right driven{b.other, right_by::turn};  // a handler that drives another system
    checked::tries(b.root);
    checked::right parent{b.root, right_by::claim};
}

TEST_CASE("what one thread has says nothing of another") {
    bank           b;
    checked::right turn{b.teller, right_by::turn};
    std::thread    other{[&] {
        checked::right own{b.cache, right_by::turn};
        checked::tries(b.root);
    }};
    other.join();
}

#if TROUPE_TEST_HAS_LAST_WORDS && !defined(NDEBUG)

TEST_CASE("debug builds stop who tries for a right that is not the parent's") {
    bank b;
    CHECK_THAT(last_words([&] {
                   checked::right const turn{b.teller, right_by::turn};
                   checked::tries(b.cache);
               }),
               contains("tree order: bank/teller#4 ran, and its thread tried to run bank/cache#6, "
                        "which is not its parent"));
    CHECK_THAT(last_words([&] {
                   checked::right const turn{b.shelf, right_by::turn};
                   checked::right const claim{b.root, right_by::claim};
               }),
               contains("bank/cache#6/shelf#7 ran, and its thread tried to run bank, which"));
    // Downwards, from the right of the parent.
    CHECK_THAT(last_words([&] {
                   checked::right const turn{b.root, right_by::turn};
                   checked::tries(b.cache);
               }),
               contains("bank ran, and its thread tried to run bank/cache#6, which"));
}

TEST_CASE("debug builds stop a turn inside of another, also behind a birth") {
    bank b;
    CHECK_THAT(last_words([&] {
                   checked::right const turn{b.cache, right_by::turn};
                   checked::right const born{b.shelf, right_by::birth};
                   checked::right const second{b.teller, right_by::turn};
               }),
               contains("tree order: bank/teller#4 began a turn inside of one of bank/cache#6"));
}

TEST_CASE("debug builds stop who gives a right back before that of the parent") {
    bank b;
    CHECK_THAT(last_words([&] {
                   checked::right       child{b.teller, right_by::turn};
                   checked::right const parent{b.root, right_by::claim};
                   child.give_back();
               }),
               contains("tree order: bank/teller#4 was given back before bank, which was taken "
                        "later"));
}

TEST_CASE("debug builds stop orders that are not in the order of creation") {
    bank       b;
    auto const in_wrong_order = [&](sibling_order what, place const& first, place const& then) {
        return last_words([&] {
            checked::right const parent{b.root, right_by::turn};
            checked::orders(first, what, &then);
        });
    };
    CHECK_THAT(in_wrong_order(sibling_order::down, b.teller, b.cache),
               contains("tree order: bank/teller#4 was ordered down before bank/cache#6, which is "
                        "younger"));
    CHECK_THAT(in_wrong_order(sibling_order::stop, b.ledger, b.teller),
               contains("tree order: bank/ledger#2 was ordered to stop before bank/teller#4, which "
                        "is younger"));
    CHECK_THAT(in_wrong_order(sibling_order::up, b.teller, b.ledger),
               contains("tree order: bank/teller#4 was ordered up before bank/ledger#2, which is "
                        "older"));
    CHECK_THAT(in_wrong_order(sibling_order::down, b.teller, b.teller), contains("tree order"));
}

TEST_CASE("debug builds stop orders by who does not run the parent") {
    bank b;
    CHECK_THAT(last_words([&] { checked::orders(b.teller, sibling_order::stop, nullptr); }),
               contains("tree order: bank/teller#4 was given an order by a thread that does not "
                        "run bank"));
    CHECK_THAT(last_words([&] {
                   checked::right const turn{b.root, right_by::turn};
                   checked::orders(b.shelf, sibling_order::stop, nullptr);
               }),
               contains("by a thread that does not run bank/cache#6"));
}

TEST_CASE("debug builds stop an end before that of a child") {
    bank b;
    CHECK_THAT(last_words([&] { checked::ends(b.cache, &b.shelf); }),
               contains("tree order: bank/cache#6 ended before bank/cache#6/shelf#7, which is its "
                        "child"));
}

TEST_CASE("a path that is too long is as long as there is room") {
    bank              b;
    std::string const endless(1000, 'x');
    place const       deep{&b.root, 9, endless.c_str(), &b.here};
    std::string const said = last_words([&] { checked::ends(b.root, &deep); });
    CHECK_THAT(said, contains("bank ended before bankxxx") && contains("xxx, which is its child"));
}

#endif

}  // namespace test_tree_order
