// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: (conversion from|no viable conversion from|could not convert) .*to .*secret<
#include <string>

#include "troupe/base/secret.hpp"

void log_in(troupe::secret<std::string> const&);

void misuse(std::string const& text) {
    troupe::secret<std::string> password = text;
    log_in(password);
}
