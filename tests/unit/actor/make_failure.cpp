// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/make_failure.hpp"

#include "support/systems.hpp"

#include <cstddef>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test_make_failure {

using namespace troupe_test;
using troupe::failed_in;
using troupe::failure;
using troupe::name;
using troupe::detail::actor_path;
using troupe::detail::cell;
using troupe::detail::failure_facts;
using troupe::detail::failure_path_max;
using troupe::detail::failure_words;
using troupe::detail::failure_words_max;
using troupe::detail::make_failure;
using troupe::detail::ref_access;
using troupe::detail::short_type_name;
using troupe::detail::tell_failure;
using troupe::detail::this_thread;

// ---- words

/// Nobody's: words need no actor.
failure_facts facts() {
    static cell nobody;
    return {.who = nobody, .where = failed_in::handler};
}
std::string words_of(failure_facts const& f) { return std::string{failure_words{f}.view()}; }
std::string words_of(std::exception_ptr error) {
    failure_facts f = facts();
    f.error = std::move(error);
    return words_of(f);
}
/// The exception of `act`, which is over when it is looked at.
template <class Act>
std::exception_ptr error_of(Act act) {
    try {
        act();
    } catch (...) { return std::current_exception(); }
    return {};
}
/// The words of the exception of `act`, looked at while it is handled.
template <class Act>
std::string words_inside(Act act) {
    try {
        act();
    } catch (...) { return words_of(std::current_exception()); }
    return {};
}
template <class Act>
void check_words(Act act, std::string const& words) {
    CHECK(words_of(error_of(act)) == words);
    CHECK(words_inside(act) == words);
    // As an exception that was caught as one, where it is one.
    try {
        act();
    } catch (std::exception const& e) {
        failure_facts f = facts();
        f.error = std::current_exception();
        f.thrown = &e;
        CHECK(words_of(f) == words);
    } catch (...) {}
}

struct odd {};
template <class Inner, class Outer>
auto nested(Inner inner, Outer outer) {
    return [=] {
        try {
            inner();
        } catch (...) { std::throw_with_nested(outer); }
    };
}
template <class Error>
auto throws(Error error) {
    return [=] { throw error; };
}

TEST_CASE("the words of a failure are those of its error, with those of what is nested in it") {
    auto const disk = throws(std::runtime_error{"disk full"});
    check_words(disk, "disk full");
    check_words(throws(odd{}), "not a std::exception");
    check_words(throws(42), "not a std::exception");
    auto const write = nested(disk, std::logic_error{"cannot write"});
    check_words(write, "cannot write: disk full");
    check_words(nested(write, std::runtime_error{"no account"}),
                "no account: cannot write: disk full");
    check_words(nested(throws(42), std::runtime_error{"no account"}),
                "no account: not a std::exception");
    check_words(nested(disk, odd{}), "not a std::exception: disk full");
    check_words(nested(disk, std::runtime_error{""}), "disk full");
}

TEST_CASE("what is said by hand stands alone, or before the words of the error") {
    failure_facts f = facts();
    CHECK(words_of(f).empty());
    f.words = "gives up";
    CHECK(words_of(f) == "gives up");
    f.error = error_of(throws(std::runtime_error{"disk full"}));
    CHECK(words_of(f) == "gives up: disk full");
}

TEST_CASE("the exact type of an error is known, whether it is handled just now or not") {
#if TROUPE_HAS_EXCEPTION_TYPES
    auto const type_of = [](std::exception_ptr error, std::exception const* thrown = nullptr) {
        failure_facts f = facts();
        f.error = std::move(error);
        f.thrown = thrown;
        return failure_words{f}.type();
    };
    auto const inner = throws(std::runtime_error{"disk full"});
    auto const over = error_of(throws(std::out_of_range{"5 of 3"}));
    REQUIRE(type_of(over) != nullptr);
    CHECK(*type_of(over) == typeid(std::out_of_range));
    CHECK(*type_of(error_of(throws(42))) == typeid(int));
    CHECK_FALSE(*type_of(error_of(nested(inner, odd{}))) == typeid(std::runtime_error));
    try {
        throw std::out_of_range{"5 of 3"};
    } catch (std::exception const& e) {
        CHECK(*type_of(std::current_exception()) == typeid(std::out_of_range));
        CHECK(*type_of(std::current_exception(), &e) == typeid(std::out_of_range));
        // Another one, while this is handled.
        CHECK(*type_of(error_of(throws(42))) == typeid(int));
        CHECK(type_of(error_of(throws(std::runtime_error{"disk full"})), &e) == nullptr);
    }
    // Handled no more: rather no type than that of another.
    std::runtime_error const copy{"disk full"};
    CHECK(type_of(over, &copy) == nullptr);
    CHECK(type_of({}) == nullptr);
#else
    SKIP("this build knows no types of exceptions");
#endif
}

TEST_CASE("long words are cut, with dots at the end, between two characters") {
    std::string const dots = "...";
    for (std::size_t length = failure_words_max - 8; length < failure_words_max + 8; ++length) {
        std::string const text(length, 'a');
        std::string const said = words_of(error_of(throws(std::runtime_error{text})));
        if (length <= failure_words_max) {
            CHECK(said == text);
        } else {
            CHECK(said == text.substr(0, failure_words_max - dots.size()) + dots);
        }
        // The same length as two, and with characters of three bytes in it.
        std::string const tail = text.substr(102);
        CHECK(words_inside(
                  nested(throws(std::runtime_error{tail}), std::runtime_error{text.substr(0, 100)}))
                  .size() == (length <= failure_words_max ? length : failure_words_max));
    }
    for (std::size_t shift = 0; shift < 3; ++shift) {
        std::string text(shift, 'a');
        while (text.size() < 2 * failure_words_max) text += "\xe2\x82\xac";
        std::string const said = words_of(error_of(throws(std::runtime_error{text})));
        CHECK(said.size() <= failure_words_max);
        CHECK(said.size() + 3 > failure_words_max);
        CHECK((said.size() - shift) % 3 == 0);
        CHECK(said.substr(said.size() - 3) == dots);
    }
    // A chain that is longer than the words: no more of it is looked at.
    std::exception_ptr chain = error_of(throws(std::runtime_error{"the first"}));
    for (int i = 0; i < 1000; ++i) {
        chain =
            error_of(nested([&] { std::rethrow_exception(chain); }, std::runtime_error{"further"}));
    }
    CHECK(words_of(chain).size() == failure_words_max);
}

struct mute : std::exception {
    char const* what() const noexcept override { return nullptr; }
};
struct looped : std::exception, std::nested_exception {
    char const* what() const noexcept override { return ""; }
};

TEST_CASE("an error that says nothing, or leads back to itself, does no harm") {
    check_words(throws(mute{}), "");
    check_words(nested(throws(std::runtime_error{"disk full"}), mute{}), "disk full");
    std::exception_ptr const circle = error_of(throws(looped{}));
    auto const               lead_to = [&](std::nested_exception const& where) {
        try {
            std::rethrow_exception(circle);
        } catch (looped& e) { static_cast<std::nested_exception&>(e) = where; }
    };
    try {
        std::rethrow_exception(circle);
    } catch (...) { lead_to(std::nested_exception{}); }
    CHECK(words_of(circle).empty());
    lead_to(std::nested_exception{});  // nothing is handled here: the circle is open
}

// ---- where in the tree

TEST_CASE("the short name of a type is without namespaces and template arguments") {
    STATIC_REQUIRE(short_type_name("teller") == "teller");
    STATIC_REQUIRE(short_type_name("bank::teller") == "teller");
    STATIC_REQUIRE(short_type_name("bank::(anonymous namespace)::teller") == "teller");
    STATIC_REQUIRE(short_type_name("bank::{anonymous}::teller<bank::euro, 2>") == "teller");
    STATIC_REQUIRE(short_type_name("box<a::b>::teller") == "teller");
    STATIC_REQUIRE(short_type_name("main()::<lambda(bank::note)>") == "<lambda(bank::note)>");
    STATIC_REQUIRE(short_type_name("(lambda at bank.cpp:3:4)") == "(lambda at bank.cpp:3:4)");
    STATIC_REQUIRE(short_type_name("less<a>>b>") == "less");
    STATIC_REQUIRE(short_type_name("").empty());
}

struct bear {
    std::string name;  // empty: none
};
struct where_are_you {};
struct ping {};

class member {
public:
    using protocol = troupe::protocol<troupe::ref<member>(bear), std::string(where_are_you)>;
    troupe::ref<member> on(bear const& b, troupe::context<member>& self) {
        return b.name.empty() ? self.spawn<member>() : self.spawn<member>(name{b.name});
    }
    std::string on(where_are_you, troupe::context<member>& self) {
        return std::string{actor_path{*ref_access::cell_of(self.ref())}.view()};
    }
};

std::string numbered(troupe::ref<member> const& m) {
    return "member#" + std::to_string(m.identity() & 0xffff'ffff);
}

TEMPLATE_TEST_CASE("the path of an actor has all names below the root, or type and number", "",
                   TROUPE_TEST_KINDS) {
    fixture<TestType> f;
    auto const        bank = f.system.template spawn<member>(name{"bank"});
    auto const        nameless = f.system.template spawn<member>();
    auto const        ledger = bank.ask(bear{"ledger"}).get();
    auto const        teller = bank.ask(bear{""}).get();
    auto const        drawer = teller.ask(bear{"drawer"}).get();
    CHECK(bank.ask(where_are_you{}).get() == "bank");
    CHECK(ledger.ask(where_are_you{}).get() == "bank/ledger");
    CHECK(teller.ask(where_are_you{}).get() == "bank/" + numbered(teller));
    CHECK(drawer.ask(where_are_you{}).get() == "bank/" + numbered(teller) + "/drawer");
    CHECK(nameless.ask(where_are_you{}).get() == numbered(nameless));
}

TEST_CASE("a path that is too long is cut in front, between two characters") {
    for (std::string_view const letter : {"a", "\xc3\xa9", "\xe2\x82\xac"}) {
        fixture<run_loop> f;
        std::string       text;
        while (text.size() < 10) text += letter;
        auto        at = f.system.spawn<member>(name{"top"});
        std::string whole = "top";
        for (unsigned depth = 0; depth < 30; ++depth) {
            std::string const step = text.substr(0, letter.size() * (1 + depth % 3));
            at = at.ask(bear{step}).get();
            whole += "/" + step;
            std::string const path = at.ask(where_are_you{}).get();
            if (whole.size() <= failure_path_max) {
                CHECK(path == whole);
                continue;
            }
            CHECK(path.size() <= failure_path_max);
            CHECK(path.size() + letter.size() > failure_path_max);
            CHECK(path.substr(0, 3) == "...");
            CHECK(path.substr(3) == whole.substr(whole.size() - path.size() + 3));
            CHECK((static_cast<unsigned char>(path[3]) & 0xc0) != 0x80);
        }
    }
    fixture<run_loop> f;
    auto const        a = f.system.spawn<member>(name{std::string(255, 'x')});
    CHECK(a.ask(where_are_you{}).get() == "..." + std::string(failure_path_max - 3, 'x'));
}

TEST_CASE("an actor that was not given its parent yet has the path it will have") {
    fixture<run_loop> f;
    auto const        bank = f.system.spawn<member>(name{"bank"});
    auto const        ledger = bank.ask(bear{"ledger"}).get();
    cell&             c = *ref_access::cell_of(ledger);
    cell* const       parent = c.above();
    c.parent.store(nullptr, troupe::detail::memory_order_relaxed);
    CHECK(actor_path{c}.view() == "ledger");
    CHECK(actor_path{c, parent}.view() == "bank/ledger");
    CHECK(actor_path{*parent, parent->above()}.view() == "bank");
    c.parent.store(parent, troupe::detail::memory_order_relaxed);
}

TEST_CASE("an actor whose cell does not say who it is any more is told by the caller") {
    fixture<run_loop> f;
    auto const        a = f.system.spawn<member>();
    cell&             c = *ref_access::cell_of(a);
    f.settle();
    // As the hook that runs last sees it.
    auto const incarnation = c.incarnation.exchange(0);
    {
        failure const why =
            make_failure(*c.door.load()->inside(), nullptr,
                         {.who = c, .where = failed_in::stopped, .incarnation = incarnation});
        CHECK(why.who() == troupe::any_ref{a});
        CHECK(why.path() == numbered(a));
        CHECK(why.came_from<member>());
    }
    c.incarnation.store(incarnation);
}

// ---- who is told

struct told : troupe::defaults {
    using scheduler_type = troupe::run_loop_scheduler;
    using pool_type = troupe::fixed_pool<128 * 1024>;
    struct log_type {
        static constexpr troupe::log_level floor = troupe::log_level::warning;

        std::vector<std::string> lines;
        std::vector<failure>     why;
        void                     write(troupe::log_record const& r) noexcept {
            std::string line{to_string(r.level)};
            for (auto const part : {r.event, r.actor, r.message, r.detail, r.path}) {
                line += '|';
                line += part;
            }
            lines.push_back(std::move(line));
            if (r.why != nullptr) why.push_back(*r.why);
        }
    };
    struct metrics_type {
        std::vector<failure> failures;
        void                 count(troupe::metric, std::uint64_t) noexcept {}
        void                 failed(failure const& f) noexcept { failures.push_back(f); }
    };
};

TEST_CASE("the log and the metrics sink are each told once, of the same failure") {
    troupe::basic_system<told> system;
    auto const                 a = system.spawn<member>(name{"alice"});
    cell&                      c = *ref_access::cell_of(a);
    auto&                      home = *c.door.load()->inside();
    failure const              why =
        tell_failure(home, nullptr,
                     {.who = c,
                      .where = failed_in::handler,
                      .message = troupe::type_name<ping>(),
                      .error = error_of(nested(throws(odd{}), std::runtime_error{"no account"})),
                      .attempt = 2});
    REQUIRE(system.log_sink().lines.size() == 1);
    CHECK(system.log_sink().lines[0] ==
          "error|actor failed|" + std::string{troupe::type_name<member>()} + "|" +
              std::string{troupe::type_name<ping>()} + "|no account: not a std::exception|alice");
    REQUIRE(system.log_sink().why.size() == 1);
    REQUIRE(system.metrics().failures.size() == 1);
    for (failure const& copy : {system.log_sink().why[0], system.metrics().failures[0]}) {
        CHECK(copy.what() == why.what());
        CHECK(copy.path() == "alice");
        CHECK(copy.time() == why.time());
        CHECK(copy.attempt() == 2);
        CHECK(copy.is<std::runtime_error>());
        CHECK(copy.error() == why.error());
    }
    tell_failure(
        home, nullptr,
        {.who = c, .where = failed_in::child, .words = "a child has failed", .cause = why});
    CHECK_THAT(system.log_sink().lines[1],
               contains("|a child has failed: alice: no account: not a std::exception|alice"));
    CHECK(system.log_sink().why[1].what() == "a child has failed");  // its cause is beside it
    tell_failure(home, nullptr, {.who = c, .where = failed_in::stopping},
                 troupe::log_event::hook_failed);
    CHECK_THAT(system.log_sink().lines[2], contains("error|hook failed|"));
    CHECK(system.log_sink().why[2].where() == failed_in::stopping);
}

TEST_CASE("without memory the log still has the words, and the metrics sink still counts") {
    troupe::basic_system<told> system;
    auto const                 a = system.spawn<member>(name{"alice"});
    cell&                      c = *ref_access::cell_of(a);
    auto&                      home = *c.door.load()->inside();
    failure_facts const        known{.who = c, .where = failed_in::handler, .words = "gives up"};
    std::vector<failure>       all;
    do all.push_back(make_failure(home, nullptr, known));
    while (all.back());
    CHECK_FALSE(tell_failure(home, nullptr, known));
    REQUIRE(system.log_sink().lines.size() == 1);
    CHECK_THAT(system.log_sink().lines[0], contains("|gives up|alice"));
    CHECK(system.log_sink().why.empty());
    REQUIRE(system.metrics().failures.size() == 1);
    CHECK_FALSE(system.metrics().failures[0]);
}

// ---- in a handler

struct fails {};
/// Makes its failure where the library will: on its worker, while the error is handled.
class careful {
public:
    using protocol = troupe::protocol<failure(fails)>;
    failure on(fails, troupe::context<careful>& self) {
        try {
            throw std::out_of_range{"5 of 3"};
        } catch (...) {
            auto& w = *this_thread.on;
            return make_failure(w.owner, &w,
                                {.who = *ref_access::cell_of(self.ref()),
                                 .where = failed_in::handler,
                                 .message = troupe::type_name<fails>(),
                                 .error = std::current_exception()});
        }
    }
};

TEMPLATE_TEST_CASE("a failure is made by a worker and read by who has asked for it", "",
                   TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<careful>(name{"bank"});
    f.on_threads(2, [&](unsigned) {
        for (int i = 0; i < 50; ++i) {
            auto const why = a.ask(fails{}).result();
            if (!why || why->what() != "5 of 3" || !why->template is<std::out_of_range>() ||
                why->path() != "bank" || why->who() != troupe::any_ref{a}) {
                a.send(fails{});  // one message too many: seen below
            }
        }
    });
    CHECK(f.settle().handled == 100);
}

}  // namespace test_make_failure
