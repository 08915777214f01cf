// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*(text|not a constant expression)
#include "troupe/base/endpoint.hpp"

troupe::endpoint misuse(char const (&text)[16]) { return text; }
