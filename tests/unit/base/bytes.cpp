// SPDX-License-Identifier: BSL-1.0
#include "troupe/base/bytes.hpp"

#include "support/catch.hpp"

namespace test_bytes {

using troupe::byte_reader;
using troupe::byte_writer;

TEST_CASE("a writer fills its place and counts what does not fit") {
    std::byte   place[4] = {};
    byte_writer to{std::span{place}.first(3)};
    to.put("ab", 2);
    CHECK(to.fits());
    CHECK(to.written().size() == 2);
    to.put("cd", 2);
    CHECK_FALSE(to.fits());
    CHECK(to.needed() == 4);
    CHECK(to.written().empty());
    to.put(std::byte{'e'});
    CHECK(to.needed() == 5);
    CHECK(place[0] == std::byte{'a'});
    CHECK(place[3] == std::byte{0});
}

TEST_CASE("a writer without a place counts") {
    byte_writer to{{}};
    CHECK(to.fits());
    to.put(nullptr, 0);
    CHECK(to.fits());
    to.put("abc", 3);
    CHECK(to.needed() == 3);
    CHECK_FALSE(to.fits());
}

TEST_CASE("a reader takes what is there and nothing when there is less") {
    std::byte const bytes[] = {std::byte{1}, std::byte{2}, std::byte{3}};
    byte_reader     from{bytes};
    std::byte       two[2] = {};
    CHECK(from.take(two, 2));
    CHECK(two[1] == std::byte{2});
    CHECK(from.at() == 2);
    CHECK_FALSE(from.take(two, 2));
    CHECK(from.at() == 2);
    CHECK(from.view(2).empty());
    CHECK(from.left() == 1);
    auto const last = from.view(1);
    CHECK(last.data() == bytes + 2);
    CHECK(from.rest().empty());
    CHECK(from.take(two, 0));
}

}  // namespace test_bytes
