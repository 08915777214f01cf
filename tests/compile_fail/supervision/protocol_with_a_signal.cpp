// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: this is told by the runtime and sent by nobody
// EXPECT: terminated
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class bank {
public:
    using protocol = troupe::protocol<void(deposit), void(troupe::terminated)>;
    void on(deposit) {}
    void on(troupe::terminated const&) {}
};

int main() {
    troupe::system system;
    system.spawn<bank>();
}
