// SPDX-License-Identifier: BSL-1.0
// EXPECT: endpoint_has_a_port_that_is_not_a_number_from_0_to_65535
#include "troupe/base/endpoint.hpp"

struct options {
    troupe::endpoint listen;
};
options misuse() { return {.listen = "127.0.0.1:70000"}; }
