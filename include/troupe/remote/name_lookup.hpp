// SPDX-License-Identifier: BSL-1.0
#pragma once

// Names of hosts become addresses on a thread of their own, since the C library blocks for as long
// as it likes. The thread is started by a question and ends when none is left, so an idle system
// has none. It cannot be cut short: who gives a question up does not wait for it, and what the
// thread needs lives until it has ended. So at the end of a system at most one such thread per
// transport is left, for as long as the C library takes for the one name (by default some 10 to 30
// seconds).

#include "troupe/config/features.hpp"

#if TROUPE_HAS_POSIX

#include <cstddef>
#include <cstring>
#include <netdb.h>
#include <new>
#include <string_view>
#include <utility>

#include "troupe/config/hints.hpp"
#include "troupe/os/socket.hpp"
#include "troupe/os/thread.hpp"
#include "troupe/port/transport.hpp"
#include "troupe/sync/atomic.hpp"
#include "troupe/sync/lock_rank.hpp"
#include "troupe/sync/spin.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// The addresses of one name, the best first.
struct address_list {
    static constexpr std::size_t most = 8;
    socket_address               addresses[most];
    std::size_t                  size = 0;

    void add(socket_address const& one) noexcept {
        if (size < most) addresses[size++] = one;
    }
};

/// Fills the list; zero, or an error of getaddrinfo. May block.
using lookup_function = int (*)(char const* name, address_list& found) noexcept;

TROUPE_COLD inline int ask_for_name(char const* name, address_list& found) noexcept {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    wanted.ai_flags = AI_ADDRCONFIG;
    addrinfo* all = nullptr;
    int const error = ::getaddrinfo(name, nullptr, &wanted, &all);
    if (error != 0) return error;
    for (addrinfo const* a = all; a != nullptr; a = a->ai_next) {
        if (a->ai_family == AF_INET || a->ai_family == AF_INET6) {
            found.add({a->ai_addr, a->ai_addrlen});
        }
    }
    ::freeaddrinfo(all);
    return 0;
}

/// A question, shared by who asks and by the thread that looks.
struct lookup_question {
    enum state : int { waiting, answered, given_up };

    char             name[256] = {};
    transport_signal signal;
    address_list     found;  // written before `answered`
    int              error = 0;
    atomic<int>      state_{waiting};
    atomic<int>      holders{2};
    lookup_question* next = nullptr;  // under the lock of the desk

    void release() noexcept {
        // acq_rel: the last one sees what the other did
        if (holders.fetch_sub(1, memory_order_acq_rel) == 1) delete this;
    }
};

/// Who asks has one of these. One thread at a time.
class pending_name {
public:
    pending_name() noexcept = default;
    explicit pending_name(lookup_question* asked) noexcept : asked_(asked) {}
    /// One that nobody needs to look up. Empty: there is no memory.
    static pending_name known(address_list const& found) noexcept {
        auto* const q = new (std::nothrow) lookup_question;
        if (q == nullptr) return {};
        q->found = found;
        // relaxed: nobody else knows it
        q->state_.store(lookup_question::answered, memory_order_relaxed);
        q->holders.store(1, memory_order_relaxed);
        return pending_name{q};
    }
    pending_name(pending_name&& other) noexcept : asked_(std::exchange(other.asked_, nullptr)) {}
    pending_name& operator=(pending_name&& other) noexcept {
        if (this != &other) {
            give_up();
            asked_ = std::exchange(other.asked_, nullptr);
        }
        return *this;
    }
    ~pending_name() { give_up(); }

    explicit operator bool() const noexcept { return asked_ != nullptr; }
    bool     is_answered() const noexcept {
        // acquire: pairs with the release of the thread that looks
        return asked_->state_.load(memory_order_acquire) == lookup_question::answered;
    }
    /// Only what is answered.
    int           error() const noexcept { return asked_->error; }
    address_list& found() const noexcept { return asked_->found; }

    void give_up() noexcept {
        lookup_question* const q = std::exchange(asked_, nullptr);
        if (q == nullptr) return;
        int expected = lookup_question::waiting;
        // relaxed: nothing is handed over; the thread finds that nobody waits for it
        // acquire, where it was answered: pairs with the release in answer(), see leave()
        q->state_.compare_exchange_strong(expected, lookup_question::given_up, memory_order_relaxed,
                                          memory_order_acquire);
        q->release();
    }

private:
    lookup_question* asked_ = nullptr;
};

/// Where questions are taken. Held by a transport and by the thread, whoever stays longer.
class lookup_desk {
public:
    /// How many questions may wait at a time.
    static constexpr unsigned waiting_max = 256;

    /// Null: there is no memory.
    static lookup_desk* make(lookup_function look) noexcept {
        return new (std::nothrow) lookup_desk{look};
    }
    /// The transport goes, and has no connection any more; what is still asked is answered to
    /// nobody. Whom the thread is telling at this moment may go behind the transport: so it waits
    /// for the signal to return. Not inside a signal.
    void leave() noexcept {
        // acquire: pairs with the release in answer(). give_up() has seen the answer, and with it
        // that it was about to be told.
        while (tells_.load(memory_order_acquire)) yield_processor();
        release();
    }

    /// The error: no memory, no thread, or too many wait.
    TROUPE_COLD result<pending_name, transport_error> ask(std::string_view name,
                                                          transport_signal signal) noexcept {
        constexpr std::string_view what = "cannot look up the name";
        auto* const                q = new (std::nothrow) lookup_question;
        if (q == nullptr) return transport_error_of(ENOMEM, what);
        std::memcpy(q->name, name.data(), name.size() < 255 ? name.size() : 255);
        q->signal = signal;
        bool taken = false;
        {
            lock_guard const held{mutex_, root_token{}};
            taken = waiting_ < waiting_max && (running_ || start());
            if (taken) {
                *last_ = q;
                last_ = &q->next;
                ++waiting_;
            }
        }
        if (!taken) {
            delete q;
            return transport_error_of(EAGAIN, what);
        }
        return pending_name{q};
    }

private:
    explicit lookup_desk(lookup_function look) noexcept : look_(look) {}

    void release() noexcept {
        // acq_rel: the last one sees what the other did
        if (holders_.fetch_sub(1, memory_order_acq_rel) == 1) delete this;
    }
    bool start() noexcept TROUPE_REQUIRES(mutex_) {
        os_thread thread;
        holders_.fetch_add(1, memory_order_relaxed);  // relaxed: who calls holds it already
        running_ = thread.start(&run, this);
        if (running_) thread.let_go();
        else holders_.fetch_sub(1, memory_order_relaxed);
        return running_;
    }
    static void run(void* desk) noexcept {
        auto& self = *static_cast<lookup_desk*>(desk);
        while (lookup_question* const q = self.next()) self.answer(*q);
        self.release();
    }
    lookup_question* next() noexcept {
        lock_guard const       held{mutex_, root_token{}};
        lookup_question* const q = first_;
        if (q == nullptr) {
            running_ = false;  // the next question starts another
            return nullptr;
        }
        first_ = q->next;
        if (first_ == nullptr) last_ = &first_;
        --waiting_;
        return q;
    }
    void answer(lookup_question& q) noexcept {
        int expected = lookup_question::waiting;
        // relaxed: a hint
        if (q.state_.load(memory_order_relaxed) == expected) {
            q.error = look_(q.name, q.found);
            tells_.store(true, memory_order_relaxed);  // relaxed: told by the exchange
            // release: pairs with is_answered() and give_up()
            if (q.state_.compare_exchange_strong(expected, lookup_question::answered,
                                                 memory_order_release, memory_order_relaxed)) {
                q.signal();
            }
            tells_.store(false, memory_order_release);  // release: pairs with leave()
        }
        q.release();
    }

    lookup_function const      look_;
    atomic<int>                holders_{1};
    atomic<bool>               tells_{false};  // the thread is about to call a signal, or in it
    ranked_mutex<rank::lookup> mutex_;
    lookup_question*           first_ TROUPE_GUARDED_BY(mutex_) = nullptr;
    lookup_question**          last_ TROUPE_GUARDED_BY(mutex_) = &first_;
    unsigned                   waiting_ TROUPE_GUARDED_BY(mutex_) = 0;
    bool                       running_ TROUPE_GUARDED_BY(mutex_) = false;
};

}  // namespace troupe::inline TROUPE_ABI::detail

#endif
