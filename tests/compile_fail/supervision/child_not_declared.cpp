// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the actor declares no child of this type
// EXPECT: bank, .*ledger
#include <troupe/troupe.hpp>

class teller {};
class ledger {};

class bank {
public:
    using children =
        troupe::children<troupe::child<teller>, troupe::child<teller, troupe::temporary>>;
};

static_assert(troupe::detail::check_child<bank, ledger>());
