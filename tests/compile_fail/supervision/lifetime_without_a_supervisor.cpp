// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: nobody supervises what is spawned here
// EXPECT: permanent
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class bank {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit) {}
};

int main() {
    troupe::system system;
    system.spawn<bank, troupe::permanent>();
}
