// SPDX-License-Identifier: BSL-1.0

// All of the library that locks, so that Clang looks at it: compiled by faults.sh with faults in
// the headers, and without. Never run.

#include <troupe/testing.hpp>
#include <troupe/troupe.hpp>

namespace {

struct note {
    int value;
};

template <class Mailbox>
class keeper {
public:
    using protocol = troupe::protocol<void(note), int(long)>;
    using mailbox_type = Mailbox;
    void on(note n, troupe::context<keeper>& self) {
        timer_ = self.after(self.now() - self.now(), n);
    }
    int on(long, troupe::context<keeper>& self) { return self.cancel(timer_) ? 1 : 0; }

private:
    troupe::timer timer_;
};

template <class Scheduler>
struct manual : troupe::defaults {
    using scheduler_type = Scheduler;
    using clock_type = troupe::manual_clock;
};

template <class System>
void use(System& system) {
    using waits = keeper<troupe::bounded_mailbox<4>>;
    using forgets = keeper<troupe::bounded_mailbox<4, troupe::overflow::drop_oldest>>;
    auto const a = system.template spawn<waits>(troupe::name{"a"});
    auto const b = system.template spawn<forgets>();
    a.send(note{1});
    b.send(note{2});
    static_cast<void>(a.ask(3L).within(std::chrono::seconds{1}).result());
    static_cast<void>(system.dead_letters());
    static_cast<void>(system.books());
    system.wait_idle();
    static_cast<void>(system.stop(std::chrono::seconds{1}));
}

}  // namespace

int main() {
    troupe::system                                            threads;
    troupe::basic_system<manual<troupe::run_loop_scheduler>>  driven;
    troupe::basic_system<manual<troupe::simulated_scheduler>> simulated;
    use(threads);
    use(driven);
    use(simulated);
}
