// SPDX-License-Identifier: BSL-1.0

// The main of all benchmark programs. Without arguments, or with those of Google Benchmark, it is
// Google Benchmark's. With the name of one figure it prints that figure for tools/bench, as
//
//     rate question/case/peer things-a-second
//     value question/case/peer number

#include <cstring>
#include <string>
#include <vector>

#include "config.hpp"

namespace {

class one_line : public benchmark::BenchmarkReporter {
public:
    explicit one_line(std::string name) : name_(std::move(name)) {}
    bool ReportContext(Context const&) override { return true; }
    void ReportRuns(std::vector<Run> const& runs) override {
        for (Run const& run : runs) {
            if (auto const value = run.counters.find("value"); value != run.counters.end()) {
                std::printf("value %s %.9g\n", name_.c_str(), static_cast<double>(value->second));
            } else if (auto const rate = run.counters.find("items_per_second");
                       rate != run.counters.end()) {
                std::printf("rate %s %.9g\n", name_.c_str(), static_cast<double>(rate->second));
            }
        }
    }

private:
    std::string name_;
};

int print_one(char* program, std::string const& name) {
    // Names are plain words, and the way of timing is added behind them.
    std::string filter = "--benchmark_filter=^" + name + "(/|$)";
    char*       arguments[] = {program, filter.data(), nullptr};
    int         count = 2;
    benchmark::Initialize(&count, arguments);
    one_line          reporter{name};
    std::size_t const ran = benchmark::RunSpecifiedBenchmarks(&reporter);
    if (ran == 1) return 0;
    std::fprintf(stderr, "%s: %zu figures have this name\n", name.c_str(), ran);
    return 2;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 2 && argv[1][0] != '-') return print_one(argv[0], argv[1]);
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
