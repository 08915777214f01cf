// SPDX-License-Identifier: BSL-1.0
// The first program of README.md: the same text, from the first #include on.
// clang-format off

#include <troupe/troupe.hpp>
#include <cstdio>

struct deposit  { long cents; };
struct withdraw { long cents; };

class account {
public:
    using protocol = troupe::protocol<void(deposit), bool(withdraw)>;
    void on(deposit d) { cents_ += d.cents; }
    bool on(withdraw w) {
        if (w.cents > cents_) return false;
        cents_ -= w.cents;
        return true;
    }
private:
    long cents_ = 0;
};

int main() {
    troupe::system system;
    auto alice = system.spawn<account>();
    alice.send(deposit{500});
    std::printf("200: %s\n", alice.ask(withdraw{200}).get() ? "paid" : "refused");
    std::printf("400: %s\n", alice.ask(withdraw{400}).get() ? "paid" : "refused");
}
