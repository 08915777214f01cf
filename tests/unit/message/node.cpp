// SPDX-License-Identifier: BSL-1.0
#include "troupe/message/node.hpp"

#include "support/catch.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace test_node {

using namespace troupe::detail;

struct empty {};
struct small {
    int value;
};
struct aligned {
    alignas(16) std::byte bytes[16];
};
struct with_text {
    std::string text;
};

TEST_CASE("the header of a message is 32 bytes and the message stands behind it") {
    STATIC_REQUIRE(sizeof(node) == 32);
    alignas(16) std::byte memory[64];
    auto* const           n = new (memory) node;
    CHECK(n->message() == memory + 32);
    new (n->message()) small{7};
    CHECK(n->message_as<small>().value == 7);
    CHECK(n->next.load(memory_order_relaxed) == nullptr);
    CHECK(n->reply == nullptr);
}

TEST_CASE("what is known of a message type: its name, its block, how it ends") {
    CHECK(info_of<small>.name == "test_node::small");
    CHECK(info_of<small>.id == troupe::detail::type_hash<small>);
    CHECK(info_of<small>.id != info_of<empty>.id);
    CHECK(block_sizes[info_of<small>.size_class] == 48);
    CHECK(block_sizes[info_of<aligned>.size_class] == 48);
    CHECK(info_of<small>.destroy == nullptr);
    CHECK(info_of<with_text>.destroy != nullptr);
}

TEST_CASE("a message with a destructor is destroyed by its description") {
    auto counter = std::make_shared<int>(0);
    struct holds {
        std::shared_ptr<int> what;
    };
    alignas(16) std::byte memory[64];
    new (memory) holds{counter};
    CHECK(counter.use_count() == 2);
    info_of<holds>.destroy(memory);
    CHECK(counter.use_count() == 1);
}

}  // namespace test_node
