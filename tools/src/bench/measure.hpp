// SPDX-License-Identifier: BSL-1.0
#pragma once

// Runs the commands of the rows in rounds: in each round every command once, one after the other,
// so that ours and the rivals share good and bad moments of the machine.

#include <sys/wait.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <thread>

#include "processors.hpp"
#include "results.hpp"

namespace tools::bench {

struct settings {
    std::string programs;                        // the folder of the programs
    std::string log;                             // what the programs say besides
    int         rounds = 5;                      // at most
    double      seconds = 1200;                  // no round is begun that would not end by then
    int         patience = 120;                  // seconds for one program
    bool        quick = false;                   // only the rows for a quick look
    std::string only;                            // only names that contain it
    std::map<std::string, std::string> missing;  // peer -> why its programs are not here
    std::vector<double>                probes;   // for tests: see processors
};

/// What a program has said about a figure, in the unit of its row.
inline double in_unit(row const& r, bool rate, double said) {
    if (!rate) return said;
    if (r.unit == "M/s") return said / 1e6;
    if (r.unit == "k/s") return said / 1e3;
    std::pair<char const*, double> const times[] = {
        {"ns", 1e9}, {"us", 1e6}, {"ms", 1e3}, {"s", 1}};
    for (auto const& [unit, in_a_second] : times) {
        if (r.unit == unit) return in_a_second / said;
    }
    fail(r.name() + ": a rate does not fit its unit " + r.unit);
}

class runner {
public:
    explicit runner(settings s, std::vector<row> rows)
        : settings_(std::move(s)), processors_(settings_.probes) {
        for (row& r : rows) {
            if (settings_.quick && !r.quick) continue;
            if (!settings_.only.empty() && r.name().find(settings_.only) == std::string::npos) {
                continue;
            }
            result entry{std::move(r), {}, {}};
            entry.skipped = why_not(entry.of);
            report_.results.push_back(std::move(entry));
        }
        if (report_.results.empty()) fail("no row fits");
    }

    /// False when a program failed: then a count was short, or it crashed.
    bool run() {
        for (int round = 0; round < settings_.rounds; ++round) {
            double const before = seconds();
            if (round > 0 && before + last_round_ > settings_.seconds) {
                std::printf("bench: no time for another round\n");
                break;
            }
            run_round(round);
            last_round_ = seconds() - before;
            std::printf("bench: round %d of %d took %.0f s\n", round + 1, settings_.rounds,
                        last_round_);
            std::fflush(stdout);
            rounds_ = round + 1;
        }
        return good_;
    }
    report& outcome() {
        report_.about.emplace_back("rounds", std::to_string(rounds_));
        report_.about.emplace_back("processors", processors_.summary());
        return report_;
    }

private:
    std::string why_not(row const& r) const {
        if (r.cores > std::thread::hardware_concurrency()) {
            return "this machine has fewer than " + std::to_string(r.cores) + " processors";
        }
        for (auto const& [peer, why] : settings_.missing) {
            if (starts_with(r.peer, peer.c_str())) return why;
        }
        std::string const program = r.command.substr(0, r.command.find(' '));
        if (program != "sh" && !std::filesystem::exists(settings_.programs + "/" + program)) {
            return program + " was not built";
        }
        return {};
    }
    double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
    }

    void run_round(int round) {
        std::vector<std::string> ran;
        for (result const& r : report_.results) {
            if (!r.skipped.empty() || (r.of.rounds > 0 && round >= r.of.rounds)) continue;
            if (std::find(ran.begin(), ran.end(), r.of.command) != ran.end()) continue;
            ran.push_back(r.of.command);
            run_command(r.of.command);
        }
    }

    void run_command(std::string const& command) {
        constexpr int at_most = 3;
        bool const    counts = !starts_with(command, "sh ");  // a compiler runs on one processor
        bool          far = counts && processors_.far();
        printed       said = run_program(command);
        for (int times = 1; counts && said.status == 0; ++times) {
            far = processors_.far() || far;
            if (!far) break;
            if (times == at_most) {
                processors_.note_kept();
                break;
            }
            processors_.note_repeated();
            far = processors_.far();
            said = run_program(command);
        }
        note(command, said);
    }

    /// What a program has printed: the names with a rate (true) or a value.
    struct printed {
        int                                            status = 0;
        std::map<std::string, std::pair<bool, double>> figures;
    };
    printed run_program(std::string const& command) const {
        std::string line =
            starts_with(command, "sh ") ? command : settings_.programs + "/" + command;
        std::string const patience = std::to_string(settings_.patience);
        line = "timeout " + patience + " " + line + " 2>>'" + settings_.log + "'";
        std::FILE* const out = popen(line.c_str(), "r");
        if (out == nullptr) fail("cannot run: " + line);
        char    text[512];
        printed said;
        while (std::fgets(text, sizeof text, out) != nullptr) {
            std::istringstream words(text);
            std::string        kind, name;
            double             number = 0;
            if (words >> kind >> name >> number && (kind == "rate" || kind == "value")) {
                said.figures[name] = {kind == "rate", number};
            }
        }
        said.status = pclose(out);
        return said;
    }

    void note(std::string const& command, printed const& said) {
        int const         status = said.status;
        std::string const patience = std::to_string(settings_.patience);
        for (result& r : report_.results) {
            if (r.of.command != command || !r.skipped.empty()) continue;
            auto const found = said.figures.find(r.of.name());
            if (status == 0 && found != said.figures.end()) {
                r.runs.push_back(in_unit(r.of, found->second.first, found->second.second));
                continue;
            }
            bool const late = WIFEXITED(status) && WEXITSTATUS(status) == 124;
            if (late && !is_ours(r.of.peer)) {
                // A rival that hangs says something of the rival: it keeps the rounds before.
                r.skipped = r.of.question + " " + r.of.what + " did not end in " + patience +
                            " s, in round " + std::to_string(r.runs.size() + 1);
                std::fprintf(stderr, "bench: %s: %s\n", r.of.name().c_str(), r.skipped.c_str());
                continue;
            }
            good_ = false;
            r.runs.clear();
            r.skipped = late          ? "FAILED: it did not end in " + patience + " s"
                        : status != 0 ? "FAILED: " + command + ", see " + settings_.log
                                      : "FAILED: the program does not print it";
            std::fprintf(stderr, "bench: %s: %s\n", r.of.name().c_str(), r.skipped.c_str());
        }
    }

    settings                                    settings_;
    processors                                  processors_;
    report                                      report_;
    bool                                        good_ = true;
    int                                         rounds_ = 0;
    double                                      last_round_ = 0;
    std::chrono::steady_clock::time_point const begun_ = std::chrono::steady_clock::now();
};

}  // namespace tools::bench
