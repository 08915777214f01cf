// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: `arguments` gives the arguments of a declared child as a tuple
// EXPECT: int
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class teller {
public:
    using protocol = troupe::protocol<void(deposit)>;
    explicit teller(int) {}
    void on(deposit) {}
};

class bank {
public:
    using protocol = troupe::protocol<>;
    using children = troupe::children<troupe::child<teller>>;
    int arguments(troupe::child<teller>) const { return 1; }
};

int main() {
    troupe::system system;
    system.spawn<bank>();
}
