// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/handler.hpp"

#include "support/systems.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace test_handler {

using namespace troupe_test;

struct by_value {
    int n;
};
struct by_const {
    int n;
};
struct by_rvalue {
    std::unique_ptr<int> owned;
};
struct only_const {
    std::string text;
};
struct with_self {
    int n;
};
struct const_with_self {
    int n;
};
struct rvalue_with_self {
    std::unique_ptr<int> owned;
};
struct as_task {
    int n;
};
struct as_task_with_self {
    int n;
};
struct later {
    int n;
};
struct later_with_self {
    int n;
};
struct nothing {};
struct wide {
    int n;
};
struct sum {};

class every_form {
public:
    using protocol =
        troupe::protocol<int(by_value), int(by_const), int(by_rvalue), std::string(only_const),
                         int(with_self), int(const_with_self), int(rvalue_with_self), int(as_task),
                         int(as_task_with_self), int(later), int(later_with_self), void(nothing),
                         long(wide), int(sum)>;
    int         on(by_value m) { return add(m.n); }
    int         on(by_const const& m) { return add(m.n); }
    int         on(by_rvalue&& m) { return add(*std::unique_ptr<int>{std::move(m.owned)}); }
    std::string on(only_const const& m) const { return m.text + "!"; }
    int on(with_self m, troupe::context<every_form>& self) { return self.ref() ? add(m.n) : -1; }
    int on(const_with_self const& m, troupe::context<every_form>& self) {
        return self.ref() ? add(m.n) : -1;
    }
    int on(rvalue_with_self&& m, troupe::context<every_form>& self) {
        return self.ref() ? add(*std::unique_ptr<int>{std::move(m.owned)}) : -1;
    }
    troupe::task<int> on(as_task m) { co_return add(m.n); }
    troupe::task<int> on(as_task_with_self const& m, troupe::context<every_form>& self) {
        co_return self.ref() ? add(m.n) : -1;
    }
    void on(later m, troupe::reply<int> answer) { answer(add(m.n)); }
    void on(later_with_self const& m, troupe::context<every_form>& self,
            troupe::reply<int> answer) {
        answer(self.ref() ? add(m.n) : -1);
    }
    void on(nothing) { sum_ += 1000; }
    int  on(wide m) { return m.n; }  // convertible to the long that was promised
    int  on(sum) const { return sum_; }

private:
    int add(int n) {
        sum_ += n;
        return n;
    }
    int sum_ = 0;
};

TEMPLATE_TEST_CASE("every form of a handler is called and answers", "", TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<every_form>();
    CHECK(a.ask(by_value{1}).get() == 1);
    CHECK(a.ask(by_const{2}).get() == 2);
    CHECK(a.ask(by_rvalue{std::make_unique<int>(4)}).get() == 4);
    CHECK(a.ask(only_const{"oh"}).get() == "oh!");
    CHECK(a.ask(with_self{8}).get() == 8);
    CHECK(a.ask(const_with_self{16}).get() == 16);
    CHECK(a.template ask<rvalue_with_self>(std::make_unique<int>(32)).get() == 32);
    CHECK(a.ask(as_task{64}).get() == 64);
    CHECK(a.ask(as_task_with_self{128}).get() == 128);
    CHECK(a.ask(later{256}).get() == 256);
    CHECK(a.ask(later_with_self{512}).get() == 512);
    a.ask(nothing{}).get();
    CHECK(a.ask(wide{7}).get() == 7L);
    CHECK(a.ask(sum{}).get() == 2023);
}

TEMPLATE_TEST_CASE("every form of a handler takes a message that was only sent", "",
                   TROUPE_TEST_KINDS) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<every_form>();
    a.send(by_value{1});
    a.send(by_const{2});
    a.send(by_rvalue{std::make_unique<int>(4)});
    a.send(only_const{"nobody reads the answer"});
    a.send(with_self{8});
    a.send(const_with_self{16});
    a.template send<rvalue_with_self>(std::make_unique<int>(32));
    a.send(as_task{64});
    a.send(as_task_with_self{128});
    a.send(later{256});
    a.send(later_with_self{512});
    a.send(nothing{});
    a.send(wide{1});
    auto const books = f.settle();
    CHECK(books.handled == 13);
    CHECK(a.ask(sum{}).get() == 2023);
}

struct counted {
    explicit counted(std::vector<std::string>& log) : log_(&log) { log_->push_back("made"); }
    counted(counted&& o) noexcept : log_(o.log_) { log_->push_back("moved"); }
    counted(counted const& o) : log_(o.log_) { log_->push_back("copied"); }
    ~counted() { log_->push_back("gone"); }
    std::vector<std::string>* log_;
};

class looks {
public:
    using protocol = troupe::protocol<void(counted)>;
    void on(counted const& c) { c.log_->push_back("seen"); }
};

TEST_CASE("a message built in place is neither copied nor moved") {
    std::vector<std::string> log;
    fixture<run_loop>        f;
    auto const               a = f.system.spawn<looks>();
    a.send<counted>(log);
    f.settle();
    CHECK(log == std::vector<std::string>{"made", "seen", "gone"});
}

TEST_CASE("a message given by value is moved once") {
    std::vector<std::string> log;
    fixture<run_loop>        f;
    auto const               a = f.system.spawn<looks>();
    a.send(counted{log});
    f.settle();
    CHECK(log == std::vector<std::string>{"made", "moved", "gone", "seen", "gone"});
}

struct throws_when_built {
    explicit throws_when_built(bool yes) {
        if (yes) throw std::runtime_error{"no message"};
    }
};
class takes_it {
public:
    using protocol = troupe::protocol<void(throws_when_built)>;
    void on(throws_when_built const&) {}
};

TEST_CASE("a message that cannot be built was never sent, and its block comes back") {
    fixture<run_loop> f;
    auto const        a = f.system.spawn<takes_it>();
    auto const        before = f.settle();
    CHECK_THROWS_AS(a.send<throws_when_built>(true), std::runtime_error);
    CHECK_THROWS_AS(a.ask<throws_when_built>(true).get(), std::runtime_error);
    auto const after = f.settle();
    CHECK(after.sent == before.sent);
    CHECK(after.blocks == before.blocks);
    a.send<throws_when_built>(false);
    CHECK(f.settle().handled == before.handled + 1);
}

// Coroutines of other libraries go on working in an actor.
struct foreign {
    struct promise_type {
        foreign            get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void               return_void() {}
        void               unhandled_exception() {}
    };
};
struct question {};
class mixed {
public:
    using protocol = troupe::protocol<int(question)>;
    int on(question) {
        work(question{});
        return done_;
    }

private:
    foreign work(question) {
        done_ = 7;
        co_return;
    }
    int done_ = 0;
};

TEST_CASE("an actor may have coroutines that are none of the library's") {
    STATIC_REQUIRE(std::is_same_v<std::coroutine_traits<foreign, mixed&, question>::promise_type,
                                  foreign::promise_type>);
    fixture<simulated> f;
    CHECK(f.system.spawn<mixed>().ask(question{}).get() == 7);
}

}  // namespace test_handler
