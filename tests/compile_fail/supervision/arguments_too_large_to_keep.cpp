// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the parent supervises, and a restart builds the actor from copies of the arguments of its spawn; together they are larger than the largest block of the pool
// EXPECT: bank, account
#include <troupe/troupe.hpp>

#include <array>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    explicit account(std::array<char, 100'000> const&) {}
    void on(deposit) {}
};

class bank {
public:
    using protocol = troupe::protocol<void(deposit)>;
    static constexpr auto supervision = troupe::one_for_one{};
    void                  on(deposit, troupe::context<bank>& self) {
        self.spawn<account>(std::array<char, 100'000>{});
    }
};
