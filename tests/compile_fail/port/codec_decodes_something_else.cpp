// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `template <class Value> troupe::result<Value, troupe::codec_error> decode
// EXPECT: gives_a_value
#include "troupe/port/codec.hpp"

struct gives_a_value {
    static constexpr std::string_view name = "mine";
    template <class Value>
    void encode(Value const&, troupe::byte_writer&) const noexcept;
    template <class Value>
    Value decode(troupe::byte_reader&) const noexcept;
};

static_assert(troupe::explain_codec<gives_a_value>());
