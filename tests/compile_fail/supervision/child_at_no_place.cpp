// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the actor declares fewer children than that; their places count from 0
// EXPECT: bank, 2(UL)?, 2
#include <troupe/troupe.hpp>

class teller {};
class ledger {};

class bank {
public:
    using children =
        troupe::children<troupe::child<teller>, troupe::child<teller, troupe::temporary>>;
};

static_assert(troupe::detail::check_child_at<bank, 2>());
