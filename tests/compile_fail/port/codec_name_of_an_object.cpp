// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `static constexpr std::string_view name
// EXPECT: renamed
#include "troupe/port/codec.hpp"

struct renamed {
    static inline std::string_view name = "now so, now so";

    template <class Value>
    void encode(Value const&, troupe::byte_writer&) const noexcept;
    template <class Value>
    troupe::result<Value, troupe::codec_error> decode(troupe::byte_reader&) const noexcept;
};

static_assert(troupe::explain_codec<renamed>());
