// SPDX-License-Identifier: BSL-1.0
// EXPECT: endpoint_has_no_port_behind_the_host
#include "troupe/base/endpoint.hpp"

troupe::endpoint misuse() { return "tcp://127.0.0.1"; }
