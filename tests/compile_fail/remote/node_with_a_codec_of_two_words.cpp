// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the `name` of a codec is 1 to 64 letters of ASCII without blanks
// EXPECT: wordy
#include <troupe/remote.hpp>
#include <troupe/troupe.hpp>

struct wordy {
    static constexpr std::string_view name = "two words";

    template <class Value>
    void encode(Value const&, troupe::byte_writer&) const noexcept;
    template <class Value>
    troupe::result<Value, troupe::codec_error> decode(troupe::byte_reader&) const noexcept;
};

void misuse(troupe::system& system) { troupe::node<troupe::tcp_transport, wordy> node{system}; }
