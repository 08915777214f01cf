// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a secret must own what it hides, and a view or a pointer does not; write
#include <string_view>

#include "troupe/base/secret.hpp"

void misuse() { troupe::secret<std::string_view> password; }
