// SPDX-License-Identifier: BSL-1.0
// An account as an actor: typed sends, typed asks, and nothing registered.
// clang-format off

#include <troupe/troupe.hpp>
#include <cstdint>

struct deposit  { std::int64_t cents; };
struct withdraw { std::int64_t cents; };
struct balance  {};

class account {                                     // no base class, no macro
public:
    using protocol = troupe::protocol<void(deposit), bool(withdraw), std::int64_t(balance)>;
    void         on(deposit d)        { cents_ += d.cents; }
    bool         on(withdraw w)       { if (w.cents > cents_) return false; cents_ -= w.cents; return true; }
    std::int64_t on(balance) const    { return cents_; }
private:
    std::int64_t cents_ = 0;
};

int main() {
    troupe::system system;                          // worker count from the cgroup/CPU limit
    auto alice = system.spawn<account>();           // troupe::ref<account>: typed, trivially copyable
    alice.send(deposit{500});
    bool ok = alice.ask(withdraw{200}).get();       // typed reply; .get() outside actors, co_await inside
    // alice.send(std::string{"x"});                // does not compile; the message says what account accepts
    return ok ? 0 : 1;
}                                                   // drains, stops the tree, reports stragglers by name
