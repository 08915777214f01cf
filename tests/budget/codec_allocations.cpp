// SPDX-License-Identifier: BSL-1.0
// A message is encoded without the heap, whatever is in it; decoding numbers and aggregates of them
// needs none either.

#include "support/heap_count.hpp"

#include "fuzz/wire_zoo.hpp"

#include "support/catch.hpp"

namespace test_codec_allocations {

using namespace troupe_test::wire_zoo;

template <class Value>
std::uint64_t encoding(Value const& value) {
    static std::byte     place[1 << 16];
    troupe::binary_codec codec;
    auto const           before = troupe_test::heap_calls.load();
    troupe::byte_writer  to{place};
    codec.encode(value, to);
    auto const calls = troupe_test::heap_calls.load() - before;
    CHECK(to.fits());
    return calls;
}

TEST_CASE("encoding calls the heap for nothing") {
    letter a{
        std::string(500, 'a'), packed{}, std::string(200, 'b'), {'c', std::vector<bool>(99)}, {}};
    containers b;
    b.flat.resize(100);
    b.texts = {std::string(100, 'x'), ""};
    for (int i = 0; i < 20; ++i) b.map[std::string(50, 'k') + std::to_string(i)] = 1;
    b.set = {1, 2, 3};
    unordered c;
    for (int i = 0; i < 20; ++i) c.map[std::string(50, 'k') + std::to_string(i)] = true;
    tree d{1, {{2, {{3, {}}}}, {4, {}}}};
    CHECK(encoding(a) == 0);
    CHECK(encoding(b) == 0);
    CHECK(encoding(c) == 0);
    CHECK(encoding(d) == 0);
    CHECK(encoding(std::vector<double>(1000)) == 0);
}

TEST_CASE("decoding numbers, and a message that is refused, calls the heap for nothing") {
    bytes const          b = encoded(numbers{});
    bytes const          bad(12, std::byte{0xff});
    troupe::binary_codec codec;
    auto const           before = troupe_test::heap_calls.load();
    bool const           good = troupe::decode_whole<numbers>(codec, b).has_value();
    bool const           refused = !troupe::decode_whole<letter>(codec, bad).has_value();
    auto const           calls = troupe_test::heap_calls.load() - before;
    CHECK(good);
    CHECK(refused);
    CHECK(calls == 0);
}

}  // namespace test_codec_allocations
