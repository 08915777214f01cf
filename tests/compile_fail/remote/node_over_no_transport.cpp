// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: name the types `connection` and `listener` in the transport
// EXPECT: pigeons
#include <troupe/remote.hpp>
#include <troupe/troupe.hpp>

struct pigeons {
    static constexpr std::string_view scheme = "pigeon";
};

void misuse(troupe::system& system) { troupe::node<pigeons> node{system, {}, pigeons{}}; }
