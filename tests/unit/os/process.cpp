// SPDX-License-Identifier: BSL-1.0
#include "troupe/os/process.hpp"

#include "support/catch.hpp"

namespace test_process {

TEST_CASE("the processor time of the process only grows") {
    double const before = troupe::detail::process_cpu_seconds();
    CHECK(before > 0);
    double after = before;
    while (after == before) after = troupe::detail::process_cpu_seconds();  // it is used up here
    CHECK(after > before);
}

TEST_CASE("the memory of the process is known on Linux") {
#if defined(__linux__)
    CHECK(troupe::detail::process_memory_bytes() > 65536);
#else
    CHECK(troupe::detail::process_memory_bytes() == -1);
#endif
}

}  // namespace test_process
