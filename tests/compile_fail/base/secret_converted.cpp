// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: (could not convert|no viable conversion from) .*secret<.*>.* to
#include <string>

#include "troupe/base/secret.hpp"

std::string misuse(troupe::secret<std::string> const& password) { return password; }
