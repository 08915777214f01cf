// SPDX-License-Identifier: BSL-1.0

// Policies of one's own: where memory comes from, in which order actors have their turns, how much
// waits for an actor. Each is a type; what it must keep stands in docs/reference/, and the suites
// of troupe/testing.hpp say whether it does.

#include <troupe/testing.hpp>
#include <troupe/troupe.hpp>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <utility>
#include <vector>

// ---- a pool that counts its bytes, and has a limit

/// The heap, up to `Bytes`. The system makes the pool, so what it counts lies outside.
template <std::size_t Bytes>
class counting_pool {
public:
    static constexpr std::size_t chains_kept = 4;  // of each size; the rest comes back to us

    void* acquire(std::size_t bytes) noexcept {
        if (in_use + bytes > Bytes) return nullptr;  // the message or the actor is refused
        void* const block = ::operator new(bytes, std::align_val_t{16}, std::nothrow);
        if (block == nullptr) return nullptr;
        in_use += bytes;
        if (in_use > highest) highest.store(in_use);
        return block;
    }
    void release(void* block, std::size_t bytes) noexcept {
        in_use -= bytes;
        ::operator delete(block, std::align_val_t{16});
    }

    static inline std::atomic<std::size_t> in_use{0};  // others may read it
    static inline std::atomic<std::size_t> highest{0};
};
static_assert(troupe::pool<counting_pool<1 << 20>>);

// ---- an order of turns by the dice, for finding what depends on an order; the seed repeats it

template <unsigned Seed>
class shuffled_order {
public:
    static constexpr unsigned turn_messages = 1;

    explicit shuffled_order(unsigned workers) : workers_(workers) {}

    void              push(int, troupe::runnable& r) noexcept { ready_.push_back(&r); }
    troupe::runnable* pop(unsigned& worker) noexcept {
        worker = static_cast<unsigned>(roll()) % workers_;
        if (ready_.empty()) return nullptr;
        std::swap(ready_[roll() % ready_.size()], ready_.back());
        troupe::runnable* const chosen = ready_.back();
        ready_.pop_back();
        return chosen;
    }

private:
    std::size_t roll() noexcept { return (dice_ = dice_ * 1103515245u + 12345u) >> 16; }

    std::vector<troupe::runnable*> ready_;
    unsigned const                 workers_;
    std::uint32_t                  dice_ = Seed;
};

// ---- an order that writes down what another one does

struct trace {
    long ready = 0;  // how often something was made ready
    long turns = 0;
    long most = 0;  // that waited at once

    static trace& of_all() {
        static trace all;
        return all;
    }
};

template <class Order>
class traced : public Order {
public:
    using Order::Order;

    void push(int worker, troupe::runnable& r) noexcept {
        trace& t = trace::of_all();
        ++t.ready;
        if (t.ready - t.turns > t.most) t.most = t.ready - t.turns;
        Order::push(worker, r);
    }
    troupe::runnable* pop(unsigned& worker) noexcept {
        troupe::runnable* const next = Order::pop(worker);
        trace::of_all().turns += next != nullptr;
        return next;
    }
};
template <unsigned Seed>
using shuffled_scheduler = troupe::driven_scheduler<traced<shuffled_order<Seed>>, 4>;
static_assert(troupe::scheduler<shuffled_scheduler<1>>);

// ---- a mailbox that lets its senders go on only when it is nearly empty

struct patient_mailbox {
    static constexpr std::uint32_t capacity = 100;
    static constexpr std::uint32_t low_water = 5;
    using overflow_type = troupe::overflow::block;
};
static_assert(troupe::mailbox<patient_mailbox>);

// ---- and a system that is made of them

struct note {
    int value;
};

class adder {
public:
    using protocol = troupe::protocol<void(note)>;
    using mailbox_type = patient_mailbox;
    explicit adder(std::vector<int>& seen) : seen_(seen) {}
    void on(note n) { seen_.push_back(n.value); }

private:
    std::vector<int>& seen_;
};

template <unsigned Seed>
struct config : troupe::defaults {
    using pool_type = counting_pool<1 << 20>;
    using scheduler_type = shuffled_scheduler<Seed>;
};

/// Ten actors are sent one message each: the order in which they are handled.
template <unsigned Seed>
std::vector<int> order_of_ten() {
    std::vector<int>                   seen;
    troupe::basic_system<config<Seed>> system;
    for (int i = 0; i < 10; ++i) system.template spawn<adder>(seen).send(note{i});
    system.run_until_idle();
    return seen;
}

void tell(bool holds, char const* what) {
    std::printf("%s %s\n", holds ? "yes" : "NO ", what);
    if (!holds) std::exit(1);
}
void tell(troupe::conformance_report const& report, char const* what) {
    std::printf("%s", report.text().c_str());
    tell(static_cast<bool>(report), what);
}

int main() {
    tell(order_of_ten<1>().size() == 10, "every actor has its turn");
    tell(order_of_ten<1>() == order_of_ten<1>(), "the same seed gives the same order");
    tell(order_of_ten<1>() != order_of_ten<2>(), "another seed gives another");

    trace const& t = trace::of_all();
    std::printf("    %ld times ready, %ld turns, at most %ld waited\n", t.ready, t.turns, t.most);
    tell(t.turns == t.ready && t.most >= 10, "all that was ready had a turn");

    using pool = counting_pool<1 << 20>;
    std::printf("    at most %zu bytes\n", pool::highest.load());
    tell(pool::highest != 0 && pool::in_use == 0, "every byte came back");

    tell(troupe::check_pool<pool>(), "counting_pool is a pool");
    tell(troupe::check_scheduler<shuffled_scheduler<7>>(), "shuffled_scheduler is a scheduler");
    tell(troupe::check_mailbox<patient_mailbox>(), "patient_mailbox is a mailbox");
}
