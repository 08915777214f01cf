// SPDX-License-Identifier: BSL-1.0
#pragma once

// The rows that drive everything, the targets they are held against, and the results.
//
// A figure is named by question, case and peer. Its peer belongs to a family: ours, a rival
// (caf_2, go_2, mutex_deque), or a limit of the machine.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "json.hpp"

namespace tools::bench {

[[noreturn]] inline void fail(std::string const& text) {
    std::fprintf(stderr, "bench: %s\n", text.c_str());
    std::exit(2);
}

inline std::string trim(std::string const& text) {
    auto const first = text.find_first_not_of(" \t\r");
    if (first == std::string::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}
inline std::vector<std::string> split(std::string const& text, char by) {
    std::vector<std::string> parts;
    std::istringstream       in(text);
    for (std::string part; std::getline(in, part, by);) parts.push_back(trim(part));
    return parts;
}
inline std::string read_file(std::string const& path) {
    std::ifstream in(path);
    if (!in) fail(path + ": cannot be read");
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
}
inline void write_file(std::string const& path, std::string const& text) {
    std::ofstream out(path);
    out << text;
    if (!out.flush()) fail(path + ": cannot be written");
}
/// Lines `a | b | c` without comments, blank ones left out.
inline std::vector<std::vector<std::string>> read_table(std::string const& path,
                                                        std::size_t        columns) {
    std::vector<std::vector<std::string>> rows;
    int                                   number = 0;
    for (std::string const& line : split(read_file(path), '\n')) {
        ++number;
        if (line.empty() || line[0] == '#') continue;
        auto cells = split(line, '|');
        if (cells.size() == columns - 1) cells.emplace_back();
        if (cells.size() != columns) {
            fail(path + ":" + std::to_string(number) + ": " + std::to_string(columns) +
                 " columns are wanted");
        }
        rows.push_back(std::move(cells));
    }
    return rows;
}

enum class family { ours, rival, limit };
inline bool starts_with(std::string const& text, char const* with) {
    return text.rfind(with, 0) == 0;
}
inline family family_of(std::string const& peer) {
    if (starts_with(peer, "limit")) return family::limit;
    for (char const* rival : {"caf", "go", "mutex_deque"}) {
        if (starts_with(peer, rival)) return family::rival;
    }
    return family::ours;
}
inline bool is_ours(std::string const& peer) { return family_of(peer) == family::ours; }

/// What a figure is, and how one gets it.
struct row {
    std::string question, what, peer;  // `what` is the case
    std::string unit;
    bool        more = false;  // more is better
    bool        quick = false;
    int         rounds = 0;  // at most; 0: as many as the others
    unsigned    cores = 0;   // at least
    std::string command;

    std::string name() const { return question + "/" + what + "/" + peer; }
};

/// What came out. `skipped` says why there is nothing, or no more.
struct result {
    row                 of;
    std::vector<double> runs;
    std::string         skipped;

    bool   there() const { return !runs.empty(); }
    double median() const {
        std::vector<double> sorted = runs;
        std::sort(sorted.begin(), sorted.end());
        std::size_t const n = sorted.size();
        return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    }
    double least() const { return *std::min_element(runs.begin(), runs.end()); }
    double most() const { return *std::max_element(runs.begin(), runs.end()); }
    double best() const { return of.more ? most() : least(); }
};

/// A run: where and how, then the results.
struct report {
    std::vector<std::pair<std::string, std::string>> about;
    std::vector<result>                              results;

    result const* find(std::string const& question, std::string const& what,
                       std::string const& peer) const {
        for (result const& r : results) {
            if (r.of.question == question && r.of.what == what && r.of.peer == peer) {
                return r.there() ? &r : nullptr;
            }
        }
        return nullptr;
    }
};

/// How many times better `a` is than `b`.
inline double times_better(result const& a, result const& b) {
    double const x = a.median(), y = b.median();
    if (x == y) return 1;
    return a.of.more ? x / y : y / x;
}

// ---- rows.txt ----

inline std::vector<row> read_rows(std::string const& path) {
    std::vector<row> rows;
    for (auto const& c : read_table(path, 7)) {
        for (std::string const& what : split(c[1], ',')) {
            for (std::string const& peer : split(c[2], ',')) {
                row r{c[0], what, peer, c[3], c[4] == "more", false, 0, 0, c[6]};
                if (!r.more && c[4] != "less") fail(path + ": better is more or less: " + r.name());
                std::istringstream words(c[5]);
                for (std::string word; words >> word;) {
                    if (word == "quick") r.quick = true;
                    else if (starts_with(word, "rounds=")) r.rounds = std::atoi(word.c_str() + 7);
                    else if (starts_with(word, "cores=")) {
                        r.cores = static_cast<unsigned>(std::atoi(word.c_str() + 6));
                    } else if (word != "full") fail(path + ": unknown word '" + word + "'");
                }
                if (auto const at = r.command.find('%'); at != std::string::npos) {
                    r.command.replace(at, 1, r.name());
                }
                for (row const& other : rows) {
                    if (other.name() == r.name()) fail(path + ": twice: " + r.name());
                }
                rows.push_back(std::move(r));
            }
        }
    }
    return rows;
}

// ---- targets.txt ----

/// A median must be at most or at least so much, or so many times better than another one.
struct target {
    std::string question, what, peer;
    bool        at_most = false;
    double      bound = 0;
    std::string unit;  // "x": times better than ...
    std::string than;

    std::string text() const {
        char number[40];
        std::snprintf(number, sizeof number, "%g", bound);
        std::string const said = std::string{at_most ? "at most " : "at least "} + number;
        return unit == "x" ? said + " x " + than : said + " " + unit;
    }
};

inline std::vector<target> read_targets(std::string const& path) {
    std::vector<target> targets;
    for (auto const& c : read_table(path, 5)) {
        for (std::string const& what : split(c[1], ',')) {
            for (std::string const& peer : split(c[2], ',')) {
                target             t{c[0], what, peer, false, 0, {}, c[4]};
                std::istringstream words(c[3]);
                std::string        at, bound;
                words >> at >> bound >> t.bound >> t.unit;
                t.at_most = bound == "most";
                if (words.fail() || at != "at" || (!t.at_most && bound != "least")) {
                    fail(path + ": say `at most NUMBER UNIT` or `at least NUMBER x`: " + c[3]);
                }
                targets.push_back(std::move(t));
            }
        }
    }
    return targets;
}

struct verdict {
    bool   known = false;
    bool   met = false;
    double value = 0;
};
inline verdict judge(target const& t, report const& all) {
    verdict             v;
    result const* const r = all.find(t.question, t.what, t.peer);
    if (r == nullptr) return v;
    if (t.unit == "x") {
        result const* const other = all.find(t.question, t.what, t.than);
        if (other == nullptr) return v;
        v.value = times_better(*r, *other);
    } else {
        v.value = r->median();
    }
    v.known = true;
    v.met = t.at_most ? v.value <= t.bound : v.value >= t.bound;
    return v;
}

// ---- results ----

inline std::string to_text(report const& all) {
    json whole = json::an_object();
    json about = json::an_object();
    for (auto const& [key, value] : all.about) about.set(key, value);
    whole.set("about", std::move(about));
    json rows = json::a_list();
    for (result const& r : all.results) {
        json j = json::an_object();
        j.set("question", r.of.question);
        j.set("case", r.of.what);
        j.set("peer", r.of.peer);
        j.set("unit", r.of.unit);
        j.set("better", r.of.more ? "more" : "less");
        if (!r.skipped.empty()) j.set("skipped", r.skipped);
        if (r.there()) {
            j.set("median", r.median());
            j.set("min", r.least());
            j.set("max", r.most());
            json runs = json::a_list();
            for (double const n : r.runs) runs.list.emplace_back(n);
            j.set("runs", std::move(runs));
        }
        rows.list.push_back(std::move(j));
    }
    whole.set("rows", std::move(rows));
    std::string text;
    write(text, whole);
    return text + "\n";
}

inline report read_report(std::string const& path) {
    std::string const text = read_file(path);
    json_reader       reader{text};
    json const        whole = reader.read();
    if (!reader.good() || whole["rows"].is != json::kind::list) {
        fail(path + ": these are no results of tools/bench");
    }
    report all;
    for (auto const& [key, value] : whole["about"].object) all.about.emplace_back(key, value.text);
    for (json const& j : whole["rows"].list) {
        result r;
        r.of.question = j["question"].text;
        r.of.what = j["case"].text;
        r.of.peer = j["peer"].text;
        r.of.unit = j["unit"].text;
        r.of.more = j["better"].text == "more";
        for (json const& n : j["runs"].list) r.runs.push_back(n.number);
        r.skipped = j["skipped"].text;
        all.results.push_back(std::move(r));
    }
    return all;
}

// ---- how numbers and names look ----

/// Three significant digits, thousands apart.
inline std::string shown(double n) {
    char text[40];
    if (n != 0 && n < 0.001 && n > -0.001) std::snprintf(text, sizeof text, "%.1e", n);
    else if (n < 10)
        std::snprintf(text, sizeof text, n == static_cast<int>(n) ? "%.0f" : "%.2f", n);
    else if (n < 100) std::snprintf(text, sizeof text, "%.1f", n);
    else std::snprintf(text, sizeof text, "%.0f", n);
    std::string s = text;
    if (n >= 1000) {
        for (std::size_t at = s.size(); at > 3;) s.insert(at -= 3, ",");
    }
    return s;
}
/// Names are written with _ where a reader wants a blank.
inline std::string readable(std::string name) {
    if (name == "mutex_deque") return "mutex + deque";
    if (name == "mutex_deque_2") return "mutex + deque, 2 threads";
    if (name == "troupe") return name;
    std::replace(name.begin(), name.end(), '_', ' ');
    auto const replace = [&name](char const* from, char const* to) {
        if (auto const at = name.find(from); at != std::string::npos) {
            name.replace(at, std::string{from}.size(), to);
        }
    };
    replace("stealing", "work stealing");
    replace("caf", "CAF");
    replace("go ", "Go ");
    if (name == "go") name = "Go";
    for (char const* threads : {"work stealing ", "CAF ", "Go "}) {
        if (name.size() > std::string{threads}.size() && starts_with(name, threads)) {
            name.insert(std::string{threads}.size() - 1, ",");
            auto const digits = name.find_first_of("0123456789");
            if (digits != std::string::npos) {
                auto const end = name.find_first_not_of("0123456789", digits);
                bool const one = name.substr(digits, end - digits) == "1";
                name.insert(end == std::string::npos ? name.size() : end,
                            one ? " thread" : " threads");
            }
        }
    }
    return name;
}

}  // namespace tools::bench
