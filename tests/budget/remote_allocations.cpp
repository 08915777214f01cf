// SPDX-License-Identifier: BSL-1.0
// Design decision 6, over the wire: once everything is warm a message to another system, and an ask
// with its answer, take nothing from the heap on either side. Over memory, and over sockets.

#include "support/heap_count.hpp"
#include "support/nodes.hpp"

#include <cstdint>

namespace test_remote_allocations {

using namespace troupe_test;

struct note {
    std::int64_t n;
};
struct question {
    std::int64_t n;
};
class actor {
public:
    using protocol = troupe::protocol<void(note), std::int64_t(question)>;
    void         on(note n) { sum_ += n.n; }
    std::int64_t on(question q) { return sum_ + q.n; }

private:
    std::int64_t sum_ = 0;
};

TEST_CASE("messages and asks over a connection allocate nothing once all is warm") {
    two_sides w;
    auto      there = w.there.spawn<actor>();
    w.server->expose("actor", there);
    auto       far = w.client->resolve<actor>("loopback://server", "actor");
    auto const work = [&] {
        std::int64_t wrong = 0;
        for (int i = 0; i < 50; ++i) {
            for (int k = 0; k < 200; ++k) far.send(note{1});
            auto asked = far.ask(question{i});
            asked.start();
            w.settle();
            wrong += !asked.result().has_value();
        }
        return wrong;
    };
    for (int i = 0; i < 5; ++i) REQUIRE(work() == 0);
    std::uint64_t const before = heap_calls.load();
    std::int64_t const  wrong = work();
    std::uint64_t const calls = heap_calls.load() - before;
    CHECK(wrong == 0);
    CHECK(calls == 0);
}

struct flood {
    int                          left;
    troupe::ref<actor::protocol> to;
};
/// Sends and asks from inside, so that only workers take part.
class sender {
public:
    using protocol = troupe::protocol<bool(flood)>;
    troupe::task<bool> on(flood f) {
        for (int i = 0; i < f.left; ++i) {
            for (int k = 0; k < 200; ++k) f.to.send<note>(1);
            static_cast<void>(co_await f.to.ask<question>(i));
        }
        co_return true;
    }
};

TEST_CASE("over sockets, too") {
    struct quiet : troupe::defaults {
        using log_type = troupe::null_log;
    };
    troupe::basic_system<quiet>         here{{.workers = 1}};
    troupe::basic_system<quiet>         there{{.workers = 1}};
    troupe::node<troupe::tcp_transport> server{there, {.listen = "127.0.0.1:0"}};
    troupe::node<troupe::tcp_transport> client{here};
    server.expose("actor", there.spawn<actor>());
    auto const far = client.resolve<actor>(server.bound().text(), "actor");
    auto const from = here.spawn<sender>();
    for (int i = 0; i < 20; ++i) REQUIRE(from.ask(flood{50, far}).get());
    std::uint64_t const before = heap_calls.load();
    bool const          done = from.ask(flood{50, far}).get();
    std::uint64_t const calls = heap_calls.load() - before;
    CHECK(done);
    CHECK(calls == 0);
}

}  // namespace test_remote_allocations
