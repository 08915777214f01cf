// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the actor's `supervision` is not public, so that it would not supervise
// EXPECT: bank
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class bank {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit) {}

private:
    static constexpr auto supervision = troupe::one_for_one{};
};

int main() {
    troupe::system system;
    system.spawn<bank>();
}
