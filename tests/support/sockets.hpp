// SPDX-License-Identifier: BSL-1.0
#pragma once

// What tests of sockets share: a reactor that the test drives, signals that are counted, and bytes
// through connections. A wait here ends by what is waited for and by nothing else: a signal that is
// lost is a test that hangs, and the watchdog ends it.

#include "troupe/os/reactor.hpp"
#include "troupe/os/socket.hpp"
#include "troupe/port/transport.hpp"

#include "support/catch.hpp"

#include <array>
#include <atomic>
#include <cstring>
#include <dirent.h>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>

namespace troupe_test {

using epoll_or_poll =
    std::integral_constant<troupe::reactor::backend, troupe::reactor::backend::best>;
using always_poll =
    std::integral_constant<troupe::reactor::backend, troupe::reactor::backend::poll>;
#define TROUPE_TEST_BACKENDS troupe_test::epoll_or_poll, troupe_test::always_poll

/// Counts what it is called for.
struct counted_signal {
    std::atomic<int> calls{0};
    operator troupe::transport_signal() noexcept {
        return {[](void* self, std::uint64_t) noexcept {
                    static_cast<counted_signal*>(self)->calls.fetch_add(1);
                },
                this, 0};
    }
};

/// Waits for events once, or looks once, and calls their signals.
inline std::size_t drive(troupe::reactor& r,
                         troupe::duration span = troupe::detail::parker::forever) {
    if (!r.try_drive()) return 0;
    r.wait(span);
    std::size_t const count = r.dispatch();
    r.leave();
    return count;
}

/// Drives until the condition holds; it is asked again after a signal.
template <class Condition>
void drive_until(troupe::reactor& r, Condition const& condition) {
    while (!condition()) drive(r);
}

/// A connection with its signal.
template <class Transport>
struct end_of_wire {
    counted_signal                 signal;
    typename Transport::connection wire;

    bool establish(troupe::reactor& r) {
        bool open = false;
        drive_until(r, [&] {
            auto const done = wire.establish();
            REQUIRE(done.has_value());
            return open = *done;
        });
        return open;
    }
    /// How connecting fails.
    troupe::transport_error fails(troupe::reactor& r) {
        troupe::transport_error why{};
        drive_until(r, [&] {
            auto const done = wire.establish();
            if (done.has_value()) {
                REQUIRE(!*done);
                return false;
            }
            why = done.error();
            return true;
        });
        return why;
    }
    std::size_t send(std::string_view text) {
        auto const                       bytes = std::as_bytes(std::span{text.data(), text.size()});
        std::span<std::byte const> const list[] = {bytes};
        auto const                       sent = wire.send(list);
        REQUIRE(sent.has_value());
        return *sent;
    }
    /// All of it, waiting for room.
    void send_all(troupe::reactor& r, std::string_view text) {
        drive_until(r, [&] {
            text.remove_prefix(send(text));
            return text.empty();
        });
    }
    /// So many bytes, waiting for them.
    std::string receive(troupe::reactor& r, std::size_t count) {
        std::string all;
        drive_until(r, [&] {
            for (;;) {
                char       place[4096];
                auto const room =
                    count - all.size() < sizeof place ? count - all.size() : sizeof place;
                auto const got = wire.receive(std::as_writable_bytes(std::span{place, room}));
                REQUIRE(got.has_value());
                if (*got == 0) return all.size() == count;
                all.append(place, *got);
            }
        });
        return all;
    }
    /// How it ends, when everything was read.
    troupe::transport_error ends(troupe::reactor& r) {
        troupe::transport_error why{};
        drive_until(r, [&] {
            for (;;) {
                char       place[4096];
                auto const got = wire.receive(std::as_writable_bytes(std::span{place}));
                if (!got.has_value()) {
                    why = got.error();
                    return true;
                }
                if (*got == 0) return false;
            }
        });
        return why;
    }
};

/// The next that comes.
template <class Transport>
void accept(troupe::reactor& r, typename Transport::listener& at, end_of_wire<Transport>& to) {
    drive_until(r, [&] {
        auto came = at.accept(to.signal);
        if (!came.has_value()) {
            REQUIRE(came.error().code == troupe::transport_errc::none_waiting);
            return false;
        }
        to.wire = std::move(*came);
        return true;
    });
}

inline int open_descriptors() {
    int  count = 0;
    DIR* all = ::opendir("/proc/self/fd");
    if (all == nullptr) return -1;
    while (::readdir(all) != nullptr) ++count;
    ::closedir(all);
    return count;
}

/// While it lives the process gets no new descriptor. Nothing is checked meanwhile: UBSan wants
/// some to look at the objects of an assertion.
class no_descriptors {
public:
    no_descriptors() {
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
        int const     next = ::dup(0);
        struct rlimit now = before_;
        now.rlim_cur = static_cast<rlim_t>(next);  // those below are in use
        ::close(next);
        if (::setrlimit(RLIMIT_NOFILE, &now) != 0) FAIL("the limit cannot be set");
    }
    ~no_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    struct rlimit before_;
};

}  // namespace troupe_test
