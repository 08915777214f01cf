// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the parent supervises, and a restart builds the actor from copies of the arguments of its spawn; the constructor does not take copies
// EXPECT: account
#include <troupe/troupe.hpp>

#include <vector>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    explicit account(std::vector<int>&) {}
    void on(deposit) {}
};

class bank {
public:
    using protocol = troupe::protocol<void(deposit)>;
    static constexpr auto supervision = troupe::one_for_one{};
    void                  on(deposit, troupe::context<bank>& self) {
        std::vector<int> all;
        self.spawn<account>(all);
    }
};
