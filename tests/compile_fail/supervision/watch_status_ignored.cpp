// SPDX-License-Identifier: BSL-1.0
// FLAGS: -Werror=unused-result
// EXPECT: error: .*troupe: without memory nobody is watched; look at the status
#include <troupe/troupe.hpp>

struct job {
    int number;
};

class foreman {
public:
    using protocol = troupe::protocol<void(job)>;
    void on(job, troupe::context<foreman>& self) { self.watch(self.sender()); }
    void on(troupe::terminated const&) {}
    using envelope_type = troupe::with_sender;
};

void misuse(troupe::system& system) { system.spawn<foreman>(); }
