// SPDX-License-Identifier: BSL-1.0
#pragma once

// A codec that can do what a codec must and nothing more: code that compiles with it asks for no
// more. Its bytes are those of binary_codec.

#include "troupe/message/binary_codec.hpp"

namespace troupe::inline TROUPE_ABI {

class codec_archetype {
public:
    static constexpr std::string_view name = "archetype";

    codec_archetype() noexcept = default;
    codec_archetype(codec_archetype const&) = delete;
    codec_archetype& operator=(codec_archetype const&) = delete;
    void             operator&() const = delete;

    template <class Value>
    void encode(Value const& value, byte_writer& to) const noexcept {
        binary_codec{}.encode(value, to);
    }
    template <class Value>
    result<Value, codec_error> decode(byte_reader& from) const noexcept {
        return binary_codec{}.decode<Value>(from);
    }
};

static_assert(codec<codec_archetype>);

}  // namespace troupe::inline TROUPE_ABI
