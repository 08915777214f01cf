// SPDX-License-Identifier: BSL-1.0
#include "troupe/os/reactor.hpp"

#include "support/catch.hpp"
#include "support/sockets.hpp"

#include <fcntl.h>
#include <chrono>
#include <memory>
#include <random>
#include <thread>
#include <vector>

namespace test_reactor {

using namespace std::chrono_literals;
using namespace troupe;
using troupe_test::counted_signal;
using troupe_test::drive;

struct channel {
    int ends[2] = {-1, -1};
    channel() {
        REQUIRE(::pipe(ends) == 0);
        for (int const end : ends) ::fcntl(end, F_SETFL, O_NONBLOCK);
    }
    ~channel() { close(); }
    channel(channel const&) = delete;
    channel& operator=(channel const&) = delete;
    void     close() {
        for (int& end : ends) {
            if (end >= 0) ::close(std::exchange(end, -1));
        }
    }
    void put() const { REQUIRE(::write(ends[1], "x", 1) == 1); }
    int  take() const {
        char place[64];
        int  all = 0;
        long got = 0;
        while ((got = ::read(ends[0], place, sizeof place)) > 0) all += static_cast<int>(got);
        return all;
    }
};

TEMPLATE_TEST_CASE("what arrives calls the signal of its descriptor, and no other", "",
                   TROUPE_TEST_BACKENDS) {
    reactor        r{TestType::value};
    channel        first, second;
    counted_signal one, two;
    auto const     a = r.add(first.ends[0], readiness::read, one);
    auto const     b = r.add(second.ends[0], readiness::read, two);
    REQUIRE(a.has_value());
    REQUIRE(b.has_value());
    CHECK(r.size() == 2);
    CHECK(drive(r, 0ns) == 0);
    first.put();
    CHECK(drive(r) == 1);
    CHECK(one.calls == 1);
    CHECK(two.calls == 0);
    CHECK(first.take() == 1);
    r.want(*a, readiness::read);
    CHECK(drive(r, 0ns) == 0);
    first.put();
    second.put();
    std::size_t told = 0;
    while (told < 2) told += drive(r);
    CHECK(one.calls == 2);
    CHECK(two.calls == 1);
}

TEMPLATE_TEST_CASE("room to write is told once at the beginning, and after a write that would wait",
                   "", TROUPE_TEST_BACKENDS) {
    reactor        r{TestType::value};
    channel        pipe;
    counted_signal signal;
    auto const     a = r.add(pipe.ends[1], readiness::write, signal);
    REQUIRE(a.has_value());
    CHECK(drive(r) == 1);
    std::string const much(4096, 'x');
    while (::write(pipe.ends[1], much.data(), much.size()) > 0) {}
    r.want(*a, readiness::write);
    CHECK(drive(r, 0ns) == 0);
    while (pipe.take() > 0) {}
    CHECK(drive(r) == 1);
}

TEMPLATE_TEST_CASE("a wake ends a wait, the one that goes on or the next", "",
                   TROUPE_TEST_BACKENDS) {
    reactor        r{TestType::value};
    channel        pipe;
    counted_signal signal;
    r.wake();  // nobody waits, and nobody can
    REQUIRE(r.add(pipe.ends[0], readiness::read, signal).has_value());
    r.wake();
    r.wake();
    CHECK(drive(r) == 0);
    for (int i = 0; i < 200; ++i) {
        std::thread other{[&] { r.wake(); }};
        CHECK(drive(r) == 0);
        other.join();
    }
    CHECK(signal.calls == 0);
}

TEMPLATE_TEST_CASE("one thread drives at a time, and nobody waits for it", "",
                   TROUPE_TEST_BACKENDS) {
    reactor r{TestType::value};
    CHECK(!r.try_drive());  // there is nothing to wait for
    channel        pipe;
    counted_signal signal;
    REQUIRE(r.add(pipe.ends[0], readiness::read, signal).has_value());
    REQUIRE(r.try_drive());
    bool second = true;
    std::thread{[&] { second = r.try_drive(); }}.join();
    CHECK(!second);
    pipe.put();
    r.wait(detail::parker::forever);
    CHECK(r.has_events());
    r.leave();  // what was not dispatched is left to the next one
    CHECK(drive(r) == 1);
    CHECK(signal.calls == 1);
}

TEMPLATE_TEST_CASE("who was removed is not called, though an event of his was collected already",
                   "", TROUPE_TEST_BACKENDS) {
    reactor        r{TestType::value};
    channel        pipe;
    counted_signal old, fresh;
    auto const     a = r.add(pipe.ends[0], readiness::read, old);
    REQUIRE(a.has_value());
    pipe.put();
    REQUIRE(r.try_drive());
    r.wait(detail::parker::forever);
    REQUIRE(r.has_events());
    r.remove(*a);
    r.remove(*a);  // as often as one likes
    pipe.close();
    channel    next;  // most likely the same descriptors, and the same slot
    auto const b = r.add(next.ends[0], readiness::read, fresh);
    REQUIRE(b.has_value());
    r.want(*a, readiness::read);  // of nobody
    r.remove(*a);
    CHECK(r.dispatch() == 0);
    r.leave();
    CHECK(old.calls == 0);
    CHECK(fresh.calls == 0);
    next.put();
    CHECK(drive(r) == 1);
    CHECK(fresh.calls == 1);
    CHECK(r.size() == 1);
}

TEMPLATE_TEST_CASE("what is registered or wanted while another thread waits is seen by that wait",
                   "", TROUPE_TEST_BACKENDS) {
    reactor        r{TestType::value};
    channel        first, second;
    counted_signal signal;
    REQUIRE(r.add(first.ends[0], readiness::read, signal).has_value());
    std::thread driver{[&] {
        while (signal.calls < 2) drive(r);
    }};
    auto const  a = r.add(second.ends[0], readiness::read, signal);
    bool const  well = a.has_value() && ::write(second.ends[1], "x", 1) == 1;
    while (signal.calls < 1) std::this_thread::yield();
    static_cast<void>(second.take());
    if (a.has_value()) r.want(*a, readiness::read);
    bool const again = ::write(second.ends[1], "x", 1) == 1;
    driver.join();
    CHECK(well);
    CHECK(again);
}

TEMPLATE_TEST_CASE("more descriptors than events at a time are all told of", "",
                   TROUPE_TEST_BACKENDS) {
    reactor                                      r{TestType::value};
    std::vector<std::unique_ptr<channel>>        pipes;
    std::vector<std::unique_ptr<counted_signal>> signals;
    for (int i = 0; i < 200; ++i) {
        pipes.push_back(std::make_unique<channel>());
        signals.push_back(std::make_unique<counted_signal>());
        REQUIRE(r.add(pipes.back()->ends[0], readiness::read, *signals.back()).has_value());
        pipes.back()->put();
    }
    std::size_t told = 0;
    while (told < 200) told += drive(r);
    for (auto const& s : signals) CHECK(s->calls == 1);
}

TEMPLATE_TEST_CASE("what cannot be registered is a value", "", TROUPE_TEST_BACKENDS) {
    int const      before = troupe_test::open_descriptors();
    counted_signal signal;
    {
        reactor    r{TestType::value};
        channel    pipe;
        auto const refused = [&] {
            troupe_test::no_descriptors const none;
            return r.add(pipe.ends[0], readiness::read, signal);
        }();
        REQUIRE(!refused.has_value());
        CHECK(refused.error().code == transport_errc::no_resources);
        CHECK(refused.error().os == EMFILE);
        CHECK(refused.error().detail == "cannot be watched");
        CHECK(!r.try_drive());
        // And nothing is left of it: now it can.
        auto const b = r.add(pipe.ends[0], readiness::read, signal);
        REQUIRE(b.has_value());
        pipe.put();
        CHECK(drive(r) == 1);
        if (TestType::value == reactor::backend::best && TROUPE_HAS_EPOLL != 0) {
            auto const c = r.add(-1, readiness::read, signal);
            REQUIRE(!c.has_value());
            CHECK(c.error().code == transport_errc::misused);
            CHECK(r.size() == 1);
        }
    }
    CHECK(troupe_test::open_descriptors() == before);
}

TEMPLATE_TEST_CASE("threads register, close and wake while others drive", "",
                   TROUPE_TEST_BACKENDS) {
    reactor           r{TestType::value};
    std::atomic<bool> over{false};
    // They outlive every call that is late.
    std::vector<std::unique_ptr<counted_signal>> signals;
    for (int i = 0; i < 4; ++i) signals.push_back(std::make_unique<counted_signal>());
    std::atomic<int>         wrong{0};
    std::vector<std::thread> users;
    for (unsigned t = 0; t < 4; ++t) {
        users.emplace_back([&, t] {
            std::mt19937 random{t};
            for (int i = 0; i < 500; ++i) {
                int ends[2];
                if (::pipe(ends) != 0) {
                    ++wrong;
                    continue;
                }
                ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
                int const  before = signals[t]->calls;
                auto const a = r.add(ends[0], readiness::read, *signals[t]);
                if (!a.has_value()) ++wrong;
                if (random() % 2 == 0) {
                    if (::write(ends[1], "x", 1) != 1) ++wrong;
                    while (signals[t]->calls == before) std::this_thread::yield();
                } else if (random() % 2 == 0) {
                    r.wake();
                }
                r.remove(*a);
                ::close(ends[0]);
                ::close(ends[1]);
            }
        });
    }
    std::vector<std::thread> drivers;
    for (int i = 0; i < 2; ++i) {
        drivers.emplace_back([&] {
            while (!over) {
                if (drive(r, 1ms) == 0) std::this_thread::yield();
            }
        });
    }
    for (std::thread& t : users) t.join();
    over = true;
    r.wake();
    for (std::thread& t : drivers) t.join();
    CHECK(wrong == 0);
    CHECK(r.size() == 0);
}

}  // namespace test_reactor
