// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `template <class Value> void encode\(Value const&, troupe::byte_writer&\) const noexcept`
// EXPECT: without_encode
#include "troupe/port/codec.hpp"

struct without_encode {
    static constexpr std::string_view name = "mine";
    template <class Value>
    troupe::result<Value, troupe::codec_error> decode(troupe::byte_reader&) const noexcept;
};

static_assert(troupe::explain_codec<without_encode>());
