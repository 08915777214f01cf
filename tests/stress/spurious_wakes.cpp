// SPDX-License-Identifier: BSL-1.0
// An actor that awaits an answer is woken for other reasons at the same time: children that end,
// mailboxes that have room again, its own timers, a stop. Each ask ends once, and nobody looks at a
// slot that has gone. For the sanitizers.

#include "support/systems.hpp"

#include <chrono>
#include <cstdint>

namespace test_spurious_wakes {

using namespace troupe_test;

struct run {
    int rounds;
};
struct one {
    int n;
};
struct drop_in {};

class echo {
public:
    using protocol = troupe::protocol<int(one)>;
    int on(one o) { return o.n; }
};
class narrow {
public:
    using protocol = troupe::protocol<void(drop_in)>;
    using mailbox_type = troupe::bounded_mailbox<1>;
    void on(drop_in) {}
};
class brief {
public:
    using protocol = troupe::protocol<void(drop_in)>;
    void on(drop_in, troupe::context<brief>& self) { self.stop(); }
};

class restless {
public:
    using protocol = troupe::protocol<int(run), void(drop_in)>;
    restless(troupe::ref<echo> e, troupe::ref<narrow> n) : echo_(e), narrow_(n) {}
    void              on(drop_in) {}
    troupe::task<int> on(run r, troupe::context<restless>& self) {
        int sum = 0;
        for (int i = 0; i < r.rounds; ++i) {
            auto const child = self.spawn<brief>();
            child.send(drop_in{});
            if (i % 3 == 0) {
                narrow_.send(drop_in{});
                narrow_.send(drop_in{});
                narrow_.send(drop_in{});
            }
            auto const t = self.after(std::chrono::nanoseconds{i % 2}, drop_in{});
            if (i % 2 == 0) {
                sum += co_await echo_.ask<one>(1);
            } else {
                // Expires, or not: one of the two.
                auto q = echo_.ask<one>(1).within(std::chrono::microseconds{i % 50});
                try {
                    sum += co_await q;
                } catch (troupe::ask_error const&) { ++sum; }
            }
            self.cancel(t);
        }
        co_return sum;
    }

private:
    troupe::ref<echo>   echo_;
    troupe::ref<narrow> narrow_;
};

TEMPLATE_TEST_CASE("an ask ends once, whatever else wakes its asker", "", TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        e = f.system.template spawn<echo>();
    auto const        n = f.system.template spawn<narrow>();
    int const         rounds = static_cast<int>(scaled(300));
    std::atomic<int>  wrong{0};
    f.on_threads(6, [&](unsigned) {
        auto const r = f.system.template spawn<restless>(e, n);
        if (r.ask(run{rounds}).get() != rounds) wrong.fetch_add(1);
    });
    CHECK(wrong.load() == 0);
    f.settle();
}

TEMPLATE_TEST_CASE("askers are stopped in the middle", "", TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        e = f.system.template spawn<echo>();
    auto const        n = f.system.template spawn<narrow>();
    f.on_threads(4, [&](unsigned i) {
        for (int k = 0; k < 50; ++k) {
            auto const r = f.system.template spawn<restless>(e, n);
            auto       asked = r.ask(run{1'000'000}).start();
            for (unsigned j = 0; j < i * 20; ++j) { static_cast<void>(e.ask(one{1}).result()); }
            f.system.stop(r);
            static_cast<void>(asked.result());
        }
    });
    f.settle();
}

}  // namespace test_spurious_wakes
