// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*verify_peer
#include "troupe/adapter/tls/settings.hpp"

using namespace troupe;

tls_client_settings const undecided{
    .certificate = certificate_chain::file("node.pem"),
    .key = private_key::file("node.key"),
};
