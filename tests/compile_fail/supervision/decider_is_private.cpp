// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the actor's `on_failure` is not public, so that it would never be asked
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
    troupe::verdict on_failure(troupe::failure const&) { return troupe::verdict::stop; }
};

int main() {
    troupe::system system;
    system.spawn<bank>();
}
