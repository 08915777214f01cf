// SPDX-License-Identifier: BSL-1.0
// Watches, links, hooks, hand-back. Becomes the snippets of docs/guides/failure.md.

#include "interface.hpp"

#include <vector>

using namespace std::chrono_literals;

struct job {
    int number;
};
struct flush {};
struct done {
    int number;
};

class store {
public:
    using protocol = troupe::protocol<bool(flush)>;
    bool on(flush) { return true; }
};

class runner {
public:
    using protocol = troupe::protocol<void(job)>;
    static constexpr auto hooks = troupe::hook_deadlines{.stopping = 2s};

    explicit runner(troupe::ref<store> to) : to_(to) {}
    void on(job const&, troupe::context<runner>& self) {
        if (self.attempt() > 2) self.fail("gives up");
    }
    void started(troupe::context<runner>& self) { static_cast<void>(self.link(to_)); }
    // The mailbox is closed; children still live. Cut after 2 s.
    troupe::task<> stopping(troupe::context<runner>&) {
        static_cast<void>(co_await to_.ask(flush{}));
    }
    void stopped() noexcept {}  // the children are gone; the destructor is next
    void hand_back(job&& left) { undone_.push_back(left.number); }  // each that was queued

private:
    troupe::ref<store> to_;
    std::vector<int>   undone_;
};

class foreman {
public:
    using protocol = troupe::protocol<void(job), void(done)>;
    void on(job const& j, troupe::context<foreman>& self) {
        auto const r = self.spawn<runner, troupe::temporary>(store_);
        if (self.watch(r) != troupe::watch_status::watching) self.fail("no memory to watch with");
        r.send(j);
    }
    void on(done const&) {}
    void on(troupe::terminated const& t, troupe::context<foreman>& self) {
        if (t.how == troupe::ended_by::failure && t.why.where() == troupe::failed_in::handler)
            ++failed_;
        self.ref().send(done{failed_});  // comes after everything the runner had sent here
    }
    troupe::task<> on(flush, troupe::context<foreman>& self) {
        auto const end = co_await self.stop_and_wait(store_).within(1s);
        if (end.how == troupe::ended_by::unknown) self.stop();
    }

private:
    troupe::ref<store> store_;
    int                failed_ = 0;
};

int main() {
    troupe::system system;
    auto           f = system.spawn<foreman>();
    f.send(job{1});
    return system.stop_and_wait(f, 1s) ? 0 : 1;
}
