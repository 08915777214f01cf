// SPDX-License-Identifier: BSL-1.0

// A transport of your own. This one joins two ends within a process by a pair of sockets, which the
// system's workers watch while they have nothing else to do. At the end the suite that troupe ships
// says whether it keeps the rules of docs/reference/transport.md.
// Step by step: docs/guides/write-a-transport.md

#include <cerrno>
#include <cstdio>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

#include <troupe/testing.hpp>
#include <troupe/troupe.hpp>

namespace {

using troupe::transport_errc;
using troupe::transport_error;
template <class Value>
using outcome = troupe::result<Value, transport_error>;

// Who listens where, and which sockets wait to be accepted there.
struct street {
    struct house {
        troupe::transport_signal bell;
        std::deque<int>          waiting;
    };
    std::mutex                   mutex;
    std::map<std::string, house> houses;
    unsigned                     last_number = 0;
};

// A socket that the reactor watches. It stays where it is while the connection moves.
struct watched_socket {
    troupe::reactor&              reactor;
    int                           descriptor;
    troupe::reactor::registration place;

    ~watched_socket() {
        reactor.remove(place);
        ::close(descriptor);
    }
};

class pair_connection {
public:
    static outcome<pair_connection> over(troupe::reactor& reactor, int socket,
                                         troupe::transport_signal signal) noexcept {
        auto const place = reactor.add(socket, troupe::readiness::read_and_write, signal);
        if (!place) {
            ::close(socket);
            return place.error();
        }
        pair_connection made;
        made.socket_.reset(new watched_socket{reactor, socket, *place});
        return made;
    }

    outcome<bool> establish() noexcept {
        if (!socket_) return transport_error{transport_errc::misused};
        return true;
    }
    outcome<std::size_t> send(troupe::gathered_bytes buffers) noexcept {
        if (!socket_) return transport_error{transport_errc::misused};
        std::size_t all = 0;
        for (auto buffer : buffers) {
            // A call for each is simple; sendmsg would take them all at once.
            while (!buffer.empty()) {
                auto const sent =
                    ::send(socket_->descriptor, buffer.data(), buffer.size(), MSG_NOSIGNAL);
                if (sent < 0 && errno != EAGAIN)
                    return transport_error{transport_errc::reset, errno};
                if (sent < 0) {  // full: the signal is to come when there is room
                    socket_->reactor.want(socket_->place, troupe::readiness::write);
                    return all;
                }
                all += static_cast<std::size_t>(sent);
                buffer = buffer.subspan(static_cast<std::size_t>(sent));
            }
        }
        return all;
    }
    outcome<std::size_t> receive(std::span<std::byte> place) noexcept {
        if (!socket_) return transport_error{transport_errc::misused};
        if (place.empty()) return std::size_t{0};
        auto const got = ::recv(socket_->descriptor, place.data(), place.size(), 0);
        if (got > 0) return static_cast<std::size_t>(got);
        if (got == 0) return transport_error{transport_errc::closed};
        if (errno != EAGAIN) return transport_error{transport_errc::reset, errno};
        socket_->reactor.want(socket_->place, troupe::readiness::read);
        return std::size_t{0};
    }
    void close() noexcept { socket_.reset(); }

private:
    std::unique_ptr<watched_socket> socket_;
};

class pair_listener {
public:
    pair_listener(troupe::reactor& reactor, street& on, troupe::endpoint const& at) noexcept
        : reactor_(&reactor), on_(&on), at_(at) {}
    pair_listener(pair_listener&& other) noexcept
        : reactor_(other.reactor_), on_(std::exchange(other.on_, nullptr)), at_(other.at_) {}
    ~pair_listener() { close(); }

    outcome<pair_connection> accept(troupe::transport_signal signal) noexcept {
        if (on_ == nullptr) return transport_error{transport_errc::misused};
        std::unique_lock held{on_->mutex};
        auto&            waiting = on_->houses.at(std::string{at_.place()}).waiting;
        if (waiting.empty()) return transport_error{transport_errc::none_waiting};
        int const socket = waiting.front();
        waiting.pop_front();
        held.unlock();
        return pair_connection::over(*reactor_, socket, signal);
    }
    troupe::endpoint bound() const noexcept { return at_; }
    void             close() noexcept {
        street* const left = std::exchange(on_, nullptr);
        if (left == nullptr) return;
        std::lock_guard const held{left->mutex};
        auto const            house = left->houses.find(std::string{at_.place()});
        for (int const socket : house->second.waiting) ::close(socket);
        left->houses.erase(house);
    }

private:
    troupe::reactor* reactor_;
    street*          on_;  // null: it is closed
    troupe::endpoint at_;
};

class pair_transport {
public:
    using connection = pair_connection;
    using listener = pair_listener;
    static constexpr std::string_view scheme = "pair";

    explicit pair_transport(troupe::reactor& reactor) : reactor_(&reactor) {}

    outcome<pair_connection> connect(troupe::endpoint const&  to,
                                     troupe::transport_signal signal) noexcept {
        if (to.scheme() != scheme) return transport_error{transport_errc::invalid_address};
        std::unique_lock held{street_->mutex};
        auto const       house = street_->houses.find(std::string{to.place()});
        if (house == street_->houses.end()) return transport_error{transport_errc::refused};
        int ends[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) {
            return transport_error{transport_errc::no_resources, errno};
        }
        house->second.waiting.push_back(ends[1]);
        troupe::transport_signal const bell = house->second.bell;
        held.unlock();
        bell();  // never under a lock that other functions take
        return pair_connection::over(*reactor_, ends[0], signal);
    }
    outcome<pair_listener> listen(troupe::endpoint const&  at,
                                  troupe::transport_signal signal) noexcept {
        if (at.scheme() != scheme) return transport_error{transport_errc::invalid_address};
        std::lock_guard const held{street_->mutex};
        troupe::endpoint      chosen = at;
        if (at.port() == 0) {
            auto const number = std::to_string(++street_->last_number);
            chosen = *troupe::parse_endpoint("pair://" + std::string{at.host()} + ":" + number);
        }
        street::house     house{signal, {}};
        std::string const name{chosen.place()};
        if (!street_->houses.emplace(name, house).second) {
            return transport_error{transport_errc::address_in_use};
        }
        return pair_listener{*reactor_, *street_, chosen};
    }

private:
    troupe::reactor*        reactor_;
    std::unique_ptr<street> street_ = std::make_unique<street>();
};

static_assert(troupe::transport<pair_transport>);

}  // namespace

int main() {
    troupe::system system;
    pair_transport transport{system.reactor()};
    auto const     report = troupe::check_transport(transport, {.listen_at = "pair://here:0"});
    std::printf("%zu rules kept, %zu broken\n%s", report.passed(), report.failed(),
                report.text().c_str());
    return report ? 0 : 1;
}
