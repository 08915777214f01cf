// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*(could not convert|no viable conversion|cannot convert).*certificate_chain.*trust_roots
#include "troupe/adapter/tls/settings.hpp"

using namespace troupe;

tls_client_settings const mixed{
    .peers = verify_peer::full(certificate_chain::file("node.pem")),
};
