// SPDX-License-Identifier: BSL-1.0
// A plan looks at all that is declared.
// EXPECT: error: .*troupe: `max_restarts` of a strategy is 0 to 255
// EXPECT: branch.*1000
#include <troupe/troupe.hpp>

class branch {
public:
    static constexpr auto supervision = troupe::one_for_one{.max_restarts = 1000};
};

class bank {
public:
    using children = troupe::children<troupe::child<branch>>;
};

static_assert(!troupe::plan<bank>.empty());
