// SPDX-License-Identifier: BSL-1.0

// A transport of your own. This one joins two ends within a process by a pair of sockets, which the
// system's workers watch while they have nothing else to do. The suite that troupe ships says
// whether it keeps the rules of docs/reference/transport.md; then it joins two nodes.
// Step by step: docs/guides/write-a-transport.md

#include <cerrno>
#include <chrono>
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

using troupe::transport_errc, troupe::transport_error, troupe::transport_signal;
template <class Value>
using outcome = troupe::result<Value, transport_error>;

// A socket that the reactor watches. It stays where it is while its connection moves.
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
                                         transport_signal signal) noexcept {
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
        return true;  // there is no handshake
    }
    outcome<std::size_t> send(troupe::gathered_bytes buffers) noexcept {
        if (!socket_) return transport_error{transport_errc::misused};
        std::size_t all = 0;
        for (auto const& part : buffers) {
            auto const sent = ::send(socket_->descriptor, part.data(), part.size(), MSG_NOSIGNAL);
            if (sent < 0 && errno != EAGAIN) return transport_error{transport_errc::reset, errno};
            auto const taken = static_cast<std::size_t>(sent < 0 ? 0 : sent);
            all += taken;
            if (taken == part.size()) continue;
            socket_->reactor.want(socket_->place, troupe::readiness::write);  // when there is room
            break;
        }
        return all;
    }
    outcome<std::size_t> receive(std::span<std::byte> place) noexcept {
        if (!socket_) return transport_error{transport_errc::misused};
        auto const got = ::recv(socket_->descriptor, place.data(), place.size(), 0);
        if (got > 0) return static_cast<std::size_t>(got);
        if (got == 0) return transport_error{transport_errc::closed};
        if (errno != EAGAIN) return transport_error{transport_errc::reset, errno};
        socket_->reactor.want(socket_->place, troupe::readiness::read);  // when there is something
        return std::size_t{0};
    }
    void close() noexcept { socket_.reset(); }

private:
    std::unique_ptr<watched_socket> socket_;  // null: closed
};

// Where somebody listens, and the sockets that wait to be accepted. It goes with its listener.
struct house {
    troupe::endpoint at;
    transport_signal bell;
    std::mutex       mutex{};
    std::deque<int>  waiting{};

    ~house() {
        for (int const socket : waiting) ::close(socket);
    }
};

// Who listens where. Transports that share a town reach each other, also from several threads.
class town {
public:
    std::shared_ptr<house> find(std::string_view place) {
        std::lock_guard const held{mutex_};
        auto const            found = houses_.find(place);
        return found == houses_.end() ? nullptr : found->second.lock();
    }
    // Null: somebody listens there.
    std::shared_ptr<house> build(troupe::endpoint const& at, transport_signal bell) {
        std::lock_guard const held{mutex_};
        auto&                 here = houses_[std::string{at.place()}];
        if (!here.expired()) return nullptr;
        std::shared_ptr<house> made{new house{at, bell}};
        here = made;
        return made;
    }

private:
    std::mutex                                               mutex_;
    std::map<std::string, std::weak_ptr<house>, std::less<>> houses_;
};

class pair_listener {
public:
    pair_listener(troupe::reactor& reactor, std::shared_ptr<house> at) noexcept
        : reactor_(&reactor), house_(std::move(at)) {}
    outcome<pair_connection> accept(transport_signal signal) noexcept {
        if (!house_) return transport_error{transport_errc::misused};
        std::unique_lock held{house_->mutex};
        if (house_->waiting.empty()) return transport_error{transport_errc::none_waiting};
        int const socket = house_->waiting.front();
        house_->waiting.pop_front();
        held.unlock();
        return pair_connection::over(*reactor_, socket, signal);
    }
    troupe::endpoint bound() const noexcept { return house_ ? house_->at : troupe::endpoint{}; }
    void             close() noexcept { house_.reset(); }

private:
    troupe::reactor*       reactor_;
    std::shared_ptr<house> house_;  // null: closed
};

class pair_transport {
public:
    using connection = pair_connection;
    using listener = pair_listener;
    static constexpr std::string_view scheme = "pair";

    pair_transport(troupe::reactor& reactor, std::shared_ptr<town> where) noexcept
        : reactor_(&reactor), town_(std::move(where)) {}
    outcome<pair_connection> connect(troupe::endpoint const& to, transport_signal signal) noexcept {
        if (to.scheme() != scheme) return transport_error{transport_errc::invalid_address};
        auto const there = town_->find(to.place());
        if (!there) return transport_error{transport_errc::refused};
        int ends[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) {
            return transport_error{transport_errc::no_resources, errno};
        }
        std::unique_lock held{there->mutex};
        there->waiting.push_back(ends[1]);
        held.unlock();
        there->bell();  // not under a lock that other functions take
        return pair_connection::over(*reactor_, ends[0], signal);
    }
    outcome<pair_listener> listen(troupe::endpoint const& at, transport_signal signal) noexcept {
        if (at.scheme() != scheme) return transport_error{transport_errc::invalid_address};
        auto made = town_->build(at, signal);
        if (!made) return transport_error{transport_errc::address_in_use};
        return pair_listener{*reactor_, std::move(made)};
    }

private:
    troupe::reactor*      reactor_;  // of the one system whose node it belongs to
    std::shared_ptr<town> town_;     // what the transports of several nodes share
};

static_assert(troupe::explain_transport<pair_transport>());

struct deposit {
    int cents;
};
struct account {
    using protocol = troupe::protocol<int(deposit)>;
    int on(deposit d) { return cents_ += d.cents; }
    int cents_ = 0;
};

// A node takes its transport by value: each has one of its own, over the reactor of its system.
int ask_between_two_nodes(std::shared_ptr<town> const& where) {
    using namespace std::chrono_literals;
    troupe::system bank;
    troupe::system shop;
    troupe::node   server{bank, {.listen = "pair://bank:1"}, pair_transport{bank.reactor(), where}};
    troupe::node   client{shop, {}, pair_transport{shop.reactor(), where}};
    server.expose("alice", bank.spawn<account>());

    auto alice = client.resolve<account>(server.bound().text(), "alice");
    alice.send(deposit{300});
    int const cents = alice.ask(deposit{200}).within(10s).get();
    client.drain(server.bound().text(), 5s).get();  // otherwise the bank may log `link down`
    return cents;
}

}  // namespace

int main() {
    auto const     where = std::make_shared<town>();
    troupe::system system;
    pair_transport transport{system.reactor(), where};
    auto const     report = troupe::check_transport(transport, {.listen_at = "pair://here:1"});
    std::printf("%zu rules kept, %zu broken\n%s", report.passed(), report.failed(),
                report.text().c_str());
    int const cents = ask_between_two_nodes(where);
    std::printf("over two nodes: %d cents\n", cents);
    return report && cents == 500 ? 0 : 1;
}
