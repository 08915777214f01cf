// SPDX-License-Identifier: BSL-1.0
#pragma once

// What the conformance suite of a transport is driven by: how it is tried out, the steps of which
// its rules are made (one establishes, accepts, sends or receives, and in between waits for a
// signal), and the pump that is called when all of them wait.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "troupe/base/endpoint.hpp"
#include "troupe/base/time.hpp"
#include "troupe/port/transport.hpp"
#include "troupe/testing/conformance/report.hpp"
#include "troupe/testing/signal_box.hpp"

namespace troupe::inline TROUPE_ABI {

/// How a transport is tried out.
struct transport_trial {
    /// Where `listen` finds an address that nobody has.
    endpoint listen_at{};
    /// How often in a row the pump may run without anything happening, before it is said that
    /// nothing comes any more.
    unsigned pumps_max = 10'000;
    /// The same where nothing is expected: how long the suite looks whether something comes after
    /// all.
    unsigned pumps_quiet = 20;
    /// So many bytes in flight are more than a transport should take while nobody receives.
    std::size_t in_flight_max = std::size_t{64} * 1024 * 1024;
    /// How many bytes are sent where many are.
    std::size_t many = std::size_t{3} * 1024 * 1024;
    /// So many connections at the same time; at most 100.
    unsigned connections = 16;
    /// Whether its ends may be used by two threads; false excuses rule 19.
    bool threads = true;
};

/// The pump of a transport that gets along by itself: whose signals come from the calls of the
/// other side, or from other threads. Sleeps until a signal comes, a millisecond at most.
struct wait_for_signals {};

namespace detail {

/// The byte at an offset of a stream.
inline std::byte transport_byte(std::uint64_t stream, std::uint64_t offset) noexcept {
    std::uint64_t const mixed = (offset + 1) * 0x9e3779b97f4a7c15u + stream * 0xd1342543de82ef95u;
    return static_cast<std::byte>(mixed >> 56);
}

/// How bytes are cut into calls.
enum class transport_cut : std::uint8_t { single, small, uneven, large };
inline std::size_t transport_piece(transport_cut cut, std::uint64_t turn, std::size_t most) {
    std::uint64_t const drawn = (turn + 1) * 0x9e3779b97f4a7c15u >> 40;
    std::size_t         size = most;
    switch (cut) {
        case transport_cut::single: size = 1; break;
        case transport_cut::small: size = 1 + drawn % 20; break;
        case transport_cut::uneven: size = 1 + drawn % 5000; break;
        case transport_cut::large: break;
    }
    return size < most ? size : most;
}

template <class Connection>
time_point transport_look_at(Connection const& c) noexcept {
    if constexpr (connection_looks_at<Connection>) return c.look_at();
    else return static_cast<void>(c), never;
}

/// One end of a connection, with its line in the box.
template <class Connection>
struct transport_end {
    Connection    c{};
    std::uint64_t line = 0;
};

/// Something that goes on until it is done, and in between waits for a signal.
class transport_step {
public:
    transport_step(signal_box& box, std::uint64_t line) noexcept : box_(&box), line_(line) {}
    virtual ~transport_step() = default;

    /// True: it has come further.
    bool step() {
        if (done || (waits_ && box_->heard(line_) == heard_)) return false;
        waits_ = false;
        heard_ = box_->heard(line_);  // before it looks, so that no signal is missed
        return go_on();
    }
    /// The time has come to look again.
    void               look() noexcept { waits_ = false; }
    virtual time_point look_at() const noexcept = 0;
    bool               done = false;
    bool               failed = false;   // it ended with an error
    transport_errc     error{};          // which
    char const*        wrong = nullptr;  // what must not be

protected:
    virtual bool go_on() = 0;
    bool         wait() noexcept {
        waits_ = true;
        return false;
    }
    bool end() noexcept { return done = true; }
    bool fail(transport_error const& why) noexcept {
        failed = true;
        error = why.code;
        return end();
    }
    bool complain(char const* what) noexcept {
        wrong = what;
        return end();
    }

private:
    signal_box*   box_;
    std::uint64_t line_;
    std::uint64_t heard_ = 0;
    bool          waits_ = false;
};

template <class Connection>
class transport_establishing final : public transport_step {
public:
    transport_establishing(signal_box& box, transport_end<Connection>& end)
        : transport_step(box, end.line), end_(end) {}
    time_point look_at() const noexcept override { return transport_look_at(end_.c); }

private:
    bool go_on() override {
        auto const got = end_.c.establish();
        if (!got) return fail(got.error());
        return *got ? end() : wait();
    }
    transport_end<Connection>& end_;
};

/// Accepts one.
template <class Listener, class Connection>
class transport_accepting final : public transport_step {
public:
    transport_accepting(signal_box& box, std::uint64_t line, Listener& listener,
                        transport_signal signal, transport_end<Connection>& into)
        : transport_step(box, line), listener_(listener), signal_(signal), into_(into) {}
    time_point look_at() const noexcept override { return never; }

private:
    bool go_on() override {
        auto got = listener_.accept(signal_);
        if (got) {
            into_.c = std::move(*got);
            return end();
        }
        return got.error().code == transport_errc::none_waiting ? wait() : fail(got.error());
    }
    Listener&                  listener_;
    transport_signal           signal_;
    transport_end<Connection>& into_;
};

/// Sends `total` bytes of a stream.
template <class Connection>
class transport_sending final : public transport_step {
public:
    transport_sending(signal_box& box, transport_end<Connection>& end, std::uint64_t stream,
                      std::uint64_t total, transport_cut cut)
        : transport_step(box, end.line), end_(end), stream_(stream), total_(total), cut_(cut) {
        done = total == 0;
    }
    time_point    look_at() const noexcept override { return transport_look_at(end_.c); }
    std::uint64_t sent() const noexcept { return sent_; }
    /// It is done when it has sent so many.
    void stop_at(std::uint64_t total) noexcept {
        total_ = total;
        done = done || sent_ >= total_;
    }
    bool was_short = false;  // a send has taken less than all

private:
    bool go_on() override {
        constexpr std::size_t most = sizeof place_;
        std::uint64_t const   left = total_ - sent_;
        std::size_t const     size =
            transport_piece(cut_, turn_, left < most ? static_cast<std::size_t>(left) : most);
        for (std::size_t i = 0; i < size; ++i) place_[i] = transport_byte(stream_, sent_ + i);
        // In turn: one buffer; several; several, with empty ones at the ends and between them.
        std::span<std::byte const> const all{place_, size};
        std::span<std::byte const> const front = all.first(size / 3);
        std::span<std::byte const> const back = all.subspan(size / 3);
        std::span<std::byte const> const parts[] = {{}, front, {}, {}, back, all.first(0)};
        std::span<std::byte const> const two[] = {front, back};
        gathered_bytes                   buffers{&all, 1};
        if (turn_ % 3 == 1) buffers = gathered_bytes{two};
        if (turn_ % 3 == 2) buffers = gathered_bytes{parts};
        ++turn_;
        auto const taken = end_.c.send(buffers);
        if (!taken) return fail(taken.error());
        if (*taken > size) return complain("`send` has taken more than there was");
        sent_ += *taken;
        if (sent_ == total_) return end();
        if (*taken == size) return true;
        was_short = true;
        wait();
        return *taken != 0;
    }

    transport_end<Connection>& end_;
    std::uint64_t              stream_;
    std::uint64_t              total_;
    transport_cut              cut_;
    std::uint64_t              sent_ = 0;
    std::uint64_t              turn_ = 0;
    std::byte                  place_[60'000];
};

/// Receives so many bytes of a stream, and compares them; to the end where that is more than come.
template <class Connection>
class transport_receiving final : public transport_step {
public:
    static constexpr std::uint64_t to_the_end = UINT64_MAX;

    transport_receiving(signal_box& box, transport_end<Connection>& end, std::uint64_t stream,
                        std::uint64_t total, transport_cut cut)
        : transport_step(box, end.line), end_(end), stream_(stream), total_(total), cut_(cut) {
        done = total == 0;
    }
    time_point    look_at() const noexcept override { return transport_look_at(end_.c); }
    std::uint64_t received() const noexcept { return received_; }
    bool          was_empty = false;  // a receive has found nothing

private:
    bool go_on() override {
        constexpr std::size_t most = sizeof place_;
        std::uint64_t const   left = total_ - received_;
        std::size_t const     size =
            transport_piece(cut_, turn_++, left < most ? static_cast<std::size_t>(left) : most);
        auto const got = end_.c.receive(std::span<std::byte>{place_, size});
        if (!got) return fail(got.error());
        if (*got > size) return complain("`receive` says that it gave more than there was place");
        if (*got == 0) {
            was_empty = true;
            return wait();
        }
        for (std::size_t i = 0; i < *got; ++i) {
            if (place_[i] != transport_byte(stream_, received_ + i)) {
                return complain("a byte is not the one that was sent there");
            }
        }
        received_ += *got;
        if (received_ == total_) end();
        return true;
    }

    transport_end<Connection>& end_;
    std::uint64_t              stream_;
    std::uint64_t              total_;
    transport_cut              cut_;
    std::uint64_t              received_ = 0;
    std::uint64_t              turn_ = 0;
    std::byte                  place_[60'000];
};

/// A transport, a listener of it, and connections through that; what a rule asks of them.
template <class Transport, class Pump>
class transport_driver {
protected:
    using connection = typename Transport::connection;
    using listener = typename Transport::listener;
    using end = transport_end<connection>;
    using establishing = transport_establishing<connection>;
    using accepting = transport_accepting<listener, connection>;
    using sending = transport_sending<connection>;
    using receiving = transport_receiving<connection>;
    using steps = std::initializer_list<transport_step*>;

    transport_driver(Transport& transport, transport_trial const& how, Pump& pump,
                     std::span<conformance_rule const> rules)
        : transport_(transport), how_(how), pump_(pump), report_(rules) {
        if (how_.connections > 100) how_.connections = 100;
    }

    bool check(int rule, bool holds, std::string_view seen = {}) {
        return report_.check(rule, holds, seen);
    }
    /// What went wrong with a step, as words.
    static std::string words_of(std::string_view who, transport_step const& s) {
        std::string words{who};
        if (s.wrong != nullptr) words.append(": ").append(s.wrong);
        else if (s.failed) words.append(" ended with: ").append(to_string(s.error));
        else words += s.done ? " is done" : " waits, and no signal comes";
        return words;
    }
    bool check_done(int rule, std::string_view who, transport_step const& s) {
        bool const holds = s.done && !s.failed && s.wrong == nullptr;
        if (holds) return check(rule, true);
        return check(rule, false, words_of(who, s));
    }

    void pump(time_point look_at) {
        // The other thread needs time, and a pump may take none.
        if (shared_) box_.sleep(std::chrono::milliseconds{1});
        if constexpr (std::is_same_v<Pump, wait_for_signals const>) {
            static_cast<void>(look_at);
            box_.sleep(std::chrono::milliseconds{1});
        } else if constexpr (std::is_invocable_v<Pump&, time_point>) {
            pump_(look_at);
        } else {
            static_cast<void>(look_at);
            pump_();
        }
    }
    /// Until the first `needed` are done, or nothing has happened for a while. True: they are.
    bool drive(std::span<transport_step* const> all, unsigned pumps, std::size_t needed) {
        for (unsigned left = pumps;;) {
            bool        moved = false;
            std::size_t done = 0;
            time_point  at = never;
            for (transport_step* const s : all) {
                moved = s->step() || moved;
                if (s->done && done < needed) ++done;
                if (!s->done && s->look_at() < at) at = s->look_at();
            }
            bool reached = true;
            for (transport_step* const s : all.first(needed)) reached = reached && s->done;
            if (reached) return true;
            if (moved) {
                left = pumps;
                continue;
            }
            if (left-- == 0) return false;
            pump(at);
            if (at == never) continue;
            for (transport_step* const s : all) s->look();
        }
    }
    bool drive(std::span<transport_step* const> all, std::size_t needed) {
        bool const reached = drive(all, patience_, needed);
        // What does not come once does not come again: the rest need not take as long.
        if (!reached && patience_ > 500) patience_ = 500;
        return reached;
    }
    bool drive(steps all) { return drive(all, all.size()); }
    bool drive(steps all, std::size_t needed) {
        return drive(std::span<transport_step* const>{all.begin(), all.size()}, needed);
    }
    void drive_briefly(steps all) {
        static_cast<void>(drive(std::span<transport_step* const>{all.begin(), all.size()},
                                how_.pumps_quiet, all.size()));
    }

    /// Bytes of a stream from one end to the other.
    bool carry(int rule, end& from, end& to, std::uint64_t size, transport_cut out_cut,
               transport_cut in_cut) {
        auto const out = std::make_unique<sending>(box_, from, ++stream_, size, out_cut);
        auto const in = std::make_unique<receiving>(box_, to, stream_, size, in_cut);
        drive({out.get(), in.get()});
        return check_done(rule, "`send`", *out) && check_done(rule, "`receive`", *in);
    }
    bool carry(int rule, end& from, end& to, std::uint64_t size = 1000) {
        return carry(rule, from, to, size, transport_cut::uneven, transport_cut::uneven);
    }
    /// Receives until there is nothing more; true: then there was nothing, and no error.
    bool is_quiet(connection& c) {
        std::byte  place[16];
        auto const got = c.receive(place);
        return got && *got == 0;
    }
    static bool gives_errors(connection& c) {
        std::byte                        place[16] = {};
        std::span<std::byte const> const buffer{place};
        return !c.establish() && !c.send(gathered_bytes{&buffer, 1}) && !c.receive(place);
    }

    Transport&                transport_;
    transport_trial           how_;
    Pump&                     pump_;
    unsigned                  patience_ = how_.pumps_max;
    signal_box                box_;
    bool                      shared_ = false;  // there is another thread
    std::uint64_t             comes_ = 0;       // the line of the listener
    std::uint64_t             stream_ = 0;      // the last one: each has other bytes
    endpoint                  bound_{};
    std::unique_ptr<listener> listener_;
    conformance_report        report_;
};

}  // namespace detail

}  // namespace troupe::inline TROUPE_ABI
