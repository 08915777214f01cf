// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/worker.hpp"

#include "support/systems.hpp"

#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

namespace test_worker {

using namespace troupe_test;
using troupe::detail::cell;
using troupe::detail::ref_access;
using troupe::detail::role_scope;
using troupe::detail::this_thread;
using troupe::detail::worker;

TEST_CASE("a thread has no role until it takes one, for the time of a scope") {
    // Never looked into: a role only names them.
    int   places[2] = {};
    auto* c = reinterpret_cast<cell*>(&places[0]);
    auto* other = reinterpret_cast<cell*>(&places[1]);
    REQUIRE(this_thread.on == nullptr);
    REQUIRE(this_thread.acting() == nullptr);
    {
        role_scope outer{nullptr, c};
        CHECK(this_thread.on == nullptr);
        CHECK(this_thread.acting() == c);
        this_thread.fail("outer");
        {
            role_scope inner{nullptr, other};
            CHECK(this_thread.acting() == other);
            CHECK(inner.run([] {}, [](std::string_view, std::exception_ptr const&) {}));
            // Each thread has its own.
            bool        none = false;
            std::thread elsewhere{
                [&none] { none = this_thread.on == nullptr && this_thread.acting() == nullptr; }};
            elsewhere.join();
            CHECK(none);
        }
        CHECK(this_thread.acting() == c);
        std::string said;
        auto const  failed = [&](std::string_view words, std::exception_ptr const& thrown) {
            said.append(words).append(thrown != nullptr ? "!" : ".");
        };
        CHECK_FALSE(outer.run([] {}, failed));  // what was said before
        CHECK(outer.run([] {}, failed));
        CHECK_FALSE(outer.run([] { this_thread.fail("late"); }, failed));
        CHECK_FALSE(outer.run(
            [] {
                this_thread.fail("first");
                throw std::runtime_error{"then"};
            },
            failed));
        CHECK(outer.run([] {}, failed));
        CHECK(said == "outer.late.!");
    }
    CHECK(this_thread.on == nullptr);
    CHECK(this_thread.acting() == nullptr);
    this_thread.fail("nobody acts");
    CHECK(this_thread.current() == nullptr);
}

struct look {};
struct part {
    worker* on;
    cell*   acting;
};

class observer {
public:
    using protocol = troupe::protocol<part(look)>;
    observer(part& at_birth, part& at_start, part& at_end) : at_start_(at_start), at_end_(at_end) {
        at_birth = now();
    }
    ~observer() { at_end_ = now(); }
    void started() { at_start_ = now(); }
    part on(look) { return now(); }

private:
    static part now() { return {this_thread.on, this_thread.acting()}; }
    part&       at_start_;
    part&       at_end_;
};

TEMPLATE_TEST_CASE("constructor, start, handler and destructor run in the role of their actor", "",
                   TROUPE_TEST_SCHEDULERS) {
    part              birth{};
    part              start{};
    part              end{};
    fixture<TestType> f;
    auto const        a = f.system.template spawn<observer>(birth, start, end);
    cell* const       c = ref_access::cell_of(a);
    part const        handler = a.ask(look{}).get();
    CHECK(birth.acting == c);
    CHECK(start.acting == c);
    CHECK(handler.acting == c);
    CHECK(birth.on == nullptr);  // spawned by a thread outside
    CHECK(handler.on != nullptr);
    // What drives has no role when it comes back.
    CHECK(this_thread.on == nullptr);
    CHECK(this_thread.acting() == nullptr);
    f.system.stop(a);
    f.settle();
    CHECK(end.acting == c);
    CHECK(end.on != nullptr);
}

class parent {
public:
    using protocol = troupe::protocol<part(look)>;
    parent(part& inner, part& after) : inner_(inner), after_(after) {}
    part on(look, troupe::context<parent>& self) {
        static_cast<void>(self.spawn<observer>(inner_, start_, end_));
        after_ = {this_thread.on, this_thread.acting()};
        return after_;
    }

private:
    part& inner_;
    part& after_;
    // The child ends before its parent.
    part start_{};
    part end_{};
};

TEMPLATE_TEST_CASE("an actor that spawns a child is itself again afterwards", "",
                   TROUPE_TEST_KINDS) {
    part              inner{};
    part              after{};
    fixture<TestType> f;
    auto const        a = f.system.template spawn<parent>(inner, after);
    static_cast<void>(a.ask(look{}).get());
    CHECK(after.acting == ref_access::cell_of(a));
    CHECK(inner.acting != nullptr);
    CHECK(inner.acting != after.acting);
    CHECK(inner.on == after.on);
}

class below {
public:
    using protocol = troupe::protocol<>;
    template <class Look>
    explicit below(Look look) {
        look("constructor");
    }
};
/// Looks at its own worker, as a thread that makes a report would.
class above {
public:
    using protocol = troupe::protocol<bool(look)>;
    void stopped() { well_ = well_ && sees("stopped", nullptr); }
    explicit above(bool* well) : well_(*well) {}
    bool on(look, troupe::context<above>& self) {
        std::string_view const message = this_thread.on->handles.seen()->name;
        bool well = sees(nullptr, nullptr) && message == troupe::type_name<look>();
        self.spawn<below>([&](char const* name) { well = well && sees(name, me_); });
        well = well && sees(nullptr, nullptr);
        return well;
    }
    void started(troupe::context<above>& self) { me_ = ref_access::cell_of(self.ref()); }

private:
    /// Whether what acts has this name, and runs on top of that actor.
    static bool sees(char const* name, cell* lowest) {
        worker const&     w = *this_thread.on;
        char const* const found = w.runs.name.seen();
        if ((name == nullptr) != (found == nullptr)) return false;
        if (name != nullptr && std::string_view{found} != name) return false;
        unsigned const expected = lowest == nullptr ? 0 : 1;
        bool const     nested = w.runs.nested.seen() == expected;
        bool const     below = lowest == nullptr || (w.runs.lowest.seen() == lowest &&
                                                 w.runs.name_of_lowest.seen() == nullptr);
        return nested && below && w.runs.changes.seen() % 2 == 0 &&
               w.now.acting.seen() == this_thread.acting();
    }
    bool& well_;
    cell* me_ = nullptr;
};

TEMPLATE_TEST_CASE("a worker tells what it runs, on top of whom, and in which message", "",
                   TROUPE_TEST_KINDS) {
    bool well = true;
    {
        fixture<TestType> f;
        auto const        a = f.system.template spawn<above>(&well);
        CHECK(a.ask(look{}).get());
    }
    CHECK(well);
}

TEST_CASE("workers do not share a cache line") {
    STATIC_REQUIRE(alignof(worker) == troupe::detail::cache_line);
    STATIC_REQUIRE(sizeof(worker) % troupe::detail::cache_line == 0);
}

}  // namespace test_worker
