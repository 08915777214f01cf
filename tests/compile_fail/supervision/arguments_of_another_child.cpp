// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: `arguments` is for a child without policies, and the one in `children` has some
// EXPECT: bank, .*teller
#include <troupe/troupe.hpp>

#include <tuple>

struct deposit {
    int cents;
};

class teller {
public:
    using protocol = troupe::protocol<void(deposit)>;
    explicit teller(int = -1) {}
    void on(deposit) {}
};

class bank {
public:
    using protocol = troupe::protocol<>;
    using children = troupe::children<troupe::child<teller, troupe::transient>>;
    auto arguments(troupe::child<teller>) const { return std::tuple{7}; }
};

int main() {
    troupe::system system;
    system.spawn<bank>();
}
