// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: this transport cannot be made from a reactor; give it as the third argument: node.system, options, transport.
#include <troupe/troupe.hpp>

void misuse(troupe::system& system) { troupe::node<troupe::loopback_transport> node{system}; }
