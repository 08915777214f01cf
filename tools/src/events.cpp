// SPDX-License-Identifier: BSL-1.0

// events: prints the table of include/troupe/port/log_event.hpp as it stands in
// docs/reference/log_sink.md. tools/events does the rest.

#include <cstdio>
#include <string>

#include "troupe/port/log_event.hpp"

int main() {
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
