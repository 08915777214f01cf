// SPDX-License-Identifier: BSL-1.0

// tables NAME: prints a table of the headers as the page has it that shows it. `locks`: the ranks,
// `metrics`: the catalogue, `events`: what the library logs. `rules` prints the alarms of the
// catalogue as a file of rules for Prometheus. tools/tables does the rest.

#include <cstdio>
#include <string>
#include <string_view>

#include "troupe/observe/catalogue.hpp"
#include "troupe/port/log_event.hpp"
#include "troupe/sync/lock_rank.hpp"

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

void print_locks() {
    std::puts("| position | rank | what it guards, and who takes it |");
    std::puts("|---|---|---|");
    for (troupe::detail::rank_row const& row : troupe::detail::rank_table) {
        std::printf("| %d | `%s` | %s |\n", row.position, row.name, row.reason);
    }
}

void print_metrics() {
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

void print_events() {
    std::puts("| event | level | topic | when | fields |");
    std::puts("|---|---|---|---|---|");
    for (troupe::log_event_row const& row : troupe::log_events) {
        std::string fields;
        for (char const c : row.fields) fields += c == ',' ? std::string{"`, `"} : std::string{c};
        if (!fields.empty()) fields = "`" + fields + "`";
        std::printf("| `%s` | %s | %s | %s | %s |\n", std::string{row.text}.c_str(),
                    std::string{to_string(row.level)}.c_str(),
                    std::string{to_string(row.topic)}.c_str(), std::string{row.when}.c_str(),
                    fields.c_str());
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
    std::string_view const name = argc == 2 ? argv[1] : "";
    if (name == "locks") print_locks();
    else if (name == "metrics") print_metrics();
    else if (name == "events") print_events();
    else if (name == "rules") print_rules();
    else return 2;
}
