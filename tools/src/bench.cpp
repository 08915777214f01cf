// SPDX-License-Identifier: BSL-1.0

// bench COMMAND ...: what tools/bench is made of.
//
//   run ROWS PROGRAMS OUT [quick] [rounds=N] [seconds=N] [patience=N] [only=TEXT] [about=FILE]
//           [missing=FILE] [probes=N,N,...]
//           measures; exit 1 when a program failed, or one of ours took longer than its patience
//   print RESULTS TARGETS          the table
//   plots RESULTS FOLDER           SVG images
//   page RESULTS TARGETS OUT       docs/performance.md
//   check ROWS TARGETS             exit 1 when a target is about a figure that no row measures
//   compare BEFORE NOW [factor=N] [partial]   exit 1 when something of ours has become worse

#include "bench/compare.hpp"
#include "bench/measure.hpp"
#include "bench/plots.hpp"
#include "bench/print.hpp"

namespace {

using namespace tools::bench;

/// `name=value` among the arguments; empty when it is not there.
std::string option(std::vector<std::string> const& arguments, std::string const& name) {
    for (std::string const& a : arguments) {
        if (starts_with(a, (name + "=").c_str())) return a.substr(name.size() + 1);
    }
    return {};
}
bool flag(std::vector<std::string> const& arguments, char const* name) {
    return std::find(arguments.begin(), arguments.end(), name) != arguments.end();
}

int run(std::vector<std::string> const& a) {
    settings s;
    s.programs = a[1];
    s.log = a[2] + ".log";
    write_file(s.log, "");
    s.quick = flag(a, "quick");
    s.only = option(a, "only");
    if (auto const n = option(a, "rounds"); !n.empty()) s.rounds = std::atoi(n.c_str());
    if (auto const n = option(a, "seconds"); !n.empty()) s.seconds = std::atof(n.c_str());
    if (auto const n = option(a, "patience"); !n.empty()) s.patience = std::atoi(n.c_str());
    if (auto const list = option(a, "probes"); !list.empty()) {
        for (std::string const& n : split(list, ',')) s.probes.push_back(std::atof(n.c_str()));
    }
    std::vector<std::pair<std::string, std::string>> about;
    if (auto const file = option(a, "about"); !file.empty()) {
        for (std::string const& line : split(read_file(file), '\n')) {
            if (auto const at = line.find(": "); at != std::string::npos) {
                about.emplace_back(line.substr(0, at), line.substr(at + 2));
            }
        }
    }
    if (auto const file = option(a, "missing"); !file.empty()) {
        for (std::string const& line : split(read_file(file), '\n')) {
            if (auto const at = line.find(' '); at != std::string::npos) {
                s.missing[line.substr(0, at)] = line.substr(at + 1);
            }
        }
    }
    runner     r{s, read_rows(a[0])};
    bool const good = r.run();
    report&    all = r.outcome();
    all.about.insert(all.about.begin(), about.begin(), about.end());
    write_file(a[2], to_text(all));
    return good ? 0 : 1;
}

int check(std::vector<row> const& rows, std::vector<target> const& targets) {
    auto const there = [&](target const& t, std::string const& peer) {
        std::string const name = t.question + "/" + t.what + "/" + peer;
        for (row const& r : rows) {
            if (r.name() == name) return 0;
        }
        std::printf("no row measures %s, which has a target\n", name.c_str());
        return 1;
    };
    int missing = 0;
    for (target const& t : targets) {
        missing += there(t, t.peer);
        if (t.unit == "x") missing += there(t, t.than);
    }
    std::printf("%zu rows, %zu targets, %d of these about nothing\n", rows.size(), targets.size(),
                missing);
    return missing == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::string> a(argv + std::min(argc, 1), argv + argc);
    std::string const        command = a.empty() ? "" : a[0];
    if (!a.empty()) a.erase(a.begin());
    if (command == "run" && a.size() >= 3) return run(a);
    if (command == "print" && a.size() == 2) {
        print_table(read_report(a[0]), read_targets(a[1]));
        return 0;
    }
    if (command == "plots" && a.size() == 2) {
        write_plots(read_report(a[0]), a[1]);
        return 0;
    }
    if (command == "page" && a.size() == 3) {
        write_file(a[2], page(read_report(a[0]), read_targets(a[1])));
        return 0;
    }
    if (command == "check" && a.size() == 2) return check(read_rows(a[0]), read_targets(a[1]));
    if (command == "compare" && a.size() >= 2) {
        auto const   said = option(a, "factor");
        double const factor = said.empty() ? 1.25 : std::atof(said.c_str());
        auto const   c = compare(read_report(a[0]), read_report(a[1]), factor);
        return print_comparison(c, factor, flag(a, "partial")) ? 0 : 1;
    }
    std::fprintf(stderr, "bench: run, print, plots, page or compare; see tools/src/bench.cpp\n");
    return 2;
}
