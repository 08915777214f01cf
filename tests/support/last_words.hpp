// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a program says when it ends itself: a function is tried in a child process.

#include <string>

#if defined(__linux__)
#define TROUPE_TEST_HAS_LAST_WORDS 1

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace troupe_test {

/// What the function wrote to the standard error before it aborted; empty if it did not abort. What
/// it changes is not changed here.
template <class Function>
std::string last_words(Function function) {
    int ends[2] = {};
    if (pipe(ends) != 0) std::abort();
    pid_t const child = fork();
    if (child == 0) {
        std::signal(SIGABRT, SIG_DFL);
        dup2(ends[1], STDERR_FILENO);
        function();
        _exit(0);
    }
    close(ends[1]);
    std::string said;
    char        part[256];
    for (ssize_t n = 1; n > 0;) {
        n = read(ends[0], part, sizeof part);
        if (n > 0) said.append(part, static_cast<std::size_t>(n));
    }
    close(ends[0]);
    int        status = 0;
    bool const ended = waitpid(child, &status, 0) == child;
    return ended && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT ? said : std::string{};
}

}  // namespace troupe_test

#else
#define TROUPE_TEST_HAS_LAST_WORDS 0
#endif
