// SPDX-License-Identifier: BSL-1.0
#include "troupe/observe/catalogue.hpp"

#include "support/catch.hpp"

#include <set>
#include <string>
#include <string_view>

namespace test_catalogue {

using troupe::metric_catalogue;
using troupe::metric_info;
using troupe::metric_kind;

bool is_a_name(std::string_view text) {
    if (text.empty() || !(text[0] >= 'a' && text[0] <= 'z')) return false;
    for (char const c : text) {
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
    }
    return true;
}

TEST_CASE("a metric is found by its number, and every one stands in the catalogue") {
    for (std::size_t i = 0; i < troupe::metric_count; ++i) {
        auto const id = static_cast<troupe::metric>(i);
        CHECK(troupe::describe(id).id == id);
        CHECK(to_string(id) == metric_catalogue[i].name);
    }
    CHECK(to_string(troupe::metric::link_state) == "link_state");
    CHECK(troupe::describe(troupe::metric::messages_dropped).label == "cause");
}

TEST_CASE("the names are clean, and each is there once") {
    std::set<std::string_view> seen;
    for (metric_info const& m : metric_catalogue) {
        INFO(m.name);
        CHECK(is_a_name(m.name));
        CHECK(seen.insert(m.name).second);
        CHECK((m.label.empty() || is_a_name(m.label)));
        CHECK(m.label != "le");
        CHECK(m.name.ends_with("_total") == (m.kind == metric_kind::counter));
        std::string const unit = std::string{"_"} + std::string{m.unit};
        CHECK((m.unit.empty() || m.name.ends_with(unit) || m.name.ends_with(unit + "_total")));
        CHECK((m.told != troupe::metric_told::sampled || m.kind == metric_kind::histogram));
    }
}

TEST_CASE("every metric says what it is, and an alarm is about a metric of the catalogue") {
    for (metric_info const& m : metric_catalogue) {
        INFO(m.name);
        CHECK(m.help.ends_with('.'));
        CHECK(m.help.find('\n') == std::string_view::npos);
        if (!m.alarm.empty()) {
            CHECK(m.alarm.find("troupe_" + std::string{m.name}) != std::string_view::npos);
        }
    }
}

TEST_CASE("kinds and ways of telling have words") {
    CHECK(to_string(metric_kind::counter) == "counter");
    CHECK(to_string(metric_kind::gauge) == "gauge");
    CHECK(to_string(metric_kind::histogram) == "histogram");
    CHECK(to_string(static_cast<metric_kind>(9)) == "?");
    CHECK(to_string(troupe::metric_told::at_once) == "at once");
    CHECK(to_string(troupe::metric_told::sampled) == "sampled");
    CHECK(to_string(troupe::metric_told::collected) == "collected");
    CHECK(to_string(static_cast<troupe::metric_told>(9)) == "?");
}

}  // namespace test_catalogue
