// SPDX-License-Identifier: BSL-1.0
// FLAGS: -fno-exceptions
// EXPECT: error: .*troupe: spawn\(\) throws .*use try_spawn\(\)
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit, troupe::context<account>& self) { child_ = self.spawn<account>(); }

private:
    troupe::ref<account> child_;
};

void misuse(troupe::system& system) { static_cast<void>(system.try_spawn<account>()); }
