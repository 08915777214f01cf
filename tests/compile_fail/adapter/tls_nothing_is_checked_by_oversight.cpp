// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*(converting to .*insecure_accept_anybody.* from initializer list would use explicit constructor|chosen constructor is explicit in copy-initialization)
#include "troupe/adapter/tls/settings.hpp"

using namespace troupe;

tls_client_settings const careless{
    .peers = verify_peer::nothing({}),
};
