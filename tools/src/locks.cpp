// SPDX-License-Identifier: BSL-1.0

// locks: prints the table of include/troupe/sync/lock_rank.hpp as it stands in
// docs/design/0004-locks.md. tools/locks does the rest.

#include <cstdio>

#include "troupe/sync/lock_rank.hpp"

int main() {
    std::puts("| position | rank | what it guards, and who takes it |");
    std::puts("|---|---|---|");
    for (troupe::detail::rank_row const& row : troupe::detail::rank_table) {
        std::printf("| %d | `%s` | %s |\n", row.position, row.name, row.reason);
    }
}
