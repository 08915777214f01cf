// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*client_certificate
#include "troupe/adapter/tls/settings.hpp"

using namespace troupe;

tls_server_settings const undecided{
    .peers = verify_peer::full(trust_roots::file("roots.pem")),
    .certificate = certificate_chain::file("node.pem"),
    .key = private_key::file("node.key"),
};
