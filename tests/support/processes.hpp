// SPDX-License-Identifier: BSL-1.0
#pragma once

// Other processes: this program again, playing a part of its own.
//
//     troupe_test::part const serves{"server", [](std::vector<std::string> const& words) {
//         ...                                       // words[0] is "somewhere"
//         troupe_test::wait_for_end_of_input();     // until who has started it lets it end
//         return 0;
//     }};
//     troupe_test::process server{std::vector<std::string>{"server", "somewhere"}};
//     std::string const line = server.line();       // what it says
//     server.signal(SIGKILL);
//
// None outlives the process that has started it, whatever becomes of that.

#include <string>
#include <string_view>
#include <vector>

namespace troupe_test {

/// What the program does when it is started as another process. At namespace scope.
class part {
public:
    using function = int (*)(std::vector<std::string> const& words);
    part(char const* name, function play) noexcept : name_(name), play_(play), next_(first) {
        first = this;
    }
    part(part const&) = delete;
    part& operator=(part const&) = delete;

    /// Of main: plays the part that is named there; false: this is an ordinary run of the tests.
    static bool played(int argc, char** argv, int& exit_code);

    static inline std::string program{};  // this one, as it was called

private:
    char const*               name_;
    function                  play_;
    part const*               next_;
    static inline part const* first = nullptr;
};

}  // namespace troupe_test

#if defined(__unix__) || defined(__APPLE__)
#define TROUPE_TEST_HAS_PROCESSES 1

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

extern char** environ;  // NOLINT(readability-redundant-declaration)

namespace troupe_test {

inline void wait_for_end_of_input() {
    char byte = 0;
    for (;;) {
        ssize_t const got = ::read(STDIN_FILENO, &byte, 1);
        if (got == 0 || (got < 0 && errno != EINTR)) return;
    }
}

/// Another process that plays a part. One thread uses it, and makes all of them.
class process {
public:
    explicit process(std::vector<std::string> const& words) {
        int to[2] = {};
        int from[2] = {};
        if (!pipe_of(to) || !pipe_of(from)) std::abort();
        std::vector<std::string> all{part::program, "--as"};
        all.insert(all.end(), words.begin(), words.end());
        std::vector<char*> list;
        for (std::string& w : all) list.push_back(w.data());
        list.push_back(nullptr);
        posix_spawn_file_actions_t ends;
        ::posix_spawn_file_actions_init(&ends);
        ::posix_spawn_file_actions_adddup2(&ends, to[0], STDIN_FILENO);
        ::posix_spawn_file_actions_adddup2(&ends, from[1], STDOUT_FILENO);
        if (::posix_spawnp(&id_, list[0], &ends, nullptr, list.data(), environ) != 0) std::abort();
        ::posix_spawn_file_actions_destroy(&ends);
        ::close(to[0]);
        ::close(from[1]);
        input_ = to[1];
        output_ = from[0];
    }
    process(process const&) = delete;
    process& operator=(process const&) = delete;
    ~process() {
        if (id_ != 0) {
            signal(SIGKILL);
            wait();
        }
        ::close(output_);
    }

    /// The next line that it says, without its end; what is left of it when it has ended.
    std::string line() {
        std::string said;
        for (char c = 0;;) {
            ssize_t const got = ::read(output_, &c, 1);
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0 || c == '\n') return said;
            said += c;
        }
    }
    void signal(int which) const { ::kill(id_, which); }
    /// Stops it; it does nothing any more when this returns.
    void freeze() const {
        signal(SIGSTOP);
        int status = 0;
        while (::waitpid(id_, &status, WUNTRACED) < 0 && errno == EINTR) {}
    }
    void thaw() const { signal(SIGCONT); }
    /// Its input ends, which asks it to end.
    void release() {
        if (input_ >= 0) ::close(std::exchange(input_, -1));
    }
    /// Waits until it has ended: its exit code, or the signal that has ended it, negative.
    int wait() {
        release();
        int status = 0;
        while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) {}
        id_ = 0;
        return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
    }

private:
    static bool pipe_of(int (&ends)[2]) {
        return ::pipe(ends) == 0 && ::fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0 &&
               ::fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0;
    }

    pid_t id_ = 0;
    int   input_ = -1;
    int   output_ = -1;
};

}  // namespace troupe_test

#else
#define TROUPE_TEST_HAS_PROCESSES 0
#endif

namespace troupe_test {

inline bool part::played(int argc, char** argv, int& exit_code) {
    program = argv[0];
    if (argc < 3 || std::string_view{argv[1]} != "--as") return false;
#if defined(__linux__)
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    exit_code = 2;
    for (part const* p = first; p != nullptr; p = p->next_) {
        if (std::string_view{argv[2]} == p->name_) {
            exit_code = p->play_(std::vector<std::string>(argv + 3, argv + argc));
        }
    }
    return true;
}

}  // namespace troupe_test
