// SPDX-License-Identifier: BSL-1.0
#pragma once

// The results as text: the table on the screen, and docs/performance.md.

#include <functional>
#include <set>

#include "results.hpp"

namespace tools::bench {

/// The best of ours in a case, which rivals are shown against.
inline result const* best_of_ours(report const& all, std::string const& question,
                                  std::string const& what) {
    result const* best = nullptr;
    for (result const& r : all.results) {
        if (r.of.question != question || r.of.what != what || !r.there() || !is_ours(r.of.peer)) {
            continue;
        }
        if (best == nullptr || times_better(r, *best) > 1) best = &r;
    }
    return best;
}

/// Question and case of each group of results, in order.
inline std::vector<std::pair<std::string, std::string>> groups_of(report const& all) {
    std::vector<std::pair<std::string, std::string>> groups;
    for (result const& r : all.results) {
        std::pair<std::string, std::string> const g{r.of.question, r.of.what};
        if (std::find(groups.begin(), groups.end(), g) == groups.end()) groups.push_back(g);
    }
    return groups;
}

inline std::string spread(result const& r) {
    if (r.runs.size() < 2) return "";
    return "[" + shown(r.least()) + " - " + shown(r.most()) + "]";
}
/// How ours compares to a rival or limit: "ours 3.2 x"; ours itself: nothing.
inline std::string against_ours(result const& r, result const* best) {
    if (best == nullptr || is_ours(r.of.peer)) return "";
    if (best->median() == 0 || r.median() == 0) return "";
    return shown(times_better(*best, r)) + " x";
}

inline void print_table(report const& all, std::vector<target> const& targets) {
    std::set<std::string> skipped;
    for (auto const& [question, what] : groups_of(all)) {
        result const* const best = best_of_ours(all, question, what);
        bool                begun = false;
        for (result const& r : all.results) {
            if (r.of.question != question || r.of.what != what) continue;
            if (!r.skipped.empty()) skipped.insert(r.of.peer + ": " + r.skipped);
            if (!r.there()) continue;
            if (!begun) {
                std::printf("\n%s, %s (%s, %s is better)\n", question.c_str(),
                            readable(what).c_str(), r.of.unit.c_str(), r.of.more ? "more" : "less");
                begun = true;
            }
            std::string const ratio = against_ours(r, best);
            std::printf("  %-36s %10s  %-22s %s\n", readable(r.of.peer).c_str(),
                        shown(r.median()).c_str(), spread(r).c_str(),
                        ratio.empty() ? "" : ("best of ours: " + ratio).c_str());
        }
        for (target const& t : targets) {
            if (t.question != question || t.what != what) continue;
            verdict const v = judge(t, all);
            if (!v.known) continue;
            std::printf("    target %-28s %-32s %10s  %s\n", readable(t.peer).c_str(),
                        t.text().c_str(), shown(v.value).c_str(), v.met ? "met" : "MISSED");
        }
    }
    int met = 0, known = 0;
    for (target const& t : targets) {
        verdict const v = judge(t, all);
        known += v.known ? 1 : 0;
        met += v.met ? 1 : 0;
    }
    std::printf("\n");
    for (std::string const& why : skipped) std::printf("skipped: %s\n", why.c_str());
    std::printf("%d of %d targets met, %zu not measured\n", met, known,
                targets.size() - static_cast<std::size_t>(known));
}

// ---- docs/performance.md ----

/// A plot, its heading, and the questions whose tables stand under it.
struct section {
    std::string              heading;
    std::string              plot;  // file name without .svg
    std::string              text;
    std::vector<std::string> questions;
};

inline std::vector<section> const& sections() {
    static std::vector<section> const all = {
        {"Throughput",
         "throughput",
         "Messages that the receiving handlers have seen, in millions a second.",
         {"fan_in", "fork_join"}},
        {"Time per operation", "times", "", {"ping_pong", "ring", "ask", "spawn", "restart"}},
        {"Whole programs", "programs", "", {"skynet", "big", "shutdown"}},
        {"More workers",
         "scaling",
         "How many times faster the same program is with more threads.",
         {}},
        {"Latency",
         "latency",
         "From the moment at which a message should have been sent to the moment at which its "
         "handler ran, or at which the asker had its answer. Idle: 1,000 a second. Loaded: half of "
         "what that way carries.",
         {"latency_one_way_idle", "latency_one_way_loaded", "latency_ask_idle",
          "latency_ask_loaded", "latency_actors_1000_a_second", "latency_actors_1000000_a_second",
          "latency_beside_endless_mail", "cpu"}},
        {"Memory", "bytes", "", {"bytes", "allocations"}},
        {"Compiling", "compile", "CPU seconds of one compiler call, -O2.", {"compile_time"}},
        {"The machine",
         "",
         "What its operations cost; nothing above can be faster than what it is made of.",
         {"limits"}},
    };
    return all;
}

inline std::string page(report const& all, std::vector<target> const& targets) {
    std::string out =
        "<!-- Made by tools/bench from one run; do not edit. -->\n# Performance\n\n"
        "Medians of one run, with ours and the rivals interleaved; in brackets the least and the "
        "most of the rounds. Figures of different machines, or of one machine at different times, "
        "say little: compare within this page. The method is in "
        "[benchmarks/README.md](../benchmarks/README.md); `tools/bench` makes this page anew.\n\n"
        "| | |\n|---|---|\n";
    for (auto const& [key, value] : all.about) out += "| " + key + " | " + value + " |\n";
    for (auto const& [key, value] : all.about) {
        if (key == "load when it began" && std::atof(value.c_str()) > 0.7) {
            out += "\n**Other programs ran on this machine meanwhile: these figures are rough, and "
                   "not "
                   "to be quoted.**\n";
        }
    }
    out += "\n## Targets\n\n| question | case | ours | target | measured | "
           "|\n|---|---|---|---|---:|---|\n";
    for (target const& t : targets) {
        verdict const v = judge(t, all);
        out += "| " + t.question + " | " + readable(t.what) + " | " + readable(t.peer) + " | " +
               t.text() + " | " + (v.known ? shown(v.value) : "") + " | " +
               (!v.known ? "not measured"
                : v.met  ? "met"
                         : "**missed**") +
               " |\n";
    }
    for (section const& s : sections()) {
        std::string body;
        for (std::string const& question : s.questions) {
            bool begun = false;
            for (result const& r : all.results) {
                if (r.of.question != question || !r.there()) continue;
                if (!begun) {
                    body += "\n| " + question +
                            " | peer | median | | | best of ours |\n|---|---|---:|---|---|---:|\n";
                    begun = true;
                }
                body += "| " + readable(r.of.what) + " | " + readable(r.of.peer) + " | " +
                        shown(r.median()) + " | " + spread(r) + " | " + r.of.unit + " | " +
                        against_ours(r, best_of_ours(all, question, r.of.what)) + " |\n";
            }
        }
        if (body.empty() && !s.questions.empty()) continue;
        out += "\n## " + s.heading + "\n\n";
        if (!s.text.empty()) out += s.text + "\n\n";
        if (!s.plot.empty()) out += "![" + s.heading + "](performance/" + s.plot + ".svg)\n";
        out += body;
    }
    std::set<std::string> skipped;
    for (result const& r : all.results) {
        if (!r.skipped.empty()) skipped.insert(readable(r.of.peer) + ": " + r.skipped);
    }
    if (!skipped.empty()) out += "\n## Not measured, or not in all rounds\n\n";
    for (std::string const& why : skipped) out += "- " + why + "\n";
    return out;
}

}  // namespace tools::bench
