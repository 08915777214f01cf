// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*(could not convert|no viable conversion|cannot convert|private|calling a private constructor)
// EXPECT: test_certificates
#include "troupe/adapter/tls/settings.hpp"

using namespace troupe;

tls_client_settings const shipped{
    .peers = verify_peer::full(trust_roots::of_the_system()),
    .test = test_certificates{true},
};
