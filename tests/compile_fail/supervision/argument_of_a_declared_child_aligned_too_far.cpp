// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the parent supervises, .*or aligned to more than 16 bytes
// EXPECT: bank, account
#include <troupe/troupe.hpp>

#include <tuple>

struct alignas(64) line {
    char bytes[64];
};
struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    explicit account(line) {}
    void on(deposit) {}
};

class bank {
public:
    using protocol = troupe::protocol<>;
    using children = troupe::children<troupe::child<account>>;
    auto arguments(troupe::child<account>) const { return std::tuple{line{}}; }
};

int main() {
    troupe::system system;
    system.spawn<bank>();
}
