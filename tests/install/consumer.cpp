// SPDX-License-Identifier: BSL-1.0

// The whole program of a user who has only just got the headers.

#include <troupe/troupe.hpp>

#include <cstdio>

struct hello {
    int times;
};

class greeter {
public:
    using protocol = troupe::protocol<int(hello)>;
    int on(hello h) { return seen_ += h.times; }

private:
    int seen_ = 0;
};

int main() {
    troupe::system system;
    auto           greeter_ref = system.spawn<greeter>();
    greeter_ref.send(hello{2});
    int const seen = greeter_ref.ask(hello{3}).get();
    std::printf("troupe %s: %d\n", troupe::version, seen);
    return seen == 5 ? 0 : 1;
}
