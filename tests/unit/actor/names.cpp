// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/names.hpp"

#include "support/systems.hpp"

#include <string>
#include <vector>

namespace test_names {

using namespace troupe_test;
using troupe::name;
using troupe::spawn_errc;
using troupe::detail::name_is_valid;

TEST_CASE("a name has one to 255 bytes, none of them a slash or a control byte") {
    STATIC_REQUIRE(name_is_valid("a"));
    STATIC_REQUIRE_FALSE(name_is_valid(""));
    CHECK(name_is_valid(std::string(255, 'a')));
    CHECK_FALSE(name_is_valid(std::string(256, 'a')));
    for (int c = 0; c < 256; ++c) {
        std::string const text{'a', static_cast<char>(c), 'z'};
        CHECK(name_is_valid(text) == (c >= 0x20 && c != 0x7f && c != '/'));
    }
    // First and last as well.
    CHECK_FALSE(name_is_valid("/a"));
    CHECK_FALSE(name_is_valid("a/"));
    CHECK(name_is_valid(" "));
    CHECK(name_is_valid("."));
}

struct ping {};
class plain {
public:
    using protocol = troupe::protocol<void(ping)>;
    void on(ping) {}
};

// More names than there are chains in the table, so that chains are long.
TEMPLATE_TEST_CASE("five thousand names are each taken once, and each is free again by itself", "",
                   TROUPE_TEST_KINDS) {
    fixture<TestType>               f;
    std::vector<troupe::ref<plain>> all;
    auto const                      text = [](int i) { return "actor " + std::to_string(i); };
    auto const                      is_free = [&](int i) {
        auto const outcome = f.system.template try_spawn<plain>(name{text(i)});
        if (!outcome) {
            if (outcome.error().code() != spawn_errc::name_taken) FAIL("another error");
            return false;
        }
        f.system.stop(*outcome);
        return true;
    };
    auto const before = f.settle();
    for (int i = 0; i < 5000; ++i) { all.push_back(f.system.template spawn<plain>(name{text(i)})); }
    for (int i = 0; i < 5000; ++i) {
        if (is_free(i)) FAIL("two actors have the name " << text(i));
    }
    // In another order than they were taken.
    for (std::size_t i = 0; i < 5000; i += 3) f.system.stop(all[i]);
    f.settle();
    for (int i = 0; i < 5000; ++i) {
        if (is_free(i) != (i % 3 == 0)) FAIL("wrong about the name " << text(i));
    }
    for (auto const& a : all) f.system.stop(a);
    CHECK(f.settle().blocks == before.blocks);
    for (int i = 0; i < 5000; i += 50) CHECK(is_free(i));
}

TEST_CASE("a name is a copy: the text it was made of may go") {
    fixture<simulated> f;
    {
        std::string text = "gone soon";
        static_cast<void>(f.system.spawn<plain>(name{text}));
        text.assign(text.size(), 'x');
    }
    CHECK_FALSE(f.system.try_spawn<plain>(name{"gone soon"}).has_value());
    CHECK(f.system.try_spawn<plain>(name{"xxxxxxxxx"}).has_value());
}

TEST_CASE("names that begin alike, or differ in case, are different names") {
    fixture<simulated> f;
    for (char const* const text : {"a", "aa", "aaa", "A", "a ", " a", "b"}) {
        CHECK(f.system.try_spawn<plain>(name{text}).has_value());
        CHECK_FALSE(f.system.try_spawn<plain>(name{text}).has_value());
    }
}

TEST_CASE("the system knows the name of each actor, and that one has none") {
    fixture<simulated> f;
    auto const         alice = f.system.spawn<plain>(name{"alice"});
    auto const         bob = f.system.spawn<plain>(name{"bob"});
    auto const         nobody = f.system.spawn<plain>();
    auto const         known = [](troupe::ref<plain> const& r) {
        troupe::detail::cell& c = *troupe::detail::ref_access::cell_of(r);
        troupe::detail::core& home = *c.door.load()->inside();
        char                  text[256];
        std::string const     copy{text, home.copy_name(c, text)};
        CHECK(copy == troupe::detail::core::own_name(c));
        return copy;
    };
    CHECK(known(alice) == "alice");
    CHECK(known(bob) == "bob");
    CHECK(known(nobody).empty());
    f.system.stop(bob);
    f.settle();
    CHECK(known(bob).empty());
    CHECK(known(alice) == "alice");
}

TEMPLATE_TEST_CASE("of threads that want the same name one gets it", "", TROUPE_TEST_SCHEDULERS) {
    for (int round = 0; round < 20; ++round) {
        fixture<TestType> f;
        std::atomic<int>  won{0};
        std::atomic<int>  lost{0};
        f.on_threads(4, [&](unsigned) {
            auto const outcome = f.system.template try_spawn<plain>(name{"the one"});
            if (outcome) won.fetch_add(1);
            else if (outcome.error().code() == spawn_errc::name_taken) lost.fetch_add(1);
        });
        CHECK(won.load() == 1);
        CHECK(lost.load() == 3);
        CHECK(f.settle().actors == 1);
    }
}

}  // namespace test_names
