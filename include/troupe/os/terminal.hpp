// SPDX-License-Identifier: BSL-1.0
#pragma once

// Whether a stream is looked at by a person.

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "troupe/config/features.hpp"
#include "troupe/config/hints.hpp"

#include "troupe/config/abi.hpp"

#if TROUPE_HAS_POSIX
#include <unistd.h>
#endif

namespace troupe::inline TROUPE_ABI::detail {

/// A terminal that shows colours, and whose user does not mind them: NO_COLOR is not set, or empty
/// (no-color.org). Reads the environment, which nobody may change meanwhile.
TROUPE_COLD inline bool shows_colours([[maybe_unused]] std::FILE* stream) noexcept {
#if TROUPE_HAS_POSIX
    char const* const unwanted = std::getenv("NO_COLOR");
    if (unwanted != nullptr && *unwanted != '\0') return false;
    char const* const kind = std::getenv("TERM");
    if (kind == nullptr || std::string_view{kind} == "dumb") return false;
    int const descriptor = fileno(stream);
    return descriptor >= 0 && isatty(descriptor) == 1;
#else
    return false;
#endif
}

}  // namespace troupe::inline TROUPE_ABI::detail
