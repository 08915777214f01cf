// SPDX-License-Identifier: BSL-1.0
#include "troupe/remote/served_peers.hpp"

#include "support/nodes.hpp"

namespace test_served_peers {

using namespace troupe_test;
using troupe::detail::served_peer;
using troupe::detail::served_peers;

struct nothing {};
struct idler {
    using protocol = troupe::protocol<void(nothing)>;
    void on(nothing) {}
};

TEST_CASE("a reference waits for what its earlier connection has brought, and nobody else does") {
    troupe::manual_clock clock;
    remote_system        s{{.clock = &clock}};
    troupe::any_ref      inlet = s.spawn<idler>();
    troupe::any_ref      link = s.spawn<idler>();
    troupe::any_ref      later = s.spawn<idler>();
    served_peers         all;
    served_peer          p;
    p.who = {inlet, link, "client.test", 77, 3};
    all.add(p);
    REQUIRE(all.find(inlet) != nullptr);
    CHECK(all.find(inlet)->name == "client.test");
    CHECK(all.find(link) == nullptr);
    // Seen by the link of a later connection.
    CHECK(all.earlier(77, 3, "client.test", later) != nullptr);
    CHECK(all.earlier(77, 4, "client.test", later) == nullptr);
    CHECK(all.earlier(78, 3, "client.test", later) == nullptr);
    // Who claims the number of somebody else's node ends nothing of it.
    CHECK(all.earlier(77, 3, "other.test", later) == nullptr);
    CHECK(all.earlier(77, 3, "", later) == nullptr);
    // Its own link does not wait for itself, but for what it has brought in an earlier session.
    CHECK(all.earlier(77, 3, "client.test", link) == nullptr);
    p.who.retired = true;
    CHECK(all.earlier(77, 3, "client.test", link) != nullptr);
    s.stop(inlet);
    s.run_until_idle();
    CHECK(all.earlier(77, 3, "client.test", later) == nullptr);
    CHECK(all.find(inlet) != nullptr);
    all.remove(p);
    CHECK(all.find(inlet) == nullptr);
    all.remove(p);  // twice does nothing
}

TEST_CASE("thousands of inlets are found by themselves") {
    troupe::manual_clock     clock;
    remote_system            s{{.clock = &clock}};
    troupe::any_ref          link = s.spawn<idler>();
    std::vector<served_peer> places(2'000);
    served_peers             all;
    for (std::size_t i = 0; i < places.size(); ++i) {
        places[i].who = {s.spawn<idler>(), link, {}, 1, static_cast<std::uint32_t>(i)};
        all.add(places[i]);
    }
    for (std::size_t i = 0; i < places.size(); ++i) {
        auto const* const found = all.find(places[i].who.inlet);
        REQUIRE(found != nullptr);
        CHECK(found->channel == i);
        if (i % 2 == 0) all.remove(places[i]);
    }
    for (std::size_t i = 0; i < places.size(); ++i) {
        CHECK((all.find(places[i].who.inlet) != nullptr) == (i % 2 != 0));
    }
}

}  // namespace test_served_peers
