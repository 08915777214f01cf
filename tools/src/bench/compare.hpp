// SPDX-License-Identifier: BSL-1.0
#pragma once

// The regression gate: ours now against ours before.
//
// Two runs are never made at the same moment, and the machine may be slower now. The rivals and the
// limits have not changed: the median of how much slower they are is what the machine is slower,
// and is taken off. A figure of ours has become worse when
//
//     its median is worse by more than the factor, and
//     not even the best of its rounds comes up to the median it had before.
//
// The second is what tells a regression from noise: one good round shows that the program still
// can. Rows that exist only once, or count things (bytes, allocations), are compared as they are.

#include <cmath>

#include "results.hpp"

namespace tools::bench {

struct comparison {
    double                   machine = 1;  // how many times slower the machine is now
    std::size_t              compared = 0;
    std::vector<std::string> worse;   // one line each
    std::vector<std::string> better;  // likewise
    std::vector<std::string> lost;    // rows of ours that were there and are not
};

/// How many times worse `now` is than `before`; 1 = the same.
inline double times_worse(double before, double now, bool more) {
    if (before == now) return 1;
    if (more) return now == 0 ? HUGE_VAL : before / now;
    return before == 0 ? HUGE_VAL : now / before;
}
/// Figures that do not depend on how fast the machine is.
inline bool is_counted(row const& r) { return r.unit == "B" || r.unit == "calls" || r.unit == "%"; }

inline double machine_factor(report const& before, report const& now) {
    std::vector<double> factors;
    for (result const& b : before.results) {
        if (!b.there() || is_ours(b.of.peer) || is_counted(b.of)) continue;
        if (result const* n = now.find(b.of.question, b.of.what, b.of.peer)) {
            factors.push_back(times_worse(b.median(), n->median(), b.of.more));
        }
    }
    if (factors.size() < 3) return 1;  // too few to say anything
    std::sort(factors.begin(), factors.end());
    return factors[factors.size() / 2];
}

inline comparison compare(report const& before, report const& now, double factor) {
    comparison c;
    c.machine = machine_factor(before, now);
    for (result const& b : before.results) {
        if (!b.there() || !is_ours(b.of.peer)) continue;
        result const* const n = now.find(b.of.question, b.of.what, b.of.peer);
        if (n == nullptr) {
            c.lost.push_back(b.of.name());
            continue;
        }
        ++c.compared;
        double const machine = is_counted(b.of) ? 1 : c.machine;
        double const by = times_worse(b.median(), n->median(), b.of.more) / machine;
        double const best_by = times_worse(b.median(), n->best(), b.of.more) / machine;
        double const was_best_by = times_worse(b.best(), n->median(), b.of.more) / machine;
        char         line[400];
        std::snprintf(line, sizeof line, "%-48s %s -> %s %s, %.2f times worse", b.of.name().c_str(),
                      shown(b.median()).c_str(), shown(n->median()).c_str(), b.of.unit.c_str(), by);
        if (by > factor && best_by > 1) c.worse.emplace_back(line);
        if (by * factor < 1 && was_best_by < 1) {
            std::snprintf(line, sizeof line, "%-48s %s -> %s %s, %.2f times better",
                          b.of.name().c_str(), shown(b.median()).c_str(),
                          shown(n->median()).c_str(), b.of.unit.c_str(), 1 / by);
            c.better.emplace_back(line);
        }
    }
    return c;
}

/// True when nothing has become worse. `partial`: rows that were not measured now are no loss.
inline bool print_comparison(comparison const& c, double factor, bool partial) {
    std::printf("the machine is %.2f times slower than then, by rivals and limits\n", c.machine);
    for (auto const& line : c.better) std::printf("better  %s\n", line.c_str());
    for (auto const& line : c.worse) std::printf("WORSE   %s\n", line.c_str());
    if (!partial) {
        for (auto const& name : c.lost)
            std::printf("LOST    %s is not measured any more\n", name.c_str());
    }
    bool const good = c.worse.empty() && c.compared > 0 && (partial || c.lost.empty());
    std::printf("%zu figures compared, %zu better, %zu worse by more than %.2f times\n", c.compared,
                c.better.size(), c.worse.size(), factor);
    return good;
}

}  // namespace tools::bench
