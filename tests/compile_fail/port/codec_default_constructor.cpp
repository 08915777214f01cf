// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: give the codec a constructor without arguments
// EXPECT: needs_argument
#include "troupe/port/codec.hpp"

struct needs_argument {
    explicit needs_argument(int);
    static constexpr std::string_view name = "mine";
    template <class Value>
    void encode(Value const&, troupe::byte_writer&) const noexcept;
    template <class Value>
    troupe::result<Value, troupe::codec_error> decode(troupe::byte_reader&) const noexcept;
};

static_assert(troupe::explain_codec<needs_argument>());
