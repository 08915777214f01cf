// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: name the type `session` in the TLS provider
#include "troupe/port/tls_provider.hpp"

struct nameless {
    int client(std::string_view) noexcept;
    int server() noexcept;
};

static_assert(troupe::explain_tls_provider<nameless>());
