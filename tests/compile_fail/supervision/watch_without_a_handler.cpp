// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: who watches is told by a signal; add a public `void on\(troupe::terminated const&\)`
// EXPECT: foreman
#include <troupe/troupe.hpp>

struct job {
    int number;
};

class runner {
public:
    using protocol = troupe::protocol<void(job)>;
    void on(job) {}
};

class foreman {
public:
    using protocol = troupe::protocol<void(job)>;
    void on(job, troupe::context<foreman>& self) {
        static_cast<void>(self.watch(self.spawn<runner>()));
    }
};

void misuse(troupe::system& system) { system.spawn<foreman>(); }
