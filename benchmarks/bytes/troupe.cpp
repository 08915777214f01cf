// SPDX-License-Identifier: BSL-1.0

// How many bytes does each thing take, and do they stay as many? See ../README.md.

#include <malloc.h>

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "../../tests/support/heap_count.hpp"
#include "../ours.hpp"

namespace {

using namespace troupe_bench;
using namespace std::chrono_literals;

/// A pool that knows what was taken out of it.
class counting_pool : public troupe::heap_pool {
public:
    static inline std::atomic<std::int64_t> bytes{0};
    static constexpr std::size_t            chains_kept = SIZE_MAX;

    void* acquire(std::size_t n) noexcept {
        bytes.fetch_add(static_cast<std::int64_t>(n), std::memory_order_relaxed);
        return heap_pool::acquire(n);
    }
    void release(void* block, std::size_t n) noexcept {
        bytes.fetch_sub(static_cast<std::int64_t>(n), std::memory_order_relaxed);
        heap_pool::release(block, n);
    }
};

struct counted : run_loop {
    using pool_type = counting_pool;
};
struct by_hand : counted {
    using clock_type = troupe::manual_clock;
};

void print(char const* what, char const* peer, double number) {
    std::printf("value bytes/%s/%s %.6g\n", what, peer, number);
}

/// What `make(n)` takes out of the pool per thing.
template <class Make>
void print_each(char const* what, std::uint64_t things, Make make) {
    // Two magazines are full before, and what is kept there is not counted: a short run first.
    make(100);
    std::int64_t const before = counting_pool::bytes;
    make(things);
    print(what, "run_loop",
          static_cast<double>(counting_pool::bytes - before) / static_cast<double>(things));
}

// ---- messages ----

template <std::size_t Bytes>
struct letter {
    std::byte text[Bytes];
};
struct sign {};

class letter_box {
public:
    using protocol =
        troupe::protocol<void(sign), void(letter<8>), void(letter<32>), void(letter<100>)>;
    using mailbox_type = unbounded;
    void on(sign) { ++seen; }
    template <std::size_t Bytes>
    void on(letter<Bytes> const&) {
        ++seen;
    }

    static inline std::uint64_t seen = 0;
};

template <class Message>
void print_queued(char const* what) {
    std::uint64_t const           things = share(100'000);
    troupe::basic_system<counted> system;
    auto                          box = system.spawn<letter_box>();
    letter_box::seen = 0;
    print_each(what, things, [&](std::uint64_t n) {
        for (std::uint64_t i = 0; i < n; ++i) box.send(Message{});
    });
    system.wait_idle();
    require_count(what, letter_box::seen, things + 100);
}

// ---- asks ----

struct question {};

class ponderer {
public:
    using protocol = troupe::protocol<int(question)>;
    explicit ponderer(std::uint64_t most) { replies_.reserve(most); }
    void on(question, troupe::reply<int> r) { replies_.push_back(std::move(r)); }
    ~ponderer() {
        for (auto& r : replies_) r(1);
    }

private:
    std::vector<troupe::reply<int>> replies_;
};

void print_pending_ask() {
    std::uint64_t const           things = share(20'000);
    troupe::basic_system<counted> system;
    auto                          to = system.spawn<ponderer>(things + 100);
    using pending = decltype(to.ask(question{}));
    std::vector<pending> asks;
    asks.reserve(things + 100);
    print_each("pending_ask", things, [&](std::uint64_t n) {
        for (std::uint64_t i = 0; i < n; ++i) {
            asks.push_back(to.ask(question{}));
            asks.back().start();
            system.run_until_idle();  // the question is handled: what is left waits for its answer
        }
    });
    system.stop(to);
    system.run_until_idle();
    std::uint64_t answered = 0;
    for (auto& a : asks) answered += static_cast<std::uint64_t>(a.get());
    require_count("pending asks", answered, things + 100);
}

// ---- timers ----

struct arm {
    std::uint64_t timers;
};
struct ring {};

class alarm_clock {
public:
    using protocol = troupe::protocol<void(arm), void(ring)>;
    void on(arm a, troupe::context<alarm_clock>& self) {
        for (std::uint64_t i = 0; i < a.timers; ++i) self.after(1h, ring{});
    }
    void on(ring) {}
};

void print_timer() {
    std::uint64_t const           things = share(20'000);
    troupe::basic_system<counted> system;
    auto                          to = system.spawn<alarm_clock>();
    print_each("timer", things, [&](std::uint64_t n) {
        to.send(arm{n});
        system.run_until_idle();
    });
    require_count("timers", system.books().timers, things + 100);
}

// ---- actors and systems ----

double heap_bytes() {
    auto const all = mallinfo2();
    return static_cast<double>(all.uordblks + all.hblkhd);
}

template <class Config>
void print_system(char const* peer, unsigned workers) {
    { troupe::basic_system<Config> warm{with_workers<Config>(workers)}; }
    double const before = heap_bytes();
    auto const   system =
        std::make_unique<troupe::basic_system<Config>>(with_workers<Config>(workers));
    print("system", peer, heap_bytes() - before);
}

// ---- an hour ----

struct tick {};
struct word {
    std::uint64_t length;
};

class child {
public:
    using protocol = troupe::protocol<void(tick)>;
    void on(tick, troupe::context<child>& self) { self.stop(); }
};

class answerer {
public:
    using protocol = troupe::protocol<std::uint64_t(word)>;
    std::uint64_t on(word w) { return w.length; }
};

/// At each tick it asks, lets an ask expire, and bears a child that lives for one message.
class busy {
public:
    using protocol = troupe::protocol<void(tick)>;
    busy(troupe::ref<answerer> to, std::uint64_t& seen, troupe::duration rhythm)
        : to_(to), seen_(seen), rhythm_(rhythm) {}
    void               started(troupe::context<busy>& self) { self.every(rhythm_, tick{}); }
    troupe::task<void> on(tick, troupe::context<busy>& self) {
        seen_ += co_await to_.ask<word>(1u).within(1s);
        self.spawn<child>().send(tick{});
    }

private:
    troupe::ref<answerer> to_;
    std::uint64_t&        seen_;
    troupe::duration      rhythm_;
};

void print_hour() {
    constexpr auto           step = 10ms;
    std::uint64_t const      steps = share(360'000, 6'000 * 2);
    std::uint64_t            seen = 0;
    troupe::manual_clock     clock;
    troupe::options<by_hand> given;
    given.clock = &clock;
    troupe::basic_system<by_hand> system{given};
    auto const                    to = system.spawn<answerer>();
    for (int i = 1; i <= 10; ++i) system.spawn<busy>(to, seen, i * step);
    std::int64_t  pool_before = 0;
    std::uint64_t calls_before = 0, blocks_before = 0;
    for (std::uint64_t i = 0; i < steps; ++i) {
        if (i == 6'000) {  // a minute: everything is warm
            pool_before = counting_pool::bytes;
            blocks_before = system.books().blocks;
            calls_before = troupe_test::heap_calls.load();
        }
        clock.advance(step);
        system.run_until_idle();
    }
    std::uint64_t expected = 0;
    for (std::uint64_t i = 1; i <= 10; ++i) expected += steps / i;
    require_count("an hour: asks that were answered", seen, expected);
    print("growth_in_an_hour", "run_loop",
          static_cast<double>(counting_pool::bytes - pool_before) +
              static_cast<double>(system.books().blocks) - static_cast<double>(blocks_before));
    print("heap_calls_in_an_hour", "run_loop",
          static_cast<double>(troupe_test::heap_calls.load() - calls_before));
}

}  // namespace

int main() {
    print("idle_actor", "constant", static_cast<double>(troupe::detail::small_actor_bytes));
    print_queued<sign>("queued_empty_message");
    print_queued<letter<8>>("queued_8_bytes");
    print_queued<letter<32>>("queued_32_bytes");
    print_queued<letter<100>>("queued_100_bytes");
    print_pending_ask();
    print_timer();
    with_every_scheduler([]<class Config>(char const* peer, unsigned workers) {
        print_system<Config>(peer, workers);
    });
    print_hour();
}
