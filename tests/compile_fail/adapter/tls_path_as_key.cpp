// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*(could not convert|no viable conversion|cannot convert|no matching).*
// EXPECT: private_key
#include "troupe/adapter/tls/settings.hpp"

using namespace troupe;

tls_server_settings const mixed{
    .peers = verify_peer::full(trust_roots::file("roots.pem")),
    .certificate = certificate_chain::file("node.pem"),
    .key = "node.key",
    .clients = client_certificate::required,
};
