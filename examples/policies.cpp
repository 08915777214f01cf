// SPDX-License-Identifier: BSL-1.0
// Policies are types: a system is composed at compile time, and the call site has the last word.
// clang-format off

#include <troupe/troupe.hpp>

struct price { int symbol; double value; };

class ticker {
public:
    using protocol     = troupe::protocol<void(price)>;
    using mailbox_type = troupe::bounded_mailbox<1024, troupe::overflow::drop_oldest>;
    explicit ticker(int depth) : depth_(depth) {}
    void on(price const& p) { last_ = p.value * depth_; }
private:
    int    depth_;
    double last_ = 0;
};

struct trading : troupe::defaults {                 // a whole system, composed
    using scheduler_type = troupe::run_loop_scheduler;
    using pool_type      = troupe::fixed_pool<8 * 1024 * 1024>;       // bytes; never touches the heap after start
    using metrics_type   = troupe::null_sink;
};

int main() {
    troupe::basic_system<trading> system;
    auto t = system.spawn<ticker, troupe::bounded_mailbox<64, troupe::overflow::drop_newest>>(10);   // strongest: the call site
    t.send(price{1, 99.5});
    system.run_until_idle();
}
