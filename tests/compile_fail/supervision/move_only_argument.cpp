// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the parent supervises, and a restart builds the actor from copies of the arguments of its spawn; one of them cannot be copied
// EXPECT: unique_ptr
#include <troupe/troupe.hpp>

#include <memory>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    explicit account(std::unique_ptr<int>) {}
    void on(deposit) {}
};

class bank {
public:
    using protocol = troupe::protocol<void(deposit)>;
    static constexpr auto supervision = troupe::one_for_one{};
    void on(deposit, troupe::context<bank>& self) { self.spawn<account>(std::make_unique<int>(1)); }
};
