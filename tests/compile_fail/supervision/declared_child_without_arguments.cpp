// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a declared child has no public constructor without arguments; add `auto arguments\(troupe::child<Child>\)
// EXPECT: bank, .*teller
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
};

int main() {
    troupe::system system;
    system.spawn<bank>();
}
