// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: `hooks` of an actor are their deadlines
// EXPECT: bank
#include <troupe/troupe.hpp>

#include <chrono>

struct deposit {
    int cents;
};

class bank {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void                  on(deposit) {}
    static constexpr auto hooks = std::chrono::seconds{2};
};

int main() {
    troupe::system system;
    system.spawn<bank>();
}
