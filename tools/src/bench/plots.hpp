// SPDX-License-Identifier: BSL-1.0
#pragma once

// Which results go into which plot.

#include <functional>

#include "print.hpp"
#include "svg.hpp"

namespace tools::bench {

/// The cases of these questions whose unit is `unit`, a group each.
inline std::vector<bar_plot::group> groups(
    report const& all, std::vector<std::string> const& questions, std::string const& unit,
    std::function<bool(result const&)> const& wanted = [](result const&) { return true; }) {
    std::vector<bar_plot::group> out;
    for (auto const& [question, what] : groups_of(all)) {
        if (std::find(questions.begin(), questions.end(), question) == questions.end()) continue;
        bar_plot::group g{question == what || what == "whole" || questions.size() == 1
                              ? readable(what == "whole" ? question : what)
                              : readable(question) + ", " + readable(what),
                          {}};
        for (result const& r : all.results) {
            if (r.of.question != question || r.of.what != what || !r.there()) continue;
            if (r.of.unit != unit || !wanted(r) || r.median() <= 0) continue;
            g.bars.push_back({r.of.peer, r.median(), r.least(), r.most()});
        }
        std::sort(g.bars.begin(), g.bars.end(),
                  [](auto const& a, auto const& b) { return stands_before(a.peer, b.peer); });
        if (!g.bars.empty()) out.push_back(std::move(g));
    }
    return out;
}

/// What says little more than its neighbours stands in the tables only.
inline bool worth_a_bar(result const& r) {
    return r.of.peer.find("pool") == std::string::npos &&
           r.of.what.find("2_producers") == std::string::npos;
}

inline std::string plot_throughput(report const& all) {
    bar_plot p;
    p.title = "Messages a second: troupe, rivals, and bare queues";
    p.axis = "million messages a second that the handlers have seen; more is better";
    p.groups = groups(all, {"fan_in", "fork_join"}, "M/s", worth_a_bar);
    return p.draw();
}
inline std::string plot_times(report const& all) {
    bar_plot p;
    p.title = "Time per operation: troupe, rivals, and the machine";
    p.axis = "nanoseconds; less is better";
    p.logarithmic = true;
    p.groups = groups(all, {"ping_pong", "ring", "ask", "spawn"}, "ns", worth_a_bar);
    return p.draw();
}
inline std::string plot_programs(report const& all) {
    bar_plot p;
    p.title = "Whole programs: a tree of a million actors, and 120 that all talk at once";
    p.axis = "milliseconds until all is done; less is better";
    p.logarithmic = true;
    p.groups = groups(all, {"skynet", "big"}, "ms");
    return p.draw();
}
inline std::string plot_bytes(report const& all) {
    bar_plot p;
    p.title = "Memory: what one of each takes";
    p.axis = "bytes; less is better";
    p.groups = groups(all, {"spawn", "bytes"}, "B", [](result const& r) {
        return r.of.what != "system" && r.of.what != "idle_actor";
    });
    for (auto& g : p.groups) {
        for (char const* question : {"spawn, ", "bytes, "}) {
            if (starts_with(g.label, question)) g.label = g.label.substr(7);
        }
        if (g.label == "idle bytes") g.label = "idle actor, resident";
    }
    return p.draw();
}
inline std::string plot_compile(report const& all) {
    bar_plot p;
    p.title = "Compiling: a program with one typed actor, and one more type of actor";
    p.axis = "CPU seconds of one compiler call; less is better";
    p.groups = groups(all, {"compile_time"}, "s");
    return p.draw();
}

/// The peer without its number of threads, and the number; 0: it has none.
inline std::pair<std::string, int> threads_of(std::string const& peer) {
    auto const at = peer.rfind('_');
    if (at == std::string::npos) return {peer, 0};
    return {peer.substr(0, at), std::atoi(peer.c_str() + at + 1)};
}

inline std::string plot_scaling(report const& all) {
    line_plot p;
    p.title = "More workers: how many times faster the same program is";
    p.x_axis = "worker threads";
    p.y_axis = "times the speed of one; dotted: ideal";
    p.by_threads = true;
    std::vector<int> counts = {1};
    for (result const& r : all.results) {
        int const n = threads_of(r.of.peer).second;
        if (n > 1 && r.there() && std::find(counts.begin(), counts.end(), n) == counts.end()) {
            counts.push_back(n);
        }
    }
    std::sort(counts.begin(), counts.end());
    for (int const n : counts) {
        p.steps.push_back(std::to_string(n));
        p.ideal.push_back(n);
    }
    for (auto const& [question, what] : groups_of(all)) {
        // Those that have work for more than one.
        if (what != "8_producers_bounded" && question != "skynet" && question != "big" &&
            question != "fork_join" && what != "100_tokens") {
            continue;
        }
        line_plot::panel panel{readable(question) + (what == "whole" ? "" : ", " + readable(what)),
                               {}};
        for (char const* kind : {"stealing", "caf", "go"}) {
            result const* const one = all.find(question, what, std::string{kind} + "_1");
            if (one == nullptr) continue;
            line_plot::series line{std::string{kind} + "_2", {}};
            for (int const n : counts) {
                result const* const r =
                    all.find(question, what, std::string{kind} + "_" + std::to_string(n));
                line.values.push_back(r == nullptr ? NAN : times_better(*r, *one));
            }
            panel.lines.push_back(std::move(line));
        }
        if (!panel.lines.empty() && panel.lines[0].values.size() > 1) {
            p.panels.push_back(std::move(panel));
        }
    }
    return p.draw();
}

inline std::string plot_latency(report const& all) {
    line_plot p;
    p.title = "Latency: from the intended time to the handler, or to the answer";
    p.x_axis = "percentile";
    p.y_axis = "microseconds";
    p.logarithmic = true;
    p.steps = {"p50", "p90", "p99", "p99.9"};
    std::pair<char const*, char const*> const kinds[] = {
        {"latency_one_way_idle", "one way, idle"},
        {"latency_one_way_loaded", "one way, 50 % load"},
        {"latency_actors_1000_a_second", "between actors, 1,000/s"},
        {"latency_ask_idle", "ask, idle"},
        {"latency_ask_loaded", "ask, 50 % load"},
        {"latency_actors_1000000_a_second", "between actors, 1,000,000/s"}};
    for (auto const& [question, label] : kinds) {
        line_plot::panel panel{label, {}};
        for (char const* peer : {"stealing_1", "stealing_2", "mutex_deque"}) {
            line_plot::series line{peer, {}};
            bool              any = false;
            for (std::string const& step : p.steps) {
                result const* const r = all.find(question, step, peer);
                line.values.push_back(r == nullptr ? NAN : r->median());
                any = any || r != nullptr;
            }
            if (any) panel.lines.push_back(std::move(line));
        }
        if (!panel.lines.empty()) p.panels.push_back(std::move(panel));
    }
    return p.draw();
}

/// Writes each plot for which there is something into the folder.
inline void write_plots(report const& all, std::string const& folder) {
    std::pair<char const*, std::string (*)(report const&)> const plots[] = {
        {"throughput", &plot_throughput}, {"times", &plot_times},     {"programs", &plot_programs},
        {"scaling", &plot_scaling},       {"latency", &plot_latency}, {"bytes", &plot_bytes},
        {"compile", &plot_compile}};
    for (auto const& [name, draw] : plots) {
        std::string const image = draw(all);
        if (!image.empty()) write_file(folder + "/" + name + ".svg", image);
    }
}

}  // namespace tools::bench
