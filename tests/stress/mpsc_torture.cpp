// SPDX-License-Identifier: BSL-1.0
// P03: each mailbox kernel under 1, 2, 8 and 16 producers that run the actor themselves whenever a
// push gives them the run right. Order per producer, count and sum are exact. TROUPE_SOAK=1
// multiplies the counts by 100; another number multiplies by it.

#include "troupe/mailbox/lock_free_kernel.hpp"
#include "troupe/mailbox/locked_kernel.hpp"

#include "support/catch.hpp"
#include "support/soak.hpp"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace mpsc_torture {

using namespace troupe::detail;

struct alignas(16) letter : node {
    std::uint32_t from = 0;
    std::uint32_t number = 0;
};

struct totals {
    std::uint64_t count = 0;
    std::uint64_t sum = 0;
    std::uint64_t out_of_order = 0;
    std::uint64_t turns = 0;
};

/// The owner's side is plain: ThreadSanitizer sees a second owner.
template <class Kernel>
class torture {
public:
    torture(unsigned producers, std::uint32_t messages, std::uint32_t capacity, at_capacity rule)
        : messages_(messages),
          capacity_(capacity),
          rule_(rule),
          last_(producers, 0),
          letters_(std::make_unique<letter[]>(std::size_t{producers} * messages)) {
        Kernel::open(box_, true);
    }

    totals run() {
        std::vector<std::thread> all;
        for (std::uint32_t p = 0; p < last_.size(); ++p) {
            all.emplace_back([this, p] { produce(p); });
        }
        for (auto& thread : all) thread.join();
        return seen_;
    }
    std::uint64_t refused() const { return refused_.load(); }
    std::uint64_t replaced() const { return replaced_.load(); }
    bool          at_rest() { return Kernel::depth(box_) == 0 && Kernel::claim(box_); }

private:
    void produce(std::uint32_t p) {
        for (std::uint32_t i = 1; i <= messages_; ++i) {
            letter& l = letters_[std::size_t{p} * messages_ + i - 1];
            l.from = p;
            l.number = i;
            l.target = 1;
            push_result const r = Kernel::push(box_, l, capacity_, rule_, incarnation_);
            if (r.victim != nullptr) ++replaced_;
            if (r.outcome == push_outcome::full) ++refused_;
            if (r.outcome == push_outcome::started) own();
            // The owner is preempted in the middle of a turn, a sender between two of its steps.
            if (i % 64 == 0) std::this_thread::yield();
        }
    }
    void own() {
        ++seen_.turns;
        for (;;) {
            auto* const l = static_cast<letter*>(Kernel::front(box_, head_));
            if (l == nullptr) {
                unfolded_ = 0;
                if (Kernel::try_idle(box_)) return;
                continue;
            }
            if (++unfolded_ >= 8) Kernel::fold(box_, unfolded_);
            if (l->number <= last_[l->from]) ++seen_.out_of_order;
            last_[l->from] = l->number;
            ++seen_.count;
            seen_.sum += l->number;
            if (Kernel::retire(box_, head_, unfolded_, true)) return;
        }
    }

    inbox                      box_;
    atomic<std::uint64_t>      incarnation_{1};
    std::uint32_t const        messages_;
    std::uint32_t const        capacity_;
    at_capacity const          rule_;
    std::atomic<std::uint64_t> refused_{0};
    std::atomic<std::uint64_t> replaced_{0};

    // the owner
    node*                      head_ = nullptr;
    std::uint32_t              unfolded_ = 0;
    std::vector<std::uint32_t> last_;
    totals                     seen_;

    std::unique_ptr<letter[]> letters_;
};

constexpr unsigned producer_counts[] = {1, 2, 8, 16};

std::uint32_t messages_each(unsigned producers) { return 96'000 / producers; }

template <class Kernel>
void check_all_arrive() {
    for (std::uint64_t i = 0; i < 4 * troupe_test::scaled(3); ++i) {
        unsigned const      producers = producer_counts[i % 4];
        std::uint32_t const each = messages_each(producers);
        torture<Kernel>     t{producers, each, 0xffff'ffff, at_capacity::admit};
        totals const        seen = t.run();
        CAPTURE(producers);
        CHECK(seen.count == std::uint64_t{producers} * each);
        CHECK(seen.sum == std::uint64_t{producers} * each * (each + 1) / 2);
        CHECK(seen.out_of_order == 0);
        CHECK(t.at_rest());
    }
}

template <class Kernel>
void check_bounded(at_capacity rule) {
    for (std::uint64_t i = 0; i < 4 * troupe_test::scaled(3); ++i) {
        unsigned const producers = producer_counts[i % 4];
        for (std::uint32_t const capacity : {1u, 2u, 16u}) {
            std::uint32_t const each = messages_each(producers) / 4;
            torture<Kernel>     t{producers, each, capacity, rule};
            totals const        seen = t.run();
            CAPTURE(producers, capacity);
            CHECK(seen.count + t.refused() + t.replaced() == std::uint64_t{producers} * each);
            CHECK(seen.out_of_order == 0);
            CHECK(t.at_rest());
        }
    }
}

TEST_CASE("lock-free kernel: every message arrives once and in order") {
    check_all_arrive<lock_free_kernel>();
}
TEST_CASE("lock-free kernel: what does not arrive was refused") {
    check_bounded<lock_free_kernel>(at_capacity::refuse);
}
TEST_CASE("locked kernel: every message arrives once and in order") {
    check_all_arrive<locked_kernel>();
}
TEST_CASE("locked kernel: what does not arrive was refused") {
    check_bounded<locked_kernel>(at_capacity::refuse);
}
TEST_CASE("locked kernel: what does not arrive was pushed out") {
    check_bounded<locked_kernel>(at_capacity::replace_oldest);
}

}  // namespace mpsc_torture
