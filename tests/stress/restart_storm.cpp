// SPDX-License-Identifier: BSL-1.0
// Restarts without end cost no memory: what is taken at spawn serves for all of them.

#include "support/systems.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace test_restart_storm {

using namespace troupe_test;

struct trip {};
struct get {
    std::size_t which;
};

class fragile {
public:
    using protocol = troupe::protocol<void(trip)>;
    explicit fragile(std::string name) : name_(std::move(name)) {}
    void on(trip, troupe::context<fragile>& self) { self.fail("tripped"); }

private:
    std::string name_;
};

class guard {
public:
    using protocol = troupe::protocol<troupe::ref<fragile>(get)>;
    static constexpr auto supervision = troupe::one_for_one{.max_restarts = troupe::unlimited};
    void                  started(troupe::context<guard>& self) {
        for (int i = 0; i < 16; ++i) children_.push_back(self.spawn<fragile>("child"));
    }
    troupe::ref<fragile> on(get g) { return children_[g.which]; }

private:
    std::vector<troupe::ref<fragile>> children_;
};

TEMPLATE_TEST_CASE("restarts by the million leave the pool as it was", "", TROUPE_TEST_POOLS) {
    fixture<TestType>                 f;
    auto const                        g = f.system.template spawn<guard>();
    std::vector<troupe::ref<fragile>> all;
    for (std::size_t i = 0; i < 16; ++i) all.push_back(g.ask(get{i}).get());
    auto const    restarts = scaled(10'000) / 16;
    auto const    before = f.settle();
    std::uint64_t blocks = before.blocks;
    for (std::uint64_t i = 0; i < restarts; ++i) {
        for (auto const& c : all) c.send(trip{});
    }
    auto const after = f.settle();
    CHECK(after.failed == restarts * 16);
    // Each keeps its last failure.
    CHECK(after.blocks == blocks + 16);
    CHECK(after.actors == 17);
}

}  // namespace test_restart_storm
