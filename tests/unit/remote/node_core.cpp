// SPDX-License-Identifier: BSL-1.0
#include "troupe/remote/node_core.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "support/nodes.hpp"

namespace test_node_core {

using namespace troupe_test;
using troupe::any_ref;
using troupe::detail::exposure;
using troupe::detail::known_peer;
using troupe::detail::node_core;
using troupe::detail::node_handle;

struct nudge {};
struct somebody {
    using protocol = troupe::protocol<void(nudge)>;
    void on(nudge) {}
};

/// Knows when its node lets it go.
struct no_carrier : troupe::detail::carrier {
    explicit no_carrier(int* g) : gone(g) {}
    ~no_carrier() override { ++*gone; }
    int* gone;
    using wire_result = troupe::result<troupe::detail::wire*, troupe::transport_error>;
    using place_result = troupe::result<troupe::endpoint, troupe::transport_error>;
    static constexpr troupe::transport_error none{troupe::transport_errc::misused};

    wire_result connect(troupe::endpoint const&, troupe::transport_signal) noexcept override {
        return none;
    }
    place_result listen(troupe::endpoint const&, troupe::transport_signal) noexcept override {
        return none;
    }
    wire_result      accept(troupe::transport_signal) noexcept override { return none; }
    void             stop_listening() noexcept override {}
    std::string_view scheme() const noexcept override { return "none"; }
    bool             secures() const noexcept override { return false; }
    std::int64_t     seconds_to_expiry() noexcept override { return INT64_MAX; }
};

struct world {
    remote_system system;
    int           gone = 0;
    node_handle node{new node_core{troupe::detail::system_access::core_of(system), plain_links(), 7,
                                   "codec", new no_carrier{&gone}}};

    troupe::ref<somebody> spawn() {
        auto who = system.spawn<somebody>();
        system.run_until_idle();
        return who;
    }
    void stop(any_ref const& who) {
        system.stop(who);
        system.run_until_idle();
    }
    static exposure under(std::string key, any_ref who) {
        exposure e;
        e.key = std::move(key);
        e.target = std::move(who);
        return e;
    }
};

TEST_CASE("a key is taken by one actor, as long as that lives") {
    world w;
    auto  first = w.spawn();
    auto  second = w.spawn();
    CHECK(w.node->expose(world::under("a/b", first)));
    CHECK_FALSE(w.node->expose(world::under("a/b", second)));
    CHECK(w.node->expose(world::under("a/c", second)));
    exposure found;
    REQUIRE(w.node->find("a/b", found));
    CHECK(found.target == any_ref{first});
    CHECK(w.node->keys("a/").size() == 2);
    CHECK(w.node->keys("a/b") == std::vector<std::string>{"a/b"});
    w.stop(first);
    CHECK_FALSE(w.node->find("a/b", found));
    CHECK(w.node->keys("") == std::vector<std::string>{"a/c"});
    CHECK(w.node->expose(world::under("a/b", second)));
    REQUIRE(w.node->find("a/b", found));
    CHECK(found.target == any_ref{second});
    CHECK(w.node->hide("a/b"));
    CHECK_FALSE(w.node->hide("a/b"));
    CHECK_FALSE(w.node->find("a/b", found));
    CHECK(w.node->find("a/c", found));
}

TEST_CASE("the first link to a place stays, and one that has ended is replaced") {
    world      w;
    auto const here = troupe::parse_endpoint("tcp://127.0.0.1:1").value();
    auto const there = troupe::parse_endpoint("tcp://127.0.0.1:2").value();
    auto       first = w.spawn();
    auto       second = w.spawn();
    CHECK_FALSE(w.node->link_to(here));
    CHECK(w.node->add_link(here, first) == any_ref{first});
    CHECK(w.node->add_link(here, second) == any_ref{first});
    CHECK(w.node->add_link(there, second) == any_ref{second});
    CHECK(w.node->link_to(here) == any_ref{first});
    w.stop(first);
    CHECK_FALSE(w.node->link_to(here));
    CHECK(w.node->add_link(here, second) == any_ref{second});
    CHECK(w.node->links().size() == 2);
}

TEST_CASE("references that have ended make room for others") {
    world w;
    auto  stays = w.spawn();
    w.node->add_proxy(stays);
    for (int i = 0; i < 1'000; ++i) {
        auto brief = w.spawn();
        w.node->add_proxy(brief);
        w.stop(brief);
    }
    auto const all = w.node->take_proxies();
    CHECK(all.size() <= 64);
    CHECK(std::find(all.begin(), all.end(), any_ref{stays}) != all.end());
    CHECK(w.node->take_proxies().empty());
}

TEST_CASE("an inlet is known while its connection stands, and its reference until it has ended") {
    world                       w;
    auto                        inlet = w.spawn();
    auto                        link = w.spawn();
    auto                        later = w.spawn();
    troupe::detail::served_peer p;
    p.who = {inlet, link, "anna", 5, 1, false};
    w.node->add_inlet(p);
    CHECK(w.node->peer_of(inlet).name == "anna");
    CHECK(w.node->peer_of(inlet).link == any_ref{link});
    CHECK_FALSE(w.node->peer_of(link).inlet);
    // One that the same link opens again is no earlier one; the one of another link is.
    CHECK_FALSE(w.node->earlier_inlet(5, 1, "anna", link).inlet);
    CHECK(w.node->earlier_inlet(5, 1, "anna", later).inlet == any_ref{inlet});
    CHECK_FALSE(w.node->earlier_inlet(5, 2, "anna", later).inlet);
    CHECK_FALSE(w.node->earlier_inlet(6, 1, "anna", later).inlet);
    w.node->retire_inlet(p);
    CHECK_FALSE(w.node->peer_of(inlet).inlet);
    CHECK(w.node->earlier_inlet(5, 1, "anna", link).retired);
    w.stop(inlet);
    CHECK_FALSE(w.node->earlier_inlet(5, 1, "anna", later).inlet);
    w.node->remove_inlet(p);
    w.node->remove_inlet(p);
}

TEST_CASE("a node lives as long as somebody holds it, and its transport with it") {
    world       w;
    node_handle copy{w.node};
    node_handle moved{std::move(copy)};
    CHECK_FALSE(copy);  // NOLINT: that is what is asked
    w.node = {};
    CHECK(w.gone == 0);
    CHECK(moved->serial == 7);
    moved = {};
    CHECK(w.gone == 1);
}

}  // namespace test_node_core
