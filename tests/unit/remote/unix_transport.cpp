// SPDX-License-Identifier: BSL-1.0
#include "troupe/remote/unix_transport.hpp"

#include "support/catch.hpp"
#include "support/sockets.hpp"

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace test_unix_transport {

using namespace troupe;
using troupe_test::counted_signal;
using troupe_test::drive;
using unix_end = troupe_test::end_of_wire<unix_transport>;

/// A folder of its own, in the one where tests run.
struct folder {
    char path[32] = "unix_transport_XXXXXX";
    folder() { REQUIRE(::mkdtemp(path) != nullptr); }
    ~folder() {
        ::unlink(file("s").c_str());
        ::rmdir(path);
    }
    std::string file(char const* name) const {
        char        here[PATH_MAX] = {};
        char* const root = ::getcwd(here, sizeof here);
        return std::string{root != nullptr ? root : ""} + "/" + path + "/" + name;
    }
};

endpoint at_path(std::string const& path) { return parse_endpoint("unix://" + path).value(); }

struct world {
    reactor        r;
    unix_transport over;
    counted_signal knock;
    unix_end       here, there;

    explicit world(reactor::backend b = reactor::backend::best, unix_options o = {})
        : r(b), over(r, o) {}
    void connect(unix_transport::listener& at) {
        here.wire = over.connect(at.bound(), here.signal).value();
        here.establish(r);
        troupe_test::accept(r, at, there);
    }
    void talk() {
        here.send_all(r, "ping");
        CHECK(there.receive(r, 4) == "ping");
        there.send_all(r, "pong!");
        CHECK(here.receive(r, 5) == "pong!");
    }
};

bool is_there(std::string const& path) {
    struct stat found;
    return ::lstat(path.c_str(), &found) == 0;
}

TEMPLATE_TEST_CASE("bytes go both ways over a path", "", TROUPE_TEST_BACKENDS) {
    folder f;
    world  w{TestType::value};
    auto   at = w.over.listen(at_path(f.file("s")), w.knock);
    REQUIRE(at.has_value());
    CHECK(at->bound() == at_path(f.file("s")));
    CHECK(is_there(f.file("s")));
    w.connect(*at);
    w.talk();
    w.here.wire.close();
    CHECK(w.there.ends(w.r).code == transport_errc::closed);
    at->close();
    CHECK(!is_there(f.file("s")));
    w.there.wire.close();
    CHECK(w.r.size() == 0);
    // Without a scheme, too.
    auto again = w.over.listen(parse_endpoint(f.file("s")).value(), w.knock);
    REQUIRE(again.has_value());
    CHECK(again->bound() == at_path(f.file("s")));
}

TEMPLATE_TEST_CASE("who sends more over a path than there is room for is told when there is", "",
                   TROUPE_TEST_BACKENDS) {
    folder f;
    world  w{TestType::value};
    auto   at = w.over.listen(at_path(f.file("s")), w.knock);
    REQUIRE(at.has_value());
    w.connect(*at);
    std::string const text(2 << 20, 'x');
    std::string_view  left = text;
    left.remove_prefix(w.here.send(left));
    REQUIRE(!left.empty());
    std::size_t got = 0;
    while (got < text.size()) {
        std::byte place[65536];
        while (std::size_t const count = w.there.wire.receive(place).value()) got += count;
        if (got == text.size()) break;
        drive(w.r);
        if (!left.empty()) left.remove_prefix(w.here.send(left));
    }
    CHECK(got == text.size());
}

#if defined(__linux__)
TEST_CASE("bytes go both ways over a name without a file") {
    world w;
    char  text[64];
    std::snprintf(text, sizeof text, "unix://@troupe-test-%d", static_cast<int>(::getpid()));
    auto at = w.over.listen(parse_endpoint(text).value(), w.knock);
    REQUIRE(at.has_value());
    CHECK(at->bound().text() == text);
    CHECK(w.over.listen(at->bound(), w.knock).error().code == transport_errc::address_in_use);
    w.connect(*at);
    w.talk();
    at->close();
    CHECK(w.over.connect(parse_endpoint(text).value(), w.knock).error().code ==
          transport_errc::refused);
}
#endif

TEST_CASE("a path where nobody listens any more is taken over") {
    folder      f;
    world       w;
    auto const  path = f.file("s");
    sockaddr_un old{};
    old.sun_family = AF_UNIX;
    std::snprintf(old.sun_path, sizeof old.sun_path, "%s/s", f.path);
    {
        // A process that ended without order leaves this.
        int const d = ::socket(AF_UNIX, SOCK_STREAM, 0);
        REQUIRE(::bind(d, reinterpret_cast<sockaddr*>(&old), sizeof old) == 0);
        ::close(d);
    }
    REQUIRE(is_there(path));
    CHECK(w.over.connect(at_path(path), w.knock).error().code == transport_errc::refused);
    auto at = w.over.listen(at_path(path), w.knock);
    REQUIRE(at.has_value());
    w.connect(*at);
    w.talk();
    // One that is alive is not; and it does not take the attempt for a visitor who stays.
    auto const second = w.over.listen(at_path(path), w.knock);
    REQUIRE(!second.has_value());
    CHECK(second.error().code == transport_errc::address_in_use);
    CHECK(second.error().os == EADDRINUSE);
    CHECK(is_there(path));
}

TEST_CASE("what is no socket is not touched") {
    folder     f;
    world      w;
    auto const path = f.file("s");
    int const  d = ::open(path.c_str(), O_CREAT | O_WRONLY, 0600);
    REQUIRE(d >= 0);
    ::close(d);
    CHECK(w.over.listen(at_path(path), w.knock).error().code == transport_errc::address_in_use);
    CHECK(w.over.listen(at_path(path), w.knock).error().detail == "what stands there is no socket");
    CHECK(is_there(path));
    CHECK(w.over.connect(at_path(path), w.knock).error().code == transport_errc::refused);
}

TEST_CASE("a path that is somebody else's by now stays") {
    folder     f;
    world      w;
    auto const path = f.file("s");
    auto       first = w.over.listen(at_path(path), w.knock);
    REQUIRE(first.has_value());
    REQUIRE(::unlink(path.c_str()) == 0);
    auto second = w.over.listen(at_path(path), w.knock);
    REQUIRE(second.has_value());
    first->close();
    CHECK(is_there(path));
    w.connect(*second);
    w.talk();
    // Moved, it still is whose it is.
    unix_transport::listener third{std::move(*second)};
    second->close();
    CHECK(is_there(path));
    third.close();
    CHECK(!is_there(path));
}

TEST_CASE("the path has the permissions that are asked for") {
    folder f;
    for (unsigned const wanted : {0600u, 0660u, 0666u}) {
        world       w{reactor::backend::best, {.permissions = wanted}};
        auto        at = w.over.listen(at_path(f.file("s")), w.knock);
        struct stat found{};
        REQUIRE(at.has_value());
        REQUIRE(::lstat(f.file("s").c_str(), &found) == 0);
        CHECK((found.st_mode & 0777) == wanted);
    }
}

TEST_CASE("a path that cannot be connected to or listened at says why") {
    folder f;
    world  w{reactor::backend::best, {.backlog = 1}};
    CHECK(w.over.connect("tcp://127.0.0.1:1", w.knock).error().code ==
          transport_errc::invalid_address);
    CHECK(w.over.listen("127.0.0.1:1", w.knock).error().detail ==
          "it is no path of at most 107 bytes, nor @name");
    CHECK(w.over.listen(at_path("/" + std::string(107, 'x')), w.knock).error().code ==
          transport_errc::invalid_address);
    CHECK(w.over.listen(at_path(f.file("no/folder")), w.knock).error().code ==
          transport_errc::invalid_address);
    CHECK(w.over.listen(at_path(f.file("no/folder")), w.knock).error().detail ==
          "there is no such folder");
    CHECK(w.over.connect(at_path(f.file("nobody")), w.knock).error().code ==
          transport_errc::refused);
    if (::getuid() != 0) {
        CHECK(w.over.listen("unix:///troupe.sock", w.knock).error().code == transport_errc::denied);
    }
    unix_transport::connection none;
    CHECK(none.establish().error().code == transport_errc::misused);
    CHECK(none.receive({}).error().detail == "it is not open");
    // The queue of those who wait to be accepted is as long as was asked for.
    auto at = w.over.listen(at_path(f.file("s")), w.knock);
    REQUIRE(at.has_value());
    std::vector<unix_transport::connection> waiting;
    for (;;) {
        auto one = w.over.connect(at->bound(), w.here.signal);
        if (!one.has_value()) {
            CHECK(one.error().code == transport_errc::refused);
            CHECK(one.error().detail == "too many wait there to be accepted");
            break;
        }
        waiting.push_back(std::move(*one));
        REQUIRE(waiting.size() < 10);
    }
    CHECK(waiting.size() == 2);  // Linux counts one more
}

}  // namespace test_unix_transport
