// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: name the class of the actor, as for spawn: came_from<teller>\(\)
// EXPECT: teller
#include <troupe/troupe.hpp>

struct open {};

class teller {
public:
    using protocol = troupe::protocol<void(open)>;
    void on(open) {}
};

bool misuse(troupe::failure const& why) { return why.came_from<troupe::ref<teller>>(); }
