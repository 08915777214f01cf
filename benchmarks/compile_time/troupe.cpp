// SPDX-License-Identifier: BSL-1.0
#include <troupe/troupe.hpp>
#include <cstdio>

struct add {
    int a, b;
};

class adder {
public:
    using protocol = troupe::protocol<int(add)>;
    int on(add m) { return m.a + m.b; }
};

int main() {
    troupe::system system;
    std::printf("%d\n", system.spawn<adder>().ask<add>(1, 2).get());
}
