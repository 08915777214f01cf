// SPDX-License-Identifier: BSL-1.0
#include "troupe/observe/exposition.hpp"

#include "support/catch.hpp"

#include <clocale>
#include <limits>
#include <string>

namespace test_exposition {

using troupe::exposition;
using troupe::metric_kind;
using troupe::detail::exposition_text;
using troupe::detail::number_text;

std::string text(double value) { return std::string{number_text{value}.view()}; }

TEST_CASE("numbers are written short and exact") {
    CHECK(text(0) == "0");
    CHECK(text(1) == "1");
    CHECK(text(-17) == "-17");
    CHECK(text(0.1) == "0.1");
    CHECK(text(2.5e-4) == "0.00025");
    CHECK(text(1e-6) == "1e-06");
    CHECK(text(9007199254740992.0) == "9007199254740992");
    CHECK(text(1e300) == "1e+300");
    CHECK(text(0.1 + 0.2) == "0.30000000000000004");
    CHECK(text(std::numeric_limits<double>::infinity()) == "+Inf");
    CHECK(text(-std::numeric_limits<double>::infinity()) == "-Inf");
    CHECK(text(std::numeric_limits<double>::quiet_NaN()) == "NaN");
    CHECK(number_text{UINT64_MAX}.view() == "18446744073709551615");
    CHECK(number_text{1.0}.is_whole());
    CHECK_FALSE(number_text{0.5}.is_whole());
    CHECK_FALSE(number_text{std::numeric_limits<double>::infinity()}.is_whole());
}

TEST_CASE("numbers hear no locale") {
    char const* const german = std::setlocale(LC_NUMERIC, "de_DE.UTF-8");
    char const* const set = german != nullptr ? german : std::setlocale(LC_NUMERIC, "de_DE");
    std::string const half = text(0.5);
    std::setlocale(LC_NUMERIC, "C");
    CHECK(half == "0.5");
    if (set == nullptr) SKIP("no German locale is installed here");
}

TEST_CASE("names of metrics are those of Prometheus, without colons") {
    using troupe::detail::is_metric_name;
    CHECK(is_metric_name("a"));
    CHECK(is_metric_name("_a9_B"));
    for (char const* const bad : {"", "9a", "a-b", "a:b", "a b", "\xc3\xa9", "a\n"}) {
        CHECK_FALSE(is_metric_name(bad));
    }
}

/// What `write` puts.
template <class Write>
std::string written(exposition format, std::string_view prefix, Write const& write) {
    std::string     all;
    exposition_text to{&all, &troupe::detail::append_piece, format, prefix};
    write(to);
    return all;
}

TEST_CASE("a family of counters, in both formats") {
    auto const write = [](exposition_text& to) {
        to.family("sent_bytes_total", metric_kind::counter, "bytes", "Bytes \\ \"sent\".\nAll.");
        to.sample("sent_bytes_total", {"link", "a\"b\\c\nd"}, "3");
        to.sample("sent_bytes_total", {}, "4");
        to.end();
    };
    CHECK(written(exposition::prometheus, "shop", write) ==
          "# HELP shop_sent_bytes_total Bytes \\\\ \"sent\".\\nAll.\n"
          "# TYPE shop_sent_bytes_total counter\n"
          "shop_sent_bytes_total{link=\"a\\\"b\\\\c\\nd\"} 3\n"
          "shop_sent_bytes_total 4\n");
    CHECK(written(exposition::openmetrics, "", write) ==
          "# HELP sent_bytes Bytes \\\\ \\\"sent\\\".\\nAll.\n"
          "# TYPE sent_bytes counter\n"
          "# UNIT sent_bytes bytes\n"
          "sent_bytes_total{link=\"a\\\"b\\\\c\\nd\"} 3\n"
          "sent_bytes_total 4\n"
          "# EOF\n");
}

TEST_CASE("a histogram is written with running sums, in both formats") {
    constexpr double bounds[] = {0.5, 1};
    auto const       write = [&](exposition_text& to) {
        to.histogram("h", {"type", "x"}, bounds, [](std::size_t n) { return n + 1; }, 2.5);
    };
    CHECK(written(exposition::prometheus, "t", write) == "t_h_bucket{type=\"x\",le=\"0.5\"} 1\n"
                                                         "t_h_bucket{type=\"x\",le=\"1\"} 3\n"
                                                         "t_h_bucket{type=\"x\",le=\"+Inf\"} 6\n"
                                                         "t_h_sum{type=\"x\"} 2.5\n"
                                                         "t_h_count{type=\"x\"} 6\n");
    CHECK(written(exposition::openmetrics, "t", write).find("le=\"1.0\"") != std::string::npos);
}

TEST_CASE("a place that is too small takes what fits, and says what was needed") {
    char                         place[4] = {'-', '-', '-', '-'};
    troupe::detail::limited_text to{{place, 3}};
    for (char const* const piece : {"ab", "cd", "ef"})
        troupe::detail::limited_text::put(&to, piece);
    CHECK(to.needed == 6);
    CHECK(std::string(place, 4) == "abc-");
}

TEST_CASE("each format has its type of content") {
    CHECK(content_type(exposition::prometheus) == "text/plain; version=0.0.4; charset=utf-8");
    CHECK(content_type(exposition::openmetrics) ==
          "application/openmetrics-text; version=1.0.0; charset=utf-8");
}

}  // namespace test_exposition
