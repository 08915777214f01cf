// SPDX-License-Identifier: BSL-1.0
#pragma once

// Two processes: a server that is started, killed, frozen and told to end, and a client here that
// sends and asks. What the servers have done stands in memory that survives them.

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fcntl.h>
#include <mutex>
#include <optional>
#include <string>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <troupe/troupe.hpp>
#include <troupe/remote/node.hpp>
#include <troupe/remote/tcp_transport.hpp>
#include <troupe/remote/unix_transport.hpp>

#include "support/catch.hpp"
#include "support/processes.hpp"
#include "support/systems.hpp"

namespace troupe_test::two_processes {

using namespace std::chrono_literals;
using troupe::ask_errc;
using troupe::link_state;

/// Knows how often a connection was lost, and why it was the last time.
class downs_log {
public:
    void write(troupe::log_record const& r) noexcept {
        if (r.id != troupe::log_event::link_down) return;
        std::lock_guard const held{lock_};
        why_ = std::string{r.detail};
        ++downs_;
    }
    std::size_t downs() const {
        std::lock_guard const held{lock_};
        return downs_;
    }
    std::string why() const {
        std::lock_guard const held{lock_};
        return why_;
    }

private:
    mutable std::mutex lock_;
    std::size_t        downs_ = 0;
    std::string        why_;
};
struct remembering : troupe::defaults {
    using log_type = downs_log;
};
using system_type = troupe::basic_system<remembering>;

struct item {
    std::uint64_t number;  // from 1 on, rising
};
struct question {
    int number;
};
struct never {};  // it is not answered

/// What the servers have done, one after the other: in memory that stays when they are killed.
struct ledger {
    std::atomic<std::uint64_t> seen;
    std::atomic<std::uint64_t> last;
    std::atomic<std::uint64_t> wrong;
    std::atomic<std::uint64_t> kept;
};
/// The same memory in both processes.
class shared_ledger {
public:
    explicit shared_ledger(std::string const& path) {
        int const file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (file < 0 || ::ftruncate(file, sizeof(ledger)) != 0) std::abort();
        place_ = ::mmap(nullptr, sizeof(ledger), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (place_ == MAP_FAILED) std::abort();
        ::close(file);
    }
    shared_ledger(shared_ledger const&) = delete;
    shared_ledger& operator=(shared_ledger const&) = delete;
    ~shared_ledger() { ::munmap(place_, sizeof(ledger)); }
    ledger* get() const { return static_cast<ledger*>(place_); }

private:
    void* place_;
};

inline constexpr std::uint64_t mailbox_max = 16;
// What the other side has handed on and its actor has not handled yet: a full mailbox, what an
// inlet may be over it, and one that is being handled.
inline constexpr std::uint64_t unhandled_max = mailbox_max + 64 + 1;

class target {
public:
    using protocol = troupe::protocol<void(item), int(question), int(never)>;
    using mailbox_type = troupe::bounded_mailbox<mailbox_max>;
    explicit target(ledger* book) : book_(book) {}
    void on(item i) {
        if (i.number <= book_->last.load()) book_->wrong.fetch_add(1);
        book_->last.store(i.number);
        book_->seen.fetch_add(1);
    }
    int  on(question q) { return q.number + 1; }
    void on(never, troupe::reply<int> r) {
        kept_.push_back(std::move(r));
        book_->kept.fetch_add(1);
    }

private:
    ledger*                         book_;
    std::vector<troupe::reply<int>> kept_;
};

inline troupe::link_options links() {
    troupe::link_options o;
    o.handshake_deadline = 1s;
    o.heartbeat = 100ms;
    o.heartbeats_missed_max = 10;  // a machine that is busy with others is no dead one
    o.backoff = {.first = 5ms, .max = 50ms, .factor = 2, .jitter = 0.5, .reset_after = 1s};
    o.window = 16 * 1024;
    return o;
}

/// Until its input ends. Says where it listens, and at the end whether all was well.
template <class Transport>
int serve(std::string const& at, std::string const& book_at) {
    shared_ledger const book{book_at};
    system_type         system{{.workers = 2}};
    {
        auto const              who = system.spawn<target>(book.get());
        troupe::node<Transport> node{system, {.listen = at, .link = links()}};
        node.expose("target", who);
        std::printf("%s\n", std::string{node.bound().text()}.c_str());
        std::fflush(stdout);
        wait_for_end_of_input();
    }
    troupe::stop_report const report = system.stop(watchdog);
    bool const well = report.complete && report.books.balanced() && report.books.actors == 0 &&
                      report.books.blocks == 0;
    std::puts(well ? "ended well" : "something is left");
    return well ? 0 : 1;
}
inline part const serves{"server", [](std::vector<std::string> const& words) {
                             if (words.size() != 2) return 2;
                             try {
                                 return words[0].starts_with("tcp")
                                            ? serve<troupe::tcp_transport>(words[0], words[1])
                                            : serve<troupe::unix_transport>(words[0], words[1]);
                             } catch (std::exception const& e) {
                                 std::puts(e.what());
                                 return 1;
                             }
                         }};

/// A server in a process of its own, and a client here.
template <class Transport>
class world {
public:
    static constexpr bool tcp = Transport::scheme == "tcp";

    world() {
        start();
        client.emplace(here, troupe::node_options{.listen = {}, .link = links()});
        far = client->template resolve<target>(at, "target");
        answer();
    }
    ~world() {
        far = {};
        client.reset();
        server.reset();
        troupe::stop_report const report = here.stop(watchdog);
        CHECK(report.complete);
        CHECK(report.books.balanced());
        CHECK(report.books.actors == 0);
        CHECK(report.books.blocks == 0);
        memory.reset();
        ::unlink(book_at().c_str());
        ::unlink(socket_at().c_str());
        ::rmdir(folder_.c_str());
    }

    /// Always at the same place, which the first one has chosen.
    void start() {
        server.reset();
        server.emplace(std::vector<std::string>{"server", at, book_at()});
        at = server->line();
        REQUIRE(at.starts_with(Transport::scheme));
    }
    /// Asks until there is an answer: the connection stands, and the actor was found.
    void answer() {
        await([&] {
            auto const r = far.ask(question{1}).within(2s).result();
            return r.has_value() && *r == 2;
        });
    }
    troupe::link_status status() { return client->status(at).result().value(); }
    /// Asks that the server holds, of which it gives the number; fewer only if the connection was
    /// lost meanwhile.
    template <class Asks>
    void hold(Asks& asks, int count) {
        std::uint64_t const before = book->kept.load();
        std::uint64_t const connects = status().connects;
        for (int i = 0; i < count; ++i) {
            asks.push_back(far.ask(never{}));
            asks.back().start();
        }
        await([&] {
            return book->kept.load() - before >= static_cast<std::uint64_t>(count) ||
                   status().connects != connects || status().state != link_state::up;
        });
    }
    template <class Asks>
    void all_lost(Asks& asks) {
        for (auto& a : asks) {
            auto const r = a.result();
            REQUIRE_FALSE(r.has_value());
            REQUIRE(r.error().code() == ask_errc::link_lost);
        }
        asks.clear();
    }

    std::string book_at() const { return folder_ + "/book"; }
    std::string socket_at() const { return folder_ + "/server"; }

private:
    static std::string new_folder() {
        char path[] = "/tmp/troupe_XXXXXX";  // the path of a socket is short
        REQUIRE(::mkdtemp(path) != nullptr);
        return path;
    }
    std::string folder_ = new_folder();

public:
    std::string                            at = tcp ? "tcp://127.0.0.1:0" : "unix://" + socket_at();
    std::optional<shared_ledger>           memory{std::in_place, book_at()};
    ledger*                                book = memory->get();
    std::optional<process>                 server;
    system_type                            here{{.workers = 2}};
    std::optional<troupe::node<Transport>> client;
    troupe::ref<target::protocol>          far;
};

/// Sends and asks from threads of its own, until it is told to stop.
class traffic {
public:
    explicit traffic(troupe::ref<target::protocol> const& far) {
        threads_.emplace_back([this, far] {
            for (std::uint64_t i = 1; !done_.load(); ++i) {
                far.send(item{i});
                sent.store(i);
            }
        });
        for (int t = 0; t < 2; ++t) {
            threads_.emplace_back([this, far] {
                for (int i = 0; !done_.load(); ++i) {
                    asked.fetch_add(1);
                    auto const r = far.ask(question{i}).within(10s).result();
                    if (r.has_value()) (*r == i + 1 ? answered : wrong).fetch_add(1);
                    // A server that comes back listens before it exposes.
                    else if (r.error().code() == ask_errc::link_lost ||
                             r.error().code() == ask_errc::target_gone)
                        lost.fetch_add(1);
                    else if (r.error().code() == ask_errc::expired) expired.fetch_add(1);
                    else wrong.fetch_add(1);
                }
            });
        }
    }
    ~traffic() { stop(); }
    void stop() {
        done_.store(true);
        for (std::thread& t : threads_) t.join();
        threads_.clear();
    }

    std::atomic<std::uint64_t> sent{0};
    std::atomic<std::uint64_t> asked{0}, answered{0}, lost{0}, expired{0}, wrong{0};

private:
    std::atomic<bool>        done_{false};
    std::vector<std::thread> threads_;
};

}  // namespace troupe_test::two_processes
