// SPDX-License-Identifier: BSL-1.0
#pragma once

// For tests alone: the one way to talk with certificates that `tools/certs` has made. A program
// that includes this is a test; keep the name of this header out of everything that is shipped.

#include "troupe/adapter/tls/settings.hpp"

namespace troupe::inline TROUPE_ABI {

/// `.test = troupe::accept_test_certificates{}` in the settings of a TLS provider.
struct accept_test_certificates {
    constexpr operator test_certificates() const noexcept {  // NOLINT: implicit, it is a setting
        return test_certificates{true};
    }
};

}  // namespace troupe::inline TROUPE_ABI
