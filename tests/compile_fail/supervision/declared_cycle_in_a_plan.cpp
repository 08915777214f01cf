// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the declared children come back to an actor above them
// EXPECT: bank, .*bank
#include <troupe/troupe.hpp>

class bank {
public:
    using children = troupe::children<troupe::child<bank>>;
};

static_assert(!troupe::plan<bank>.empty());
