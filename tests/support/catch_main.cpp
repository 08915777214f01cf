// SPDX-License-Identifier: BSL-1.0

// The main of every Catch executable. Exit codes mean the same under Catch2 2 and 3:
// 0 = passed, 4 = nothing failed and at least one case was skipped (Catch 3 fixes that number),
// 1 = failed. A program that is started with `--as` plays a part: support/processes.hpp.

#if !__has_include(<catch2/catch_all.hpp>)
#define CATCH_CONFIG_RUNNER
#endif
#include "support/catch.hpp"
#include "support/processes.hpp"

#include <cstdio>

namespace {
int                   skipped = 0;
[[maybe_unused]] bool any_failed = false;
}  // namespace

#if TROUPE_TEST_CATCH == 3
namespace {
struct skip_listener : Catch::EventListenerBase {
    using EventListenerBase::EventListenerBase;
    void testCaseEnded(Catch::TestCaseStats const& stats) override {
        if (stats.totals.testCases.skipped != 0) ++skipped;
        if (stats.totals.assertions.failed != 0) any_failed = true;
    }
};
CATCH_REGISTER_LISTENER(skip_listener)
}  // namespace
#else
void troupe_test::skip(char const* why) {
    std::printf("skipped: %s\n", why);
    ++skipped;
}
#endif

int main(int argc, char** argv) {
    if (int code = 0; troupe_test::part::played(argc, argv, code)) return code;
    Catch::Session session;
    int const      failed = session.run(argc, argv);
#if TROUPE_TEST_CATCH == 3
    if (failed == 4 && skipped != 0 && !any_failed) return 4;  // "all tests skipped"
#endif
    if (failed != 0) return 1;
    return skipped != 0 ? 4 : 0;
}
