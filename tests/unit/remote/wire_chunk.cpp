// SPDX-License-Identifier: BSL-1.0
#include "troupe/remote/wire_chunk.hpp"

#include <utility>

#include "support/nodes.hpp"

namespace test_wire_chunk {

using namespace troupe_test;
using troupe::detail::slice_queue;
using troupe::detail::wire_chunk;
using troupe::detail::wire_slice;

TEST_CASE("a chunk has the room that was asked for, of the pool or of the heap, and goes back") {
    remote_system system;
    {
        auto& home = troupe::detail::system_access::core_of(system);
        for (std::size_t const bytes : {1u, 64u, 4'000u, 32'000u, 40'000u, 1'000'000u}) {
            wire_chunk* const c = wire_chunk::take(home, bytes);
            REQUIRE(c != nullptr);
            REQUIRE(c->room() >= bytes);
            c->data()[bytes - 1] = std::byte{1};
            CHECK_FALSE(c->is_shared());
            c->hold();
            CHECK(c->is_shared());
            c->let_go();
            CHECK_FALSE(c->is_shared());
            c->let_go();
        }
    }
    CHECK(system.stop(watchdog).books.blocks == 0);
}

TEST_CASE("slices wait in their order while the queue grows and turns round, and let go") {
    remote_system system;
    {
        auto&       home = troupe::detail::system_access::core_of(system);
        wire_chunk* chunk = wire_chunk::take(home, 4'000);
        REQUIRE(chunk != nullptr);
        {
            slice_queue queue;
            std::size_t in = 0;
            std::size_t out = 0;
            for (int round = 0; round < 40; ++round) {
                for (int i = 0; i < 30; ++i, ++in) {
                    chunk->hold();
                    REQUIRE(queue.push(wire_slice{chunk, in, in + 2}));
                }
                for (int i = 0; i < 20; ++i, ++out) {
                    REQUIRE(queue[0].bytes().data() == chunk->data() + out);
                    queue.pop();
                }
            }
            CHECK(queue.size() == in - out);
            CHECK(queue.back().ends_at(chunk, in + 1));
            wire_slice taken = std::move(queue[0]);
            taken.drop_front(1);
            CHECK(taken.size() == 1);
            wire_slice other;
            other = std::move(taken);
            CHECK(other.bytes().data() == chunk->data() + out + 1);
            CHECK(chunk->is_shared());
        }
        CHECK_FALSE(chunk->is_shared());
        chunk->let_go();
    }
    CHECK(system.stop(watchdog).books.blocks == 0);
}

}  // namespace test_wire_chunk
