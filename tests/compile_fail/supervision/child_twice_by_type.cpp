// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the actor declares several children of this type; name one by its place
// EXPECT: bank, .*teller
#include <troupe/troupe.hpp>

class teller {};
class ledger {};

class bank {
public:
    using children =
        troupe::children<troupe::child<teller>, troupe::child<teller, troupe::temporary>>;
};

static_assert(troupe::detail::check_child<bank, teller>());
