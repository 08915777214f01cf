// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/failure.hpp"

#include "support/systems.hpp"

#include <atomic>
#include <cstdint>
#include <exception>
#include <latch>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace test_failure {

using namespace troupe_test;
using troupe::failed_in;
using troupe::failure;
using troupe::name;
using troupe::detail::cell;
using troupe::detail::core;
using troupe::detail::failure_access;
using troupe::detail::failure_causes_max;
using troupe::detail::failure_facts;
using troupe::detail::make_failure;
using troupe::detail::ref_access;

struct ping {};
class plain {
public:
    using protocol = troupe::protocol<void(ping)>;
    void on(ping) {}
};
class other {
public:
    using protocol = troupe::protocol<void(ping)>;
    void on(ping) {}
};

/// An actor whose failures are made by hand.
template <class System>
struct patient {
    troupe::ref<plain> a;
    cell&              c;
    core&              home;

    explicit patient(System& system)
        : a(system.template spawn<plain>(name{"alice"})),
          c(*ref_access::cell_of(a)),
          home(*c.door.load()->inside()) {
        system.wait_idle();
    }
    failure fails(failure_facts const& facts) { return make_failure(home, nullptr, facts); }
    failure fails(std::string_view words, failure cause = {}) {
        return fails(
            {.who = c, .where = failed_in::handler, .words = words, .cause = std::move(cause)});
    }
    failure fails(std::exception_ptr error, bool asked = false) {
        return fails({.who = c,
                      .where = failed_in::handler,
                      .error = std::move(error),
                      .shared_with_asker = asked});
    }
};
template <class Setup = run_loop>
struct stage {
    fixture<Setup>                                f;
    patient<typename fixture<Setup>::system_type> p{f.system};
};

template <class Error>
std::exception_ptr thrown(Error const& error) {
    try {
        throw error;
    } catch (...) { return std::current_exception(); }
}

// ---- what it says

TEST_CASE("every place where something fails has words of its own") {
    std::set<std::string> all;
    for (int i = 0; i <= static_cast<int>(failed_in::exit); ++i) {
        all.insert(std::string{to_string(static_cast<failed_in>(i))});
    }
    CHECK(all.size() == 13);
    CHECK(all.count("?") == 0);
    CHECK(to_string(static_cast<failed_in>(99)) == "?");
}

void check_none(failure const& none) {
    CHECK_FALSE(none);
    CHECK(none.where() == failed_in::handler);
    CHECK(none.what().empty());
    CHECK(none.message().empty());
    CHECK(none.actor().empty());
    CHECK(none.path().empty());
    CHECK(*none.what().data() == '\0');
    CHECK(*none.path().data() == '\0');
    CHECK_FALSE(none.who());
    CHECK(none.attempt() == 0);
    CHECK(none.time() == troupe::time_point{});
    CHECK_FALSE(none.cause());
    CHECK(none.error() == nullptr);
    CHECK_FALSE(none.is<std::exception>());
    CHECK_FALSE(none.came_from<plain>());
}

TEST_CASE("a failure that is none says nothing") { check_none(failure{}); }

TEST_CASE("a failure says where, what, who and when, and so does each copy") {
    stage<run_loop_by_hand> s;
    s.f.clock.advance(std::chrono::nanoseconds{17});
    failure const why = s.p.fails({.who = s.p.c,
                                   .where = failed_in::started,
                                   .message = troupe::type_name<ping>(),
                                   .error = thrown(std::runtime_error{"no account"}),
                                   .cause = s.p.fails("the disk is full"),
                                   .attempt = 3});
    s.f.clock.advance(std::chrono::nanoseconds{17});
    for (failure const& copy : std::vector<failure>(2, why)) {
        CHECK(copy);
        CHECK(copy.where() == failed_in::started);
        CHECK(copy.what() == "no account");
        CHECK(copy.message() == troupe::type_name<ping>());
        CHECK(copy.actor() == troupe::type_name<plain>());
        CHECK(copy.path() == "alice");
        CHECK(copy.who() == troupe::any_ref{s.p.a});
        CHECK(copy.who().as<plain>() == s.p.a);
        CHECK(copy.attempt() == 3);
        CHECK(copy.time() + std::chrono::nanoseconds{17} == s.f.system.now());
        CHECK(copy.cause().what() == "the disk is full");
        CHECK_FALSE(copy.cause().cause());
        CHECK(copy.is<std::runtime_error>());
        CHECK_THROWS_WITH(std::rethrow_exception(copy.error()), "no account");
        CHECK(copy.came_from<plain>());
        CHECK_FALSE(copy.came_from<other>());
    }
    // C programs read them too.
    CHECK(why.what().data() == std::string{"no account"});
    CHECK(why.path().data() == std::string{"alice"});
}

TEST_CASE("a failure of an actor that is gone still says who it was") {
    stage<>       s;
    failure const why = s.p.fails("it is over");
    s.f.system.stop(s.p.a);
    s.f.settle();
    CHECK(why.path() == "alice");
    CHECK(why.who() == troupe::any_ref{s.p.a});
    CHECK_FALSE(why.who().as<plain>());
}

// ---- what was thrown

struct left {
    virtual ~left() = default;
    int value = 1;
};
struct right {
    virtual ~right() = default;
    int value = 2;
};
struct both : left, right {};
struct discreet : private right {};
struct last final : both {};

TEST_CASE("a failure knows the exact type of its error, each base class, and no other type") {
    stage<>       s;
    failure const exact = s.p.fails(thrown(std::out_of_range{"5 of 3"}));
    CHECK(exact.is<std::out_of_range>());
    CHECK(exact.is<std::logic_error>());
    CHECK(exact.is<std::exception>());
    CHECK_FALSE(exact.is<std::runtime_error>());
    CHECK_FALSE(exact.is<int>());
    CHECK_FALSE(exact.is<both>());
    failure const second_base = s.p.fails(thrown(both{}));
    CHECK(second_base.is<both>());
    CHECK(second_base.is<left>());
    CHECK(second_base.is<right>());
    CHECK_FALSE(second_base.is<last>());
    CHECK_FALSE(second_base.is<std::exception>());
    failure const a_final = s.p.fails(thrown(last{}));
    CHECK(a_final.is<last>());
    CHECK(a_final.is<right>());
    failure const not_told = s.p.fails(thrown(discreet{}));
    CHECK(not_told.is<discreet>());
    CHECK_FALSE(not_told.is<right>());
}

TEST_CASE("an error may be of any type that can be thrown") {
    stage<>       s;
    failure const number = s.p.fails(thrown(42));
    CHECK(number.is<int>());
    CHECK_FALSE(number.is<long>());
    CHECK_FALSE(number.is<char const*>());
    char const* const words = "thrown words";
    failure const     text = s.p.fails(thrown(words));
    CHECK(text.is<char const*>());
    CHECK_FALSE(text.is<std::string>());
    both          object;
    both* const   address = &object;
    failure const pointer = s.p.fails(thrown(address));
    CHECK(pointer.is<both*>());
    CHECK(pointer.is<left*>());  // as a handler would catch it
    CHECK_FALSE(pointer.is<both>());
    failure const nothing_thrown = s.p.fails("said by hand");
    CHECK_FALSE(nothing_thrown.is<std::exception>());
    CHECK(nothing_thrown.error() == nullptr);
}

/// How many there are.
struct counted : std::exception {
    static inline std::atomic<int> alive{0};
    counted() { alive.fetch_add(1); }
    counted(counted const&) : std::exception() { alive.fetch_add(1); }
    ~counted() override { alive.fetch_sub(1); }
    char const* what() const noexcept override { return "counted"; }
};

TEST_CASE("the error lives as long as the last copy, and as long as whoever asked for it") {
    REQUIRE(counted::alive.load() == 0);
    {
        stage<> s;
        {
            failure       why = s.p.fails(thrown(counted{}));
            failure const copy = why;
            why = failure{};
            CHECK(counted::alive.load() == 1);
            CHECK(copy.is<counted>());
        }
        CHECK(counted::alive.load() == 0);
    }
    // With others that hold it, a build with ThreadSanitizer keeps it for good.
    constexpr int kept = TROUPE_HAS_TSAN;
    {
        stage<>            s;
        std::exception_ptr mine;
        {
            failure const why = s.p.fails(thrown(counted{}));
            mine = why.error();
        }
        CHECK(counted::alive.load() == 1);
        CHECK_THROWS_AS(std::rethrow_exception(mine), counted);
    }
    CHECK(counted::alive.load() == kept);
    {
        stage<> s;
        s.p.fails(thrown(counted{}), true);
    }
    CHECK(counted::alive.load() == 2 * kept);
    counted::alive.store(0);
}

// ---- copies

/// A template: clang 16 gets some assignments wrong there.
template <class Failure>
void forget(Failure& f) {
    f = {};
}

TEST_CASE("a failure takes one block, and copies take none") {
    STATIC_REQUIRE(std::is_nothrow_copy_constructible_v<failure>);
    STATIC_REQUIRE(std::is_nothrow_copy_assignable_v<failure>);
    STATIC_REQUIRE(std::is_nothrow_move_constructible_v<failure>);
    STATIC_REQUIRE(std::is_nothrow_move_assignable_v<failure>);
    stage<>    s;
    auto const blocks = [&] { return s.f.system.books().blocks; };
    auto const before = blocks();
    {
        failure a = s.p.fails("a");
        failure b = s.p.fails("b");
        CHECK(blocks() == before + 2);
        std::vector<failure> const many(100, a);
        CHECK(blocks() == before + 2);
        failure const moved = std::move(b);
        CHECK_FALSE(b);
        CHECK(moved.what() == "b");
        b = moved;
        CHECK(b.what() == "b");
        failure& same = b;
        b = same;
        CHECK(b.what() == "b");
        b = std::move(same);
        CHECK(b.what() == "b");
        b = a;
        CHECK(b.what() == "a");
        forget(a);
        CHECK_FALSE(a);
        CHECK(many.back().what() == "a");
        CHECK(blocks() == before + 2);
    }
    CHECK(blocks() == before);
}

TEST_CASE("of a chain of causes the last four are kept, and who holds the rest keeps the rest") {
    stage<>              s;
    std::vector<failure> all;
    for (char c = '1'; c <= '6'; ++c) {
        all.push_back(s.p.fails(std::string_view{&c, 1}, all.empty() ? failure{} : all.back()));
    }
    auto const chain = [](failure f) {
        std::string text;
        for (; f; f = f.cause()) text += f.what();
        return text;
    };
    CHECK(chain(all[0]) == "1");
    CHECK(chain(all[3]) == "4321");
    CHECK(chain(all[4]) == "54321");
    CHECK(chain(all[5]) == "65432");
    failure const newest = all.back();
    all.clear();
    CHECK(chain(newest) == "65432");
    CHECK(chain(newest.cause()) == "5432");
}

TEST_CASE("a chain through thousands of generations takes a few blocks") {
    stage<>    s;
    auto const before = s.f.system.books().blocks;
    failure    why;
    for (int i = 0; i < 10'000; ++i) {
        why = s.p.fails("escalated", why);
        if (s.f.system.books().blocks > before + 2 * (failure_causes_max + 1)) {
            FAIL("generation " << i << " keeps all the others");
        }
    }
    CHECK(s.f.system.books().blocks == before + failure_causes_max + 1);
}

struct report {
    failure why;
};
struct hold_on_to_it {
    failure why;
};
struct let_go {};

/// Reads each failure it is told of, as whole, and hands it on.
class reader {
public:
    using protocol = troupe::protocol<void(report), int(ping)>;
    explicit reader(troupe::ref<reader> next) : next_(next) {}
    void on(report const& r) {
        ++read_;
        bool as_thrown = false;
        try {
            std::rethrow_exception(r.why.error());
        } catch (std::out_of_range const& e) { as_thrown = r.why.what() == e.what(); }
        if (!as_thrown || !r.why.is<std::out_of_range>() || !r.why.is<std::logic_error>() ||
            r.why.is<std::runtime_error>() || r.why.cause().cause().what() != "first" ||
            r.why.path() != "alice") {
            read_ -= 1'000'000;
        }
        last_ = r.why;
        if (next_) next_.send(report{r.why});
    }
    int on(ping) {
        last_ = failure{};
        return read_;
    }

private:
    troupe::ref<reader> next_;
    failure             last_;
    int                 read_ = 0;
};

TEMPLATE_TEST_CASE("copies are read, made and dropped by many threads", "",
                   TROUPE_TEST_SCHEDULERS) {
    stage<TestType>                  s;
    std::vector<troupe::ref<reader>> readers(1);
    for (int i = 0; i < 4; ++i) {
        readers.push_back(s.f.system.template spawn<reader>(readers.back()));
    }
    constexpr int each = 100;
    s.f.on_threads(3, [&](unsigned) {
        for (int i = 0; i < each; ++i) {
            failure const why =
                s.p.fails({.who = s.p.c,
                           .where = failed_in::handler,
                           .error = thrown(std::out_of_range{"index " + std::to_string(i)}),
                           .cause = s.p.fails("second", s.p.fails("first"))});
            failure const copy = why;
            readers.back().send(report{copy});
        }
    });
    s.f.settle();
    for (std::size_t i = 1; i < readers.size(); ++i) {
        CHECK(readers[i].ask(ping{}).get() == 3 * each);
    }
}

/// Its destructor changes what others may have read.
struct spoken : std::exception {
    std::string words = "said, and long enough to stand on the heap";
    char const* what() const noexcept override { return words.c_str(); }
    ~spoken() override { words[0] = 'x'; }
};

TEST_CASE("the last copy is dropped after all that others have read, whichever it is") {
    stage<>          s;
    std::atomic<int> right{0};
    for (int round = 0; round < 200; ++round) {
        failure    why = s.p.fails(thrown(spoken{}));
        std::latch together{2};  // of threads that never meet a race detector sees less
        auto       read = [&right, &together, copy = why](bool longer) mutable {
            together.arrive_and_wait();
            bool const         path_right = copy.path() == "alice";
            std::string const  words{copy.what()};
            std::exception_ptr error = copy.error();
            if (longer) copy = failure{};
            try {
                std::rethrow_exception(std::exchange(error, nullptr));
            } catch (spoken const& e) {
                if (path_right && words == e.words) right.fetch_add(1, std::memory_order_relaxed);
            }
            copy = failure{};
        };
        why = failure{};
        std::thread first{read, round % 2 == 0};
        std::thread second{std::move(read), round % 3 == 0};  // here none is left
        first.join();
        second.join();
    }
    CHECK(right.load() == 400);
}

// ---- the memory

TEST_CASE("without memory a failure is none, and a chain is cut where the memory ends") {
    using tiny = setup<composed<troupe::run_loop_scheduler, troupe::fixed_pool<128 * 1024>>, 1>;
    stage<tiny>          s;
    std::vector<failure> all;
    do all.push_back(s.p.fails("one more"));
    while (all.back());
    REQUIRE(all.size() > 10);
    check_none(all.back());
    check_none(s.p.fails(thrown(std::runtime_error{"unheard"})));
    // Room for one: the near end of the chain that would have to be copied is none.
    failure long_chain = all[0];
    all.resize(all.size() - failure_causes_max - 2);
    for (unsigned i = 0; i < failure_causes_max; ++i) long_chain = s.p.fails("longer", long_chain);
    failure const tight = s.p.fails("tight", long_chain);
    CHECK(tight.what() == "tight");
    CHECK_FALSE(tight.cause());
    CHECK_FALSE(s.p.fails("no more"));
    all.clear();
    CHECK(s.p.fails("again").what() == "again");
}

/// Counts what its system has taken of it; one type for each test.
template <int Test>
struct counting_pool {
    static constexpr std::size_t            chains_kept = 0;
    static inline std::atomic<std::int64_t> taken{0};

    void* acquire(std::size_t bytes) noexcept {
        taken.fetch_add(1);
        return ::operator new(bytes, std::align_val_t{16}, std::nothrow);
    }
    void release(void* block, std::size_t) noexcept {
        taken.fetch_sub(1);
        ::operator delete(block, std::align_val_t{16});
    }
};
template <class Scheduler, int Test>
using counting_system = troupe::basic_system<composed<Scheduler, counting_pool<Test>>>;

TEST_CASE("a copy outlives its system, and the memory goes with the last one") {
    auto const& taken = counting_pool<1>::taken;
    {
        failure kept;
        {
            counting_system<troupe::work_stealing_scheduler, 1> system{{.workers = 2}};
            patient<decltype(system)>                           p{system};
            kept = p.fails({.who = p.c,
                            .where = failed_in::handler,
                            .error = thrown(std::runtime_error{"the last words"}),
                            .cause = p.fails("what led to it")});
            CHECK(system.stop(watchdog).complete);
        }
        CHECK(taken.load() > 0);
        CHECK(kept.what() == "the last words");
        CHECK(kept.is<std::exception>());
        CHECK(kept.cause().what() == "what led to it");
        CHECK_FALSE(kept.who().as<plain>());
        failure copy = kept;
        kept = failure{};
        std::thread{[last = std::move(copy)]() mutable { last = failure{}; }}.join();
        CHECK(taken.load() == 0);
    }
    CHECK(taken.load() == 0);
}

/// Keeps a failure of another system.
class keeper {
public:
    using protocol = troupe::protocol<void(hold_on_to_it), std::string(ping), void(let_go)>;
    void        on(hold_on_to_it h) { kept_ = std::move(h.why); }
    std::string on(ping) const { return std::string{kept_.what()}; }
    void        on(let_go) { kept_ = failure{}; }

private:
    failure kept_;
};

TEMPLATE_TEST_CASE("the last copy may be an actor's of another system", "", TROUPE_TEST_KINDS) {
    auto const&       taken = counting_pool<2>::taken;
    fixture<TestType> near;
    auto const        k = near.system.template spawn<keeper>();
    {
        counting_system<troupe::run_loop_scheduler, 2> far;
        patient<decltype(far)>                         p{far};
        k.send(hold_on_to_it{p.fails("from afar")});
        CHECK(k.ask(ping{}).get() == "from afar");
    }
    CHECK(k.ask(ping{}).get() == "from afar");
    CHECK(taken.load() > 0);
    SECTION("that drops it in a handler") { k.ask(let_go{}).get(); }
    SECTION("that ends") {
        near.system.stop(k);
        near.settle();
    }
    near.settle();
    CHECK(taken.load() == 0);
}

TEST_CASE("a cause of another system keeps that one's memory too") {
    auto const& taken = counting_pool<3>::taken;
    {
        stage<> s;
        failure why;
        {
            counting_system<troupe::run_loop_scheduler, 3> far;
            patient<decltype(far)>                         p{far};
            why = s.p.fails("linked", p.fails("from afar", p.fails("and further")));
        }
        CHECK(taken.load() > 0);
        CHECK(why.cause().cause().what() == "and further");
        // The chain is copied as it gets longer: into the memory of this system, and cut.
        for (unsigned i = 0; i < failure_causes_max; ++i) why = s.p.fails("nearer", why);
        CHECK(taken.load() == 0);
    }
}

/// Keeps what it is told of.
struct collecting : troupe::defaults {
    using scheduler_type = troupe::run_loop_scheduler;
    using pool_type = counting_pool<4>;
    struct log_type {
        std::vector<failure> kept;
        void                 write(troupe::log_record const& r) noexcept {
            if (r.why != nullptr) kept.push_back(*r.why);
        }
    };
    struct metrics_type {
        std::vector<failure> kept;
        void                 count(troupe::metric, std::uint64_t) noexcept {}
        void                 failed(failure const& f) noexcept { kept.push_back(f); }
    };
};

TEST_CASE("the sinks of a system may keep failures of it, and it ends all the same") {
    auto const& taken = counting_pool<4>::taken;
    {
        troupe::basic_system<collecting> system;
        patient<decltype(system)>        p{system};
        troupe::detail::tell_failure(p.home, nullptr, {.who = p.c, .where = failed_in::handler});
        CHECK(system.log_sink().kept.size() == 1);
        CHECK(system.metrics().kept.size() == 1);
        CHECK(taken.load() > 0);
    }
    CHECK(taken.load() == 0);
}

// ---- in the error of a spawn

TEST_CASE("the error of a spawn hands out the failure that was put into it, and keeps it") {
    stage<> s;
    CHECK_FALSE(troupe::spawn_error{troupe::spawn_errc::stopped}.failure());
    auto const before = s.f.system.books().blocks;
    {
        troupe::spawn_error error{troupe::spawn_errc::constructor, "account"};
        failure_access::attach(error, failure{});
        CHECK_FALSE(error.failure());
        failure_access::attach(error, s.p.fails("first"));
        failure_access::attach(error, s.p.fails("no account"));
        CHECK(s.f.system.books().blocks == before + 1);
        std::exception_ptr const copy = thrown(error);
        error = troupe::spawn_error{troupe::spawn_errc::stopped};
        try {
            std::rethrow_exception(copy);
        } catch (troupe::spawn_error const& e) {
            CHECK(e.failure().what() == "no account");
            CHECK(e.failure().path() == "alice");
        }
        CHECK(s.f.system.books().blocks == before + 1);
    }
    CHECK(s.f.system.books().blocks == before);
}

}  // namespace test_failure
