// SPDX-License-Identifier: BSL-1.0
// A bank whose ledger crashes on bad input and recovers: what it does with each failure, and the
// tree before and after.

#include <troupe/troupe.hpp>

#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>

using namespace std::chrono_literals;

struct bad_input : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct entry {
    std::string account;
    long        cents;
};
struct transfer {
    std::string from, to;
    long        cents;
};
struct sum {};

// Keeps the books. What it was told before a restart is gone: a real one would read its file again.
class ledger {
public:
    using protocol = troupe::protocol<void(entry), long(sum)>;

    explicit ledger(std::string file) : file_(std::move(file)) {}
    void restarting(troupe::failure const& f) {
        std::printf("  the ledger of %s is built again: %s\n", file_.c_str(),
                    std::string{f.what()}.c_str());
    }
    void on(entry const& e) {
        if (e.account.empty()) throw bad_input{"no account"};
        if (e.cents > 1'000'000) throw std::logic_error{"the books are off"};
        ++entries_;
    }
    long on(sum) const { return entries_; }

private:
    std::string file_;
    long        entries_ = 0;
};

class teller {
public:
    using protocol = troupe::protocol<bool(transfer)>;

    explicit teller(troupe::ref<ledger> books) : books_(books) {}
    bool on(transfer const& t) {
        books_.send(entry{t.from, -t.cents});  // the same reference, whichever ledger is there
        books_.send(entry{t.to, t.cents});
        return true;
    }

private:
    troupe::ref<ledger> books_;
};

class bank {
public:
    using protocol = troupe::protocol<bool(transfer), long(sum)>;
    static constexpr auto supervision = troupe::one_for_one{
        .max_restarts = 5, .within = 10s, .backoff = {.first = 10ms, .max = 1s, .jitter = 0.2}};

    void started(troupe::context<bank>& self) {
        ledger_ = self.spawn<ledger>(troupe::name{"ledger"}, "books.txt");
        teller_ = self.spawn<teller>(troupe::name{"teller"}, ledger_);
    }
    troupe::verdict on_failure(troupe::failure const& f) {
        bool const skip = f.is<bad_input>();
        std::printf("  %s failed: %s; %s\n", std::string{f.path()}.c_str(),
                    std::string{f.what()}.c_str(), skip ? "resume" : "restart");
        return skip ? troupe::verdict::resume : troupe::verdict::restart;
    }
    troupe::task<bool> on(transfer t) {
        co_return co_await teller_.ask<transfer>(t.from, t.to, t.cents);
    }
    troupe::task<long> on(sum) { co_return co_await ledger_.ask<sum>(); }

private:
    troupe::ref<ledger> ledger_;
    troupe::ref<teller> teller_;
};

struct quiet : troupe::defaults {
    using log_type = troupe::null_log;  // on_failure says it all
};

int main() {
    troupe::basic_system<quiet> system;
    auto const                  b = system.spawn<bank>(troupe::name{"bank"});
    std::fputs(system.tree().c_str(), stdout);

    std::puts("an empty account: skipped, nothing is lost");
    b.ask(transfer{"alice", "", 100}).get();
    long const kept = b.ask(sum{}).get();

    std::puts("a sum that cannot be: a fresh ledger, and what comes next is handled by it");
    b.ask(transfer{"alice", "bob", 2'000'000}).get();
    b.ask(transfer{"alice", "bob", 100}).get();
    long const after = b.ask(sum{}).get();

    std::fputs(system.tree().c_str(), stdout);
    std::printf("entries: %ld, then %ld\n", kept, after);
    return kept == 1 && after == 2 ? 0 : 1;
}
