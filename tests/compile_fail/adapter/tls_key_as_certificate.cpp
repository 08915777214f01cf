// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*(could not convert|no viable conversion|cannot convert).*private_key.*certificate_chain
#include "troupe/adapter/tls/settings.hpp"

using namespace troupe;

tls_server_settings const mixed{
    .peers = verify_peer::full(trust_roots::file("roots.pem")),
    .certificate = private_key::file("node.key"),
    .key = private_key::file("node.key"),
    .clients = client_certificate::required,
};
