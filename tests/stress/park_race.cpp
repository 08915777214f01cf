// SPDX-License-Identifier: BSL-1.0
// P01: one consumer, four producers that pause for a random while before each send, so that the
// consumer goes idle between messages. Every message is handled; nothing ever needs a poll: the
// wait for idleness at the end would not return. P03: order per producer, count and sum exact.

#include "support/systems.hpp"

#include <cstdint>
#include <random>
#include <vector>

namespace test_park_race {

using namespace troupe_test;

struct item {
    unsigned      producer;
    std::uint64_t number;
};
struct result {
    std::uint64_t count;
    std::uint64_t sum;
    bool          in_order;
};
struct seen {};

template <class Mailbox>
class consumer {
public:
    using protocol = troupe::protocol<void(item), result(seen)>;
    using mailbox_type = Mailbox;
    void on(item i) {
        if (i.producer >= next_.size()) next_.resize(i.producer + 1);
        in_order_ = in_order_ && i.number >= next_[i.producer];
        next_[i.producer] = i.number + 1;
        ++count_;
        sum_ += i.number;
    }
    result on(seen) const { return {count_, sum_, in_order_}; }

private:
    std::vector<std::uint64_t> next_;
    std::uint64_t              count_ = 0;
    std::uint64_t              sum_ = 0;
    bool                       in_order_ = true;
};

// Not a sleep: a few to a few thousand instructions, so that the send meets the consumer anywhere.
void pause(std::mt19937& random) {
    auto const turns = random() % 3 == 0 ? random() % 2000 : random() % 50;
    for (unsigned long volatile i = 0; i < turns;) i = i + 1;
}

TEMPLATE_TEST_CASE("no wakeup is lost however a send meets a consumer that goes idle", "",
                   TROUPE_TEST_THREADED) {
    fixture<TestType>   f;
    auto const          c = f.system.template spawn<consumer<troupe::bounded_mailbox<1024>>>();
    std::uint64_t const each = scaled(25'000);
    f.on_threads(4, [&](unsigned i) {
        std::mt19937 random{i};
        for (std::uint64_t n = 0; n < each; ++n) {
            pause(random);
            c.template send<item>(i, n);
        }
    });
    f.settle();
    auto const r = c.ask(seen{}).get();
    CHECK(r.count == 4 * each);
    CHECK(r.sum == 4 * (each * (each - 1) / 2));
    CHECK(r.in_order);
}

// The same with the answer awaited each time: the asker sleeps, the asked goes idle, in turns.
class echo {
public:
    using protocol = troupe::protocol<std::uint64_t(item)>;
    std::uint64_t on(item i) { return i.number; }
};

TEMPLATE_TEST_CASE("askers and asked go to sleep and wake each other", "", TROUPE_TEST_THREADED) {
    fixture<TestType>   f;
    auto const          e = f.system.template spawn<echo>();
    std::uint64_t const each = scaled(3'000);
    std::atomic<int>    wrong{0};
    f.on_threads(4, [&](unsigned i) {
        std::mt19937 random{i};
        for (std::uint64_t n = 0; n < each; ++n) {
            pause(random);
            if (e.template ask<item>(i, n).get() != n) wrong.fetch_add(1);
        }
    });
    CHECK(wrong.load() == 0);
}

template <class Setup, class Mailbox>
void torture(unsigned producers) {
    fixture<Setup>      f;
    auto const          c = f.system.template spawn<consumer<Mailbox>>();
    std::uint64_t const each = scaled(100'000) / producers;
    f.on_threads(producers, [&](unsigned i) {
        for (std::uint64_t n = 0; n < each; ++n) static_cast<void>(c.template send<item>(i, n));
    });
    auto const books = f.settle();
    auto const r = c.ask(seen{}).get();
    CHECK(r.in_order);
    CHECK(r.count == books.handled);
    CHECK(r.count + books.dropped_total() == producers * each);
    if (std::is_same_v<typename Mailbox::overflow_type, troupe::overflow::block>) {
        CHECK(r.sum == producers * (each * (each - 1) / 2));
    }
}

TEMPLATE_TEST_CASE("each mailbox under one to sixty-four producers", "", troupe_test::one_worker,
                   troupe_test::four_workers) {
    namespace overflow = troupe::overflow;
    for (unsigned const producers : {1u, 2u, 8u, 64u}) {
        torture<TestType, troupe::unbounded_mailbox>(producers);
        torture<TestType, troupe::bounded_mailbox<64, overflow::block>>(producers);
        torture<TestType, troupe::bounded_mailbox<64, overflow::fail>>(producers);
        torture<TestType, troupe::bounded_mailbox<64, overflow::drop_newest>>(producers);
        torture<TestType, troupe::bounded_mailbox<64, overflow::drop_oldest>>(producers);
    }
}

}  // namespace test_park_race
