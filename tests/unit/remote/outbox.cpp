// SPDX-License-Identifier: BSL-1.0
#include "troupe/remote/outbox.hpp"

#include <cstring>
#include <string>

#include "support/nodes.hpp"

namespace test_outbox {

using namespace troupe_test;
using troupe::detail::outbox;
using troupe::detail::wire_slice;

void add(outbox& box, std::string const& text) {
    auto const place = box.place(text.size());
    REQUIRE(place.size() >= text.size());
    std::memcpy(place.data(), text.data(), text.size());
    box.add(text.size());
}
std::string collected(outbox& box) {
    std::string all;
    box.collect([&](wire_slice const& s) {
        all.append(reinterpret_cast<char const*>(s.bytes().data()), s.size());
    });
    return all;
}

TEST_CASE("an outbox gives what was put in, once, in order, across its chunks") {
    remote_system system;
    {
        outbox* const box = outbox::make(troupe::detail::system_access::core_of(system));
        REQUIRE(box != nullptr);
        CHECK(collected(*box).empty());
        std::string put;
        std::string got;
        for (int i = 0; i < 300; ++i) {
            std::string const text(static_cast<std::size_t>(i * 37 % 5'000 + 1),
                                   static_cast<char>('a' + i % 26));
            add(*box, text);
            put += text;
            if (i % 5 == 0) got += collected(*box);
        }
        got += collected(*box);
        CHECK(got == put);
        CHECK(box->sent_bytes() == put.size());
        add(*box, "nobody takes this");
        box->let_go();
    }
    CHECK(system.stop(watchdog).books.blocks == 0);
}

TEST_CASE("the link is told once, and again when it has looked or could not be told") {
    remote_system system;
    {
        outbox* const box = outbox::make(troupe::detail::system_access::core_of(system));
        REQUIRE(box != nullptr);
        add(*box, "a");
        CHECK(box->must_tell());
        add(*box, "b");
        CHECK_FALSE(box->must_tell());
        box->not_told();
        CHECK(box->must_tell());
        CHECK(collected(*box) == "ab");
        add(*box, "c");
        CHECK(box->must_tell());
        box->let_go();
    }
    CHECK(system.stop(watchdog).books.blocks == 0);
}

TEST_CASE("who takes may collect again meanwhile: nothing comes twice") {
    remote_system system;
    {
        outbox* const box = outbox::make(troupe::detail::system_access::core_of(system));
        REQUIRE(box != nullptr);
        std::size_t put = 0;
        for (int i = 0; i < 10; ++i) {
            add(*box, std::string(3'000, 'x'));
            put += 3'000;
        }
        std::size_t got = 0;
        bool        first = true;
        box->collect([&](wire_slice const& s) {
            got += s.size();
            if (std::exchange(first, false)) got += collected(*box).size();
        });
        CHECK(got == put);
        add(*box, "more");
        CHECK(collected(*box) == "more");
        box->let_go();
    }
    CHECK(system.stop(watchdog).books.blocks == 0);
}

TEST_CASE("it is over when more was sent than was granted") {
    remote_system system;
    {
        outbox* const box = outbox::make(troupe::detail::system_access::core_of(system));
        REQUIRE(box != nullptr);
        box->granted.store(3);
        add(*box, "abc");
        CHECK_FALSE(box->is_over());
        add(*box, "d");
        CHECK(box->is_over());
        box->granted.store(4);
        CHECK_FALSE(box->is_over());
        box->let_go();
    }
    CHECK(system.stop(watchdog).books.blocks == 0);
}

}  // namespace test_outbox
