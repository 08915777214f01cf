// SPDX-License-Identifier: BSL-1.0
#include "troupe/config/assert.hpp"

#include "support/catch.hpp"

#include <string>

#if defined(__linux__)
#include <csignal>
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace test_assert {

using namespace troupe_test;

TEST_CASE("a promise that holds costs nothing but its look, and in a release build not even that") {
    int looks = 0;
    TROUPE_ASSERT(++looks > 0, "never said");
#if defined(NDEBUG)
    CHECK(looks == 0);
#else
    CHECK(looks == 1);
#endif
    // An expression: it fits where a statement does.
    if (looks < 0) TROUPE_ASSERT(false, "never said");
    else CHECK(looks <= 1);
}

#if defined(__linux__)

TEST_CASE("a promise that is broken ends the program, and says which and where") {
    int ends[2] = {};
    REQUIRE(pipe(ends) == 0);
    pid_t const child = fork();
    if (child == 0) {
        std::signal(SIGABRT, SIG_DFL);
        dup2(ends[1], STDERR_FILENO);
        troupe::detail::assertion_failed("one == two", "numbers differ", "where.hpp", 17);
    }
    close(ends[1]);
    std::string said(200, '\0');
    ssize_t     length = 0;
    for (ssize_t n = 1; n > 0; length += n) {
        n = read(ends[0], said.data() + length, said.size() - static_cast<std::size_t>(length));
        if (n < 0) break;
    }
    close(ends[0]);
    said.resize(static_cast<std::size_t>(length));
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGABRT);
    CHECK_THAT(said,
               contains("where.hpp:17") && contains("numbers differ") && contains("one == two"));
}

#endif

}  // namespace test_assert
