// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*(use of deleted function|overload resolution selected deleted operator)
// EXPECT: secret
#include <sstream>
#include <string>

#include "troupe/base/secret.hpp"

void misuse(std::ostringstream& out, troupe::secret<std::string> const& password) {
    out << password;
}
