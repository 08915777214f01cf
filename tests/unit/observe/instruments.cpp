// SPDX-License-Identifier: BSL-1.0
#include "troupe/observe/instruments.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace test_instruments {

using troupe::metric_buckets;
using troupe::metric_counter;
using troupe::metric_gauge;
using troupe::metric_histogram;
using troupe::metric_labels;

/// Runs `act(i)` on four threads at once.
template <class Act>
void on_four_threads(Act act) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&, i] { act(i); });
    for (std::thread& t : threads) t.join();
}

TEST_CASE("a metric counter that four threads add to loses nothing") {
    metric_counter c;
    on_four_threads([&](int i) {
        for (int n = 0; n < 10'000; ++n) c.add(static_cast<std::uint64_t>(i));
    });
    CHECK(c.value() == 60'000);
}

TEST_CASE("a metric gauge is set, moved, lowered and raised") {
    metric_gauge g;
    CHECK(g.value() == 0);
    g.set(2.5);
    g.add(-1);
    CHECK(g.value() == 1.5);
    g.lower(3);
    CHECK(g.value() == 1.5);
    g.lower(1);
    CHECK(g.value() == 1);
    g.raise(0.5);
    CHECK(g.value() == 1);
    g.raise(7);
    CHECK(g.value() == 7);
    metric_gauge shared;
    on_four_threads([&](int) {
        for (int n = 0; n < 10'000; ++n) shared.add(1);
    });
    CHECK(shared.value() == 40'000);
}

/// The value of this rank, counted.
double exact(std::vector<double> const& sorted, double of_all) {
    auto const rank = static_cast<std::size_t>(
        std::max(1.0, std::ceil(of_all * static_cast<double>(sorted.size()))));
    return sorted[rank - 1];
}

TEST_CASE("quantiles of a histogram are off by less than it says") {
    std::mt19937_64 dice{20261130};
    auto const      check = [&](char const* name, auto draw) {
        for (std::size_t const size : {1u, 2u, 3u, 10u, 1000u, 20'000u}) {
            auto const          h = std::make_unique<metric_histogram>();
            std::vector<double> all;
            for (std::size_t i = 0; i < size; ++i) all.push_back(draw());
            for (double const v : all) h->add(v);
            std::sort(all.begin(), all.end());
            for (double const q : {0.0, 0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0}) {
                double const right = exact(all, q);
                INFO(name << ' ' << size << " at " << q << ": " << h->quantile(q) << ", exact "
                               << right);
                CHECK(std::abs(h->quantile(q) - right) <= metric_histogram::relative_error * right);
            }
            CHECK(h->count() == size);
            CHECK(h->least() == all.front());
            CHECK(h->most() == all.back());
            double sum = 0;
            for (double const v : all) sum += v;
            CHECK(h->sum() == troupe_test::Approx(sum));
        }
    };
    std::uniform_real_distribution<double> even{1e-6, 1e-2};
    std::lognormal_distribution<double>    latency{-9, 2};
    std::exponential_distribution<double>  rare{0.001};
    std::uniform_int_distribution<int>     depth{1, 3000};
    check("even", [&] { return even(dice); });
    check("latency", [&] { return latency(dice); });
    check("rare", [&] { return rare(dice); });
    check("depth", [&] { return static_cast<double>(depth(dice)); });
    check("always the same", [] { return 0.1; });
}

TEST_CASE("the error of a histogram is reached: the bound is not a wish") {
    // Two values at the two ends of one step: what stands for both is in the middle.
    metric_histogram h;
    double const     low = 1.0;
    double const     high = std::nextafter(1.0625, 0.0);
    h.add(0.5);
    h.add(low);
    h.add(high);
    h.add(2.0);
    double const error = std::abs(h.quantile(0.5) - low) / low;
    CHECK(error > 0.03);
    CHECK(error <= metric_histogram::relative_error);
}

TEST_CASE("a histogram has a place for every double") {
    metric_histogram h;
    CHECK(h.quantile(0.5) == 0);
    CHECK(h.least() == 0);
    CHECK(h.most() == 0);
    h.add(std::numeric_limits<double>::quiet_NaN());
    CHECK(h.count() == 0);
    h.add(0);
    h.add(-3);
    h.add(metric_histogram::smallest / 2);
    CHECK(h.quantile(1) == 0);
    h.add(metric_histogram::largest * 4);
    h.add(metric_histogram::largest * 2);
    CHECK(h.count() == 5);
    CHECK(h.quantile(1) == metric_histogram::largest * 4);
    CHECK(h.least() == -3);
}

TEST_CASE("two histograms that are merged are one of all values") {
    metric_histogram all;
    metric_histogram one;
    metric_histogram other;
    for (int i = 1; i <= 1000; ++i) {
        double const v = i * 0.001;
        all.add(v);
        (i % 3 == 0 ? one : other).add(v);
    }
    one.merge(other);
    CHECK(one.count() == 1000);
    CHECK(one.sum() == troupe_test::Approx(all.sum()));
    CHECK(one.least() == all.least());
    CHECK(one.most() == all.most());
    for (double const q : {0.01, 0.5, 0.95, 0.99, 0.999}) CHECK(one.quantile(q) == all.quantile(q));
}

TEST_CASE("a histogram that four threads add to loses nothing, and may be read meanwhile") {
    metric_histogram h;
    on_four_threads([&](int i) {
        for (int n = 1; n <= 5'000; ++n) {
            h.add(n);
            if (i == 0 && n % 100 == 0) {
                double const seen = h.quantile(0.5);
                if (seen < 0 || seen > 5'000) h.add(-1);
            }
        }
    });
    CHECK(h.count() == 20'000);
    CHECK(h.least() == 1);
    CHECK(h.most() == 5'000);
    CHECK(h.sum() == 4 * 5'000.0 * 5'001 / 2);
}

TEST_CASE("buckets end with their boundary, and what is larger is the rest") {
    constexpr double  bounds[] = {1, 2, 4};
    metric_buckets<4> b;
    for (double const v : {0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 4.5, 100.0}) b.add(v, bounds);
    b.add(std::numeric_limits<double>::quiet_NaN(), bounds);
    CHECK(b.in(0) == 2);
    CHECK(b.in(1) == 2);
    CHECK(b.in(2) == 2);
    CHECK(b.in(3) == 2);
    CHECK(b.sum() == 116.5);
    STATIC_REQUIRE(troupe::are_ascending(bounds));
    constexpr double wrong[] = {1, 1, 2};
    STATIC_REQUIRE_FALSE(troupe::are_ascending(wrong));
}

TEST_CASE("a set of labels gives each value a place of its own, for ever") {
    metric_labels<8>      labels;
    std::set<std::size_t> places;
    for (int i = 0; i < 8; ++i) places.insert(labels.place_of("v" + std::to_string(i)));
    CHECK(places.size() == 8);
    CHECK(places.count(labels.other) == 0);
    for (int i = 0; i < 8; ++i) {
        std::string const value = "v" + std::to_string(i);
        CHECK(labels.text(labels.place_of(value)) == value);
        CHECK(labels.find(value) == labels.place_of(value));
    }
    CHECK(labels.place_of("one too many") == labels.other);
    CHECK(labels.find("one too many") == labels.other);
    CHECK(labels.text(labels.other) == "other");
    CHECK(labels.place_of("v3") != labels.other);
}

TEST_CASE("a label value that is called other is one of the others") {
    metric_labels<8> labels;
    CHECK(labels.place_of("other") == labels.other);
    CHECK(labels.find("other") == labels.other);
    for (std::size_t i = 0; i < 8; ++i) CHECK_FALSE(labels.has(i));
}

TEST_CASE("boundaries that are no numbers, or none that ends, are seen") {
    double const none[] = {std::numeric_limits<double>::quiet_NaN()};
    double const endless[] = {1, std::numeric_limits<double>::infinity()};
    double const good[] = {-1, std::numeric_limits<double>::max()};
    CHECK_FALSE(troupe::are_finite(none));
    CHECK_FALSE(troupe::are_finite(endless));
    CHECK(troupe::are_finite(good));
}

TEST_CASE("an empty label value is a value") {
    metric_labels<2> labels;
    CHECK_FALSE(labels.has(0));
    CHECK_FALSE(labels.has(1));
    std::size_t const place = labels.place_of({});
    REQUIRE(place != labels.other);
    CHECK(labels.has(place));
    CHECK(labels.text(place).empty());
}

TEST_CASE("label values are kept as text that every reader takes") {
    metric_labels<16> labels;
    auto const        kept = [&](std::string_view value) {
        std::size_t const place = labels.place_of(value);
        CHECK(labels.find(value) == place);
        return std::string{labels.text(place)};
    };
    CHECK(kept("a\nb\x1b[0m\x7f") == "a?b?[0m?");
    CHECK(kept("\xc3\xa9t\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8e\xad") ==
          "\xc3\xa9t\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8e\xad");
    CHECK(kept("bad \xff \xc3 \xc0\x80 \xed\xa0\x80 \xf5\x80\x80\x80") == "bad ? ? ?? ??? ????");
    CHECK(kept("a\nb\x1b[0m\x7f") == "a?b?[0m?");
}

TEST_CASE("long label values are cut, and stay different") {
    metric_labels<4>  labels;
    std::string const same(200, 'x');
    std::size_t const one = labels.place_of(same + "1");
    std::size_t const two = labels.place_of(same + "2");
    CHECK(one != two);
    CHECK(labels.text(one) != labels.text(two));
    CHECK(labels.text(one).size() == 95);
    CHECK(labels.text(one).substr(0, 80) == std::string(80, 'x'));
    CHECK(labels.find(same + "1") == one);
    // Not in the middle of a character.
    std::string wide;
    for (int i = 0; i < 100; ++i) wide += "\xe2\x82\xac";
    std::string_view const cut = labels.text(labels.place_of(wide));
    CHECK(cut.substr(84, 1) == "~");
    CHECK(cut.size() == 93);
}

TEST_CASE("four threads that bring the same label values find the same places") {
    metric_labels<32> labels;
    std::size_t       seen[4][32];
    on_four_threads([&](int i) {
        for (int n = 0; n < 32; ++n) {
            int const value = (n * 7 + i * 5) % 32;
            seen[i][value] = labels.place_of("value " + std::to_string(value));
        }
    });
    std::set<std::size_t> places;
    for (int n = 0; n < 32; ++n) {
        for (int i = 1; i < 4; ++i) CHECK(seen[i][n] == seen[0][n]);
        CHECK(labels.text(seen[0][n]) == "value " + std::to_string(n));
        places.insert(seen[0][n]);
    }
    CHECK(places.size() == 32);
}

}  // namespace test_instruments
