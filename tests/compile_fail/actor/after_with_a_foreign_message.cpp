// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a timer sends to the actor itself
// EXPECT: tick
// EXPECT: protocol<void ?\(deposit\)>
#include <troupe/troupe.hpp>

#include <chrono>

struct deposit {
    int cents;
};
struct tick {};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit, troupe::context<account>& self) {
        self.after(std::chrono::seconds{1}, tick{});
    }
};
