// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a secret must be able to overwrite its value; hold a std::string, a
#include <map>
#include <string>

#include "troupe/base/secret.hpp"

void misuse() { troupe::secret<std::map<std::string, std::string>> passwords; }
