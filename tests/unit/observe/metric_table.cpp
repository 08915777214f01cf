// SPDX-License-Identifier: BSL-1.0
#include "troupe/observe/metric_table.hpp"

#include "support/catch.hpp"

#include <memory>
#include <string>

namespace test_metric_table {

using troupe::metric;

struct summed {
    void   add(metric, double v) noexcept { all += v; }
    double all = 0;
};
using table = troupe::detail::metric_table<summed, 3>;

TEST_CASE("every number has a place of its own, and one for each value of its label") {
    auto const t = std::make_unique<table>();
    // Tell each something else, then look: nobody has overwritten anybody.
    double     n = 0;
    auto const tell_or_check = [&](bool tell) {
        n = 0;
        for (troupe::metric_info const& m : troupe::metric_catalogue) {
            for (int i = 0; i < (m.label.empty() ? 1 : 3); ++i) {
                std::string const label = m.label.empty() ? "" : std::to_string(i);
                n += 1;
                if (tell && m.kind == troupe::metric_kind::counter) {
                    t->add(m.id, label, static_cast<std::uint64_t>(n));
                } else if (tell && m.kind == troupe::metric_kind::gauge) {
                    t->set(m.id, label, n);
                } else if (tell) {
                    t->sample(m.id, label, n);
                } else {
                    INFO(m.name << ' ' << label);
                    std::size_t const place = t->find(m.id, label);
                    REQUIRE(place < table::places_of(m.id));
                    CHECK(t->was_told(m.id, place));
                    CHECK(t->label_at(m.id, place) == label);
                    if (m.kind == troupe::metric_kind::counter) {
                        CHECK(static_cast<double>(t->count_at(m.id, place)) == n);
                    } else if (m.kind == troupe::metric_kind::gauge) {
                        CHECK(t->gauge_at(m.id, place) == n);
                    } else {
                        CHECK(t->histogram_at(m.id, place).all == n);
                    }
                }
            }
        }
    };
    tell_or_check(true);
    tell_or_check(false);
    CHECK(t->find(metric::messages_sent, "x") == table::no_place);
    CHECK(t->find(metric::actors_spawned, "x") == table::no_place);
}

TEST_CASE("what was never told is not there") {
    auto const t = std::make_unique<table>();
    for (troupe::metric_info const& m : troupe::metric_catalogue) {
        for (std::size_t p = 0; p < table::places_of(m.id); ++p) CHECK_FALSE(t->was_told(m.id, p));
    }
}

}  // namespace test_metric_table
