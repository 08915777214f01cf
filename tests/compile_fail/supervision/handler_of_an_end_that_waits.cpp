// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: on\(terminated\) returns void: nobody waits for it
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
    troupe::task<> on(troupe::terminated const&) { co_return; }
};

void misuse(troupe::system& system) { system.spawn<foreman>(); }
