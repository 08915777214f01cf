// SPDX-License-Identifier: BSL-1.0

// metrics: prints the catalogue of include/troupe/observe/catalogue.hpp, as
// docs/reference/metrics.md has it, or (`rules`) its alarms as a file of rules for Prometheus.
// tools/metrics does the rest.

#include <cstdio>
#include <string>
#include <string_view>

#include "troupe/observe/catalogue.hpp"

namespace {

/// In a table a bar would begin a new cell.
std::string cell(std::string_view text) {
    std::string safe;
    for (char const c : text) {
        if (c == '|') safe += '\\';
        safe += c;
    }
    return safe;
}

void print_table() {
    std::puts("| name | kind | what | told | alarm |");
    std::puts("|---|---|---|---|---|");
    for (troupe::metric_info const& m : troupe::metric_catalogue) {
        std::string name = "`" + std::string{m.name};
        if (!m.label.empty()) name += "{" + std::string{m.label} + "}";
        name += "`";
        std::string const alarm = m.alarm.empty() ? "" : "`" + cell(m.alarm) + "`";
        std::printf("| %s | %s | %s | %s | %s |\n", name.c_str(),
                    std::string{to_string(m.kind)}.c_str(), cell(m.help).c_str(),
                    std::string{to_string(m.told)}.c_str(), alarm.c_str());
    }
}

void print_rules() {
    std::puts("groups:");
    std::puts("  - name: troupe");
    std::puts("    rules:");
    for (troupe::metric_info const& m : troupe::metric_catalogue) {
        if (m.alarm.empty()) continue;
        std::printf("      - alert: troupe_%s\n", std::string{m.name}.c_str());
        std::printf("        expr: '%s'\n", std::string{m.alarm}.c_str());
        std::puts("        for: 5m");
        std::puts("        annotations:");
        std::printf("          summary: '%s'\n", std::string{m.help}.c_str());
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc > 1 && std::string_view{argv[1]} == "rules") print_rules();
    else print_table();
}
