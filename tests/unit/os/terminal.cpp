// SPDX-License-Identifier: BSL-1.0
#include "troupe/os/terminal.hpp"

#include "support/catch.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

#if defined(__unix__)
#include <fcntl.h>
#include <unistd.h>

namespace test_terminal {

TEST_CASE("colours are for terminals whose user wants them") {
    using troupe::detail::shows_colours;
    std::FILE* file = std::tmpfile();
    CHECK_FALSE(shows_colours(file));
    std::fclose(file);
    int const master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) {
        WARN("no pseudo terminal here: only files were looked at");
        return;
    }
    std::FILE* terminal = std::fopen(ptsname(master), "r+");
    REQUIRE(terminal != nullptr);
    char const* const kind = std::getenv("TERM");
    std::string const kind_before = kind == nullptr ? "" : kind;
    char const* const unwanted = std::getenv("NO_COLOR");
    std::string const unwanted_before = unwanted == nullptr ? "" : unwanted;
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    CHECK(shows_colours(terminal));
    setenv("NO_COLOR", "", 1);
    CHECK(shows_colours(terminal));
    setenv("NO_COLOR", "1", 1);
    CHECK_FALSE(shows_colours(terminal));
    unsetenv("NO_COLOR");
    setenv("TERM", "dumb", 1);
    CHECK_FALSE(shows_colours(terminal));
    unsetenv("TERM");
    CHECK_FALSE(shows_colours(terminal));
    if (kind != nullptr) setenv("TERM", kind_before.c_str(), 1);
    if (unwanted != nullptr) setenv("NO_COLOR", unwanted_before.c_str(), 1);
    std::fclose(terminal);
    close(master);
}

}  // namespace test_terminal
#endif
