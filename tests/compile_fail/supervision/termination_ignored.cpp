// SPDX-License-Identifier: BSL-1.0
// FLAGS: -Werror=unused-result
// EXPECT: error: .*troupe: an end is waited for when it is awaited; co_await it, or call get\(\), result\(\) or start\(\)
#include <troupe/troupe.hpp>

struct job {
    int number;
};

class runner {
public:
    using protocol = troupe::protocol<void(job)>;
    void on(job) {}
};

void misuse(troupe::system& system) { system.termination(system.spawn<runner>()); }
