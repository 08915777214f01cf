// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `template <class Value> troupe::result<Value, troupe::codec_error> decode
// EXPECT: without_decode
#include "troupe/port/codec.hpp"

struct without_decode {
    static constexpr std::string_view name = "mine";
    template <class Value>
    void encode(Value const&, troupe::byte_writer&) const noexcept;
};

static_assert(troupe::explain_codec<without_decode>());
