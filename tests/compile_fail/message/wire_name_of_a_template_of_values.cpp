// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: compilers spell the name of this type differently
// EXPECT: row
#include "troupe/message/fingerprint.hpp"

template <int Size>
struct row {
    int number;
};

constexpr auto schema = troupe::protocol_schema<troupe::protocol<void(row<3>)>>();
