// SPDX-License-Identifier: BSL-1.0
// Becomes examples/supervision.cpp: a ledger that crashes on bad input and recovers.

#include "interface.hpp"

#include <cstdio>
#include <stdexcept>

using namespace std::chrono_literals;

struct bad_input : std::runtime_error {
    using std::runtime_error::runtime_error;
};
struct transfer {
    int  from, to;
    long cents;
};
struct book {
    int  account;
    long cents;
};

class ledger {
public:
    using protocol = troupe::protocol<void(book)>;
    explicit ledger(std::string file) : file_(std::move(file)) {}
    void on(book const& b) {
        if (b.account < 0) throw bad_input{"no such account"};              // skipped: resume
        if (b.cents > 1'000'000) throw std::logic_error{"the sum is off"};  // restart
    }
    void restarting(troupe::failure const& f) { std::printf("again: %.40s\n", f.what().data()); }

private:
    std::string file_;
};

class teller {
public:
    using protocol = troupe::protocol<bool(transfer)>;
    explicit teller(troupe::ref<ledger> books) : books_(books) {}
    bool on(transfer const& t) {
        books_.send(
            book{t.from, -t.cents});  // the reference stays good when the ledger is restarted
        books_.send(book{t.to, t.cents});
        return true;
    }

private:
    troupe::ref<ledger> books_;
};

// As in the design: children begun by hand.
class bank {
public:
    using protocol = troupe::protocol<bool(transfer)>;
    static constexpr auto supervision = troupe::one_for_one{
        .max_restarts = 5, .within = 10s, .backoff = {.first = 100ms, .max = 10s, .jitter = 0.2}};
    troupe::verdict on_failure(troupe::failure const& f) {
        return f.is<bad_input>() ? troupe::verdict::resume : troupe::verdict::restart;
    }
    void started(troupe::context<bank>& self) {
        ledger_ = self.spawn<ledger>("books.txt");
        teller_ = self.spawn<teller>(ledger_);
    }
    bool on(transfer const& t) {
        teller_.send(t);
        return true;
    }

private:
    troupe::ref<ledger> ledger_;
    troupe::ref<teller> teller_;
};

// The same tree, declared. Who needs arguments gets them from `arguments`; it may use those before it.
class declared_bank {
public:
    using protocol = troupe::protocol<bool(transfer)>;
    using children =
        troupe::children<troupe::child<ledger>, troupe::child<teller, troupe::transient>>;
    static constexpr auto supervision = troupe::rest_for_one{.budget = troupe::counted::per_group};

    auto arguments(troupe::child<ledger>) const { return std::tuple{std::string{"books.txt"}}; }
    auto arguments(troupe::child<teller, troupe::transient>,
                   troupe::context<declared_bank> const& self) const {
        return std::tuple{self.child<ledger>()};
    }
    bool on(transfer const& t, troupe::context<declared_bank>& self) {
        self.child<teller>().send(t);
        return true;
    }
};
static_assert(!troupe::plan<declared_bank>.empty());

// A group of one's own: whoever is restarted takes the tellers with it, and never the ledger.
class branch {
public:
    using protocol = troupe::protocol<>;
    static constexpr auto supervision =
        troupe::chosen{.affects = [](troupe::failure const&,
                                     troupe::child_info const& c) { return c.is<teller>(); },
                       .max_restarts = troupe::unlimited,
                       .mailbox = troupe::mail::drop};
};

int main() {
    troupe::system system;
    auto           b = system.spawn<bank>();
    std::fputs(system.tree().c_str(), stdout);
    b.send(transfer{1, -2, 100});       // resumed
    b.send(transfer{1, 2, 2'000'000});  // restarted
    system.wait_idle();
    std::fputs(system.tree().c_str(), stdout);
}
