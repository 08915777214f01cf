// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*(use of deleted function|call to deleted member function)
// EXPECT: reveal
#include <string>

#include "troupe/base/secret.hpp"

troupe::secret<std::string> from_somewhere();

std::string const& misuse() { return from_somewhere().reveal(); }
