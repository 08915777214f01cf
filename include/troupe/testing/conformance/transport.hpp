// SPDX-License-Identifier: BSL-1.0
#pragma once

// The conformance suite of a transport. It waits for signals and for nothing else: a transport that
// forgets one stands still, and the rule that says so is broken. It cannot see whether a function
// waits or allocates.
// More: docs/reference/transport.md

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "troupe/os/thread.hpp"
#include "troupe/port/transport.hpp"
#include "troupe/testing/conformance/report.hpp"
#include "troupe/testing/signal_box.hpp"

namespace troupe::inline TROUPE_ABI {

inline constexpr conformance_rule transport_rules[] = {
    {1, "`listen` takes an address that nobody has, and `bound` says which: one can connect to it"},
    {2, "`listen` at an address where somebody listens is `address_in_use`"},
    {3, "a listener that closes frees its address, and may be closed again"},
    {4, "who connects to where nobody listens learns it as a value: `refused` or `unreachable`"},
    {5, "an endpoint of another scheme is `invalid_address`, for `listen` and for `connect`"},
    {6, "`accept` is `none_waiting` while nobody has come, and the listener's signal tells when"},
    {7, "who connects is accepted once; `establish` becomes true on both sides, and stays so"},
    {8, "all bytes arrive, as they were and in order, however they are cut into calls and buffers"},
    {9, "both directions go at the same time, and neither waits for the other"},
    {10, "`receive` is zero while nothing is there, and the signal tells when there is something"},
    {11, "who does not receive stops who sends, and the signal tells when there is room again"},
    {12, "what was sent before an orderly `close` arrives, and then comes `closed`, for good"},
    {13, "after a `close` with bytes in flight the other side gets a true beginning, and an error"},
    {14, "a closed connection gives errors, and may be closed again; its peer's sends fail, too"},
    {15, "a connection that was made without arguments or moved from is closed"},
    {16, "connections and listeners go on as they were when they are moved, with their signals"},
    {17, "connections do not mix: each has its own bytes and its own signal"},
    {18, "a listener that closes ends those who wait there, and not those it has accepted"},
    {19, "the two ends of a connection may belong to two threads"},
};

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

template <class Transport, class Pump>
class transport_suite {
    using connection = typename Transport::connection;
    using listener = typename Transport::listener;
    using end = transport_end<connection>;
    using establishing = transport_establishing<connection>;
    using accepting = transport_accepting<listener, connection>;
    using sending = transport_sending<connection>;
    using receiving = transport_receiving<connection>;
    using steps = std::initializer_list<transport_step*>;
    static constexpr std::uint64_t to_the_end = receiving::to_the_end;

public:
    transport_suite(Transport& transport, transport_trial const& how, Pump& pump)
        : transport_(transport), how_(how), pump_(pump) {
        if (how_.connections > 100) how_.connections = 100;
    }

    conformance_report run() {
        other_schemes();
        if (!listens()) return std::move(report_);
        bytes_arrive();
        both_directions();
        nothing_and_something();
        fullness();
        closing();
        closing_in_flight();
        closed();
        moving();
        many();
        two_threads();
        listener_goes();
        return std::move(report_);
    }

private:
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

    /// A connection through the listener, established on both sides.
    bool join(end& client, end& server, int rule, signal_box& box_of_server) {
        client.line = box_.new_line();
        server.line = box_of_server.new_line();
        accepting in{box_, comes_, *listener_, box_of_server.signal(server.line), server};
        in.step();
        if (!check(6, !in.done, "`accept` has found somebody, and nobody has come")) return false;
        auto made = transport_.connect(bound_, box_.signal(client.line));
        if (!made) {
            return check(rule, false,
                         std::string{"`connect`: "}.append(to_string(made.error().code)));
        }
        client.c = std::move(*made);
        establishing out{box_, client};
        drive({&in, &out}, 1);
        if (!check_done(in.failed ? rule : 6, "`accept`", in)) return false;
        establishing back{box_of_server, server};
        drive({&back, &out});
        if (!check_done(rule, "the one that connects", out)) return false;
        if (!check_done(rule, "the one that is accepted", back)) return false;
        auto const again = client.c.establish();
        auto const other = server.c.establish();
        check(7, again && *again && other && *other, "`establish` was true and is not any more");
        return true;
    }
    bool join(end& client, end& server, int rule) { return join(client, server, rule, box_); }

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

    // ---- the rules ----

    void other_schemes() {
        endpoint const other = "a-scheme-that-nobody-has://nobody:1";
        auto const     l = transport_.listen(other, {});
        auto const     c = transport_.connect(other, {});
        check(5, !l && l.error().code == transport_errc::invalid_address, "`listen` takes it");
        check(5, !c && c.error().code == transport_errc::invalid_address, "`connect` takes it");
    }

    bool listens() {
        comes_ = box_.new_line();
        auto made = transport_.listen(how_.listen_at, box_.signal(comes_));
        if (!made) {
            return check(1, false, std::string{"`listen`: "}.append(to_string(made.error().code)));
        }
        listener_ = std::make_unique<listener>(std::move(*made));
        bound_ = listener_->bound();
        check(1, !bound_.text().empty(), "`bound` is empty");
        auto const second = transport_.listen(bound_, {});
        check(2, !second && second.error().code == transport_errc::address_in_use,
              second ? "it listens twice" : to_string(second.error().code));
        // To find out, it may have come to the first one, and gone.
        for (bool came = true; came;) {
            end       visitor;
            accepting in{box_, comes_, *listener_, {}, visitor};
            drive_briefly({&in});
            came = in.done && !in.failed;
        }
        end client, server;
        if (!join(client, server, 1)) return false;
        accepting more{box_, comes_, *listener_, {}, server};
        drive_briefly({&more});
        return check(7, !more.done, "one that has connected once was accepted twice");
    }

    void bytes_arrive() {
        end client, server;
        if (!join(client, server, 7)) return;
        std::byte  place[1];
        auto const nothing = client.c.send({});
        check(8, nothing && *nothing == 0, "`send` of nothing");
        auto const nowhere = client.c.receive(std::span<std::byte>{place, 0});
        check(8, nowhere && *nowhere == 0, "`receive` without place");
        using cut = transport_cut;
        carry(8, client, server, 3000, cut::single, cut::large) &&
            carry(8, client, server, 3000, cut::large, cut::single) &&
            carry(8, server, client, 20'000, cut::small, cut::uneven) &&
            carry(8, client, server, 20'000, cut::uneven, cut::small) &&
            carry(8, server, client, how_.many / 3, cut::uneven, cut::uneven) &&
            carry(8, server, client, how_.many, cut::large, cut::large);
    }

    void both_directions() {
        end client, server;
        if (!join(client, server, 7)) return;
        std::uint64_t const size = how_.many / 3;
        using cut = transport_cut;
        auto const out = std::make_unique<sending>(box_, client, ++stream_, size, cut::uneven);
        auto const in = std::make_unique<receiving>(box_, server, stream_, size, cut::large);
        auto const back = std::make_unique<sending>(box_, server, ++stream_, size, cut::large);
        auto const home = std::make_unique<receiving>(box_, client, stream_, size, cut::uneven);
        drive({out.get(), in.get(), back.get(), home.get()});
        check_done(9, "`send` of who has connected", *out);
        check_done(9, "`receive` of who was accepted", *in);
        check_done(9, "`send` of who was accepted", *back);
        check_done(9, "`receive` of who has connected", *home);
        // One direction is full, and the other goes on.
        auto const full =
            std::make_unique<sending>(box_, client, ++stream_, how_.in_flight_max, cut::large);
        drive_briefly({full.get()});
        carry(9, server, client, 20'000);
    }

    void nothing_and_something() {
        end client, server;
        if (!join(client, server, 7)) return;
        for (int i = 0; i < 40; ++i) {
            end&       from = i % 3 == 0 ? client : server;
            end&       to = i % 3 == 0 ? server : client;
            auto const in =
                std::make_unique<receiving>(box_, to, ++stream_, 1 + i, transport_cut::uneven);
            in->step();
            if (!check(10, in->was_empty && !in->done,
                       words_of("`receive` before anything was sent", *in))) {
                return;
            }
            auto const out =
                std::make_unique<sending>(box_, from, stream_, 1 + i, transport_cut::uneven);
            drive({out.get(), in.get()});
            if (!check_done(10, "`send`", *out) || !check_done(10, "`receive`", *in)) return;
        }
    }

    void fullness() {
        end client, server;
        if (!join(client, server, 7)) return;
        auto const out = std::make_unique<sending>(box_, client, ++stream_, how_.in_flight_max,
                                                   transport_cut::large);
        drive_briefly({out.get()});
        if (!check(11, !out->done && out->was_short,
                   out->done && !out->failed ? "`send` has taken all that there was"
                                             : words_of("`send`", *out))) {
            return;
        }
        std::uint64_t const all = out->sent() + 200'000;
        out->stop_at(all);
        auto const in =
            std::make_unique<receiving>(box_, server, stream_, all, transport_cut::uneven);
        drive({out.get(), in.get()});
        check_done(11, "`send` after the other side has received", *out);
        check_done(11, "`receive`", *in);
    }

    /// One closes, and the other receives to the end.
    void closing_after(std::uint64_t size, bool client_closes, bool small) {
        end client, server;
        if (!join(client, server, 7)) return;
        end&       closes = client_closes ? client : server;
        end&       hears = client_closes ? server : client;
        auto const out =
            std::make_unique<sending>(box_, closes, ++stream_, size, transport_cut::large);
        auto const in =
            std::make_unique<receiving>(box_, hears, stream_, to_the_end, transport_cut::uneven);
        drive({out.get(), in.get()}, 1);
        if (!check_done(12, "`send`", *out)) return;
        check(12, is_quiet(closes.c), "`receive` of who closes gives something, or an error");
        closes.c.close();
        drive({in.get()});
        if (!check(12, in->failed && in->wrong == nullptr, words_of("`receive`", *in))) return;
        if (in->error == transport_errc::closed) {
            check(12, in->received() == size,
                  "`closed` has come after " + std::to_string(in->received()) + " bytes of " +
                      std::to_string(size));
        } else {
            // Many bytes may be held by a layer that has taken them; then it must say so.
            check(12, !small, words_of("`receive`", *in));
        }
        std::byte  place[8];
        auto const later = hears.c.receive(place);
        check(12, !later && later.error().code == in->error, "after the end comes something else");
    }
    void closing() {
        for (bool const client_closes : {true, false}) {
            closing_after(0, client_closes, true);
            closing_after(1, client_closes, true);
            closing_after(1000, client_closes, true);
            closing_after(300'000, client_closes, false);
        }
    }

    void closing_in_flight() {
        for (bool const both : {false, true}) {
            end client, server;
            if (!join(client, server, 7)) return;
            constexpr std::uint64_t size = 500'000;
            auto const              out =
                std::make_unique<sending>(box_, client, ++stream_, size, transport_cut::large);
            std::uint64_t const stream = stream_;
            auto const          back =
                std::make_unique<sending>(box_, server, ++stream_, size, transport_cut::large);
            drive_briefly({out.get(), back.get()});
            client.c.close();
            client.c.close();
            if (both) {
                server.c.close();
                check(13, gives_errors(server.c), "it was closed, and gives no errors");
                continue;
            }
            auto const in = std::make_unique<receiving>(box_, server, stream, to_the_end,
                                                        transport_cut::uneven);
            drive({in.get()});
            check(13, in->failed && in->wrong == nullptr, words_of("`receive`", *in));
            check(13, in->received() <= out->sent(), "more has arrived than was sent");
            check(13, in->error != transport_errc::closed || in->received() == out->sent(),
                  "`closed` has come before the last byte");
            server.c.close();
        }
    }

    void closed() {
        end client, server;
        if (!join(client, server, 7)) return;
        client.c.close();
        check(14, gives_errors(client.c), "one that was closed gives no errors");
        client.c.close();
        check(14, gives_errors(client.c), "one that was closed twice gives no errors");
        auto const out = std::make_unique<sending>(box_, server, ++stream_, how_.in_flight_max,
                                                   transport_cut::large);
        drive({out.get()});
        check(14, out->failed && out->wrong == nullptr, words_of("`send` of the peer", *out));
        connection none;
        check(15, gives_errors(none), "one that was made without arguments gives no errors");
        none.close();
        check(15, gives_errors(none), "closing one that was made without arguments opens it");
    }

    void moving() {
        end client, server;
        if (!join(client, server, 7)) return;
        auto const in =
            std::make_unique<receiving>(box_, server, ++stream_, 100'000, transport_cut::uneven);
        auto const out =
            std::make_unique<sending>(box_, client, stream_, 100'000, transport_cut::uneven);
        in->step();  // and waits
        for (end* const e : {std::addressof(client), std::addressof(server)}) {
            connection other{std::move(e->c)};
            check(15, gives_errors(e->c), "one that was moved from gives no errors");  // NOLINT
            e->c = std::move(other);
            check(15, gives_errors(other), "one that was moved from gives no errors");  // NOLINT
        }
        drive({out.get(), in.get()});
        check_done(16, "`send` after the move", *out);
        check_done(16, "`receive` after the move", *in);
        // What is overwritten is closed.
        client.c = connection{};
        auto const last =
            std::make_unique<receiving>(box_, server, stream_, to_the_end, transport_cut::large);
        drive({last.get()});
        check(16, last->failed, words_of("`receive` after the other end was overwritten", *last));
        listener_ = std::make_unique<listener>(std::move(*listener_));
        check(16, listener_->bound() == bound_, "`bound` of a listener that was moved");
        end more, there;
        join(more, there, 16);
    }

    void many() {
        std::vector<std::unique_ptr<end>>            ends;
        std::vector<std::unique_ptr<transport_step>> all;
        std::vector<transport_step*>                 driven;
        for (unsigned i = 0; i < how_.connections; ++i) {
            auto& client = *ends.emplace_back(std::make_unique<end>());
            auto& server = *ends.emplace_back(std::make_unique<end>());
            if (!join(client, server, 17)) return;
            for (bool const there : {true, false}) {
                end& from = there ? client : server;
                end& to = there ? server : client;
                ++stream_;
                all.push_back(std::make_unique<sending>(box_, from, stream_, 40'000 + i,
                                                        transport_cut::uneven));
                all.push_back(std::make_unique<receiving>(box_, to, stream_, 40'000 + i,
                                                          transport_cut::uneven));
            }
        }
        // All wait, and then are told, each on its own.
        std::vector<std::unique_ptr<receiving>> waiting;
        for (auto const& e : ends) {
            waiting.push_back(
                std::make_unique<receiving>(box_, *e, ++stream_, 1, transport_cut::uneven));
            waiting.back()->step();
        }
        for (std::size_t i = 0; i < ends.size(); ++i) {
            std::uint64_t const stream = stream_ - ends.size() + 1 + i;
            // Ends stand in pairs: its peer is the one before it or after it.
            sending out{box_, *ends[i ^ 1], stream, 1, transport_cut::uneven};
            drive({&out, waiting[i].get()});
            if (!check_done(17, "one of many, each in turn", *waiting[i])) return;
        }
        for (auto const& s : all) driven.push_back(s.get());
        drive(std::span<transport_step* const>{driven}, driven.size());
        for (auto const& s : all) check_done(17, "one of many", *s);
    }

    struct other_side {
        signal_box* box;
        sending*    out;
        receiving*  in;
        unsigned    patience;

        atomic<bool> done{false};
        static void  run(void* told) noexcept {
            auto& me = *static_cast<other_side*>(told);
            for (unsigned left = me.patience; left != 0;) {
                bool moved = me.in->step();
                moved = me.out->step() || moved;
                if (me.in->done && me.out->done) break;
                if (moved) {
                    left = me.patience;
                    continue;
                }
                --left;
                me.box->sleep(std::chrono::milliseconds{1});
                if (me.out->look_at() == never) continue;
                me.out->look();
                me.in->look();
            }
            // release: pairs with the acquire of who waits for it
            me.done.store(true, memory_order_release);
        }
    };
    void two_threads() {
        if (!how_.threads) return report_.excuse(19, "its ends belong to one thread");
        signal_box there;
        end        client, server;
        if (!join(client, server, 19, there)) return;
        std::uint64_t const size = how_.many / 6;
        using cut = transport_cut;
        auto const out = std::make_unique<sending>(box_, client, ++stream_, size, cut::uneven);
        auto const in = std::make_unique<receiving>(there, server, stream_, size, cut::uneven);
        auto const back = std::make_unique<sending>(there, server, ++stream_, size, cut::uneven);
        auto const home = std::make_unique<receiving>(box_, client, stream_, size, cut::uneven);
        other_side other{&there, back.get(), in.get(), patience_};
        os_thread  thread;
        home->step();  // waits, for a signal that comes from the other thread
        shared_ = true;
        if (!thread.start(&other_side::run, &other)) {
            return report_.excuse(19, "there is no thread left");
        }
        drive({out.get(), home.get()});
        // acquire: pairs with the release in run()
        while (!other.done.load(memory_order_acquire)) pump(never);
        thread.join();
        shared_ = false;
        check_done(19, "`send`", *out);
        check_done(19, "`receive`", *home);
        check_done(19, "`send` on another thread", *back);
        check_done(19, "`receive` on another thread", *in);
    }

    void listener_goes() {
        end client, server, waits;
        if (!join(client, server, 18)) return;
        waits.line = box_.new_line();
        auto made = transport_.connect(bound_, box_.signal(waits.line));
        if (made) waits.c = std::move(*made);
        establishing out{box_, waits};
        if (made) drive_briefly({&out});
        listener_->close();
        listener_->close();
        if (made && !out.failed) {
            drive({&out});
            if (!out.failed) {
                receiving in{box_, waits, 0, to_the_end, transport_cut::small};
                drive({&in});
                check(18, in.failed, words_of("`receive` of who was not accepted", in));
            }
        }
        carry(18, client, server);
        carry(18, server, client);
        goes_to_nobody();
        // It must be possible to take it again, and to use it.
        comes_ = box_.new_line();
        auto again = transport_.listen(bound_, box_.signal(comes_));
        if (!check(3, again.has_value(),
                   again ? std::string_view{} : to_string(again.error().code))) {
            return;
        }
        listener_ = std::make_unique<listener>(std::move(*again));
        end a, b;
        join(a, b, 3);
    }

    void goes_to_nobody() {
        end nobody;
        nobody.line = box_.new_line();
        auto           made = transport_.connect(bound_, box_.signal(nobody.line));
        transport_errc why{};
        if (made) {
            nobody.c = std::move(*made);
            establishing out{box_, nobody};
            drive({&out});
            if (!check(4, out.failed, words_of("`establish`", out))) return;
            why = out.error;
        } else {
            why = made.error().code;
        }
        check(4, why == transport_errc::refused || why == transport_errc::unreachable,
              to_string(why));
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
    conformance_report        report_{transport_rules};
};

}  // namespace detail

/// Tries out a transport, which must have no connections yet. `pump` lets something happen: it is
/// called when nothing can be done before a signal comes, and drives a reactor or moves a clock. It
/// takes nothing, or the time when a connection wants to be looked at; each call lets some time
/// pass, and need not wait for that one, which may also lie in the past or never come. Allocates,
/// takes a few seconds at most where all is well, and never hangs as long as `pump` does not.
template <class Transport, class Pump = wait_for_signals const>
conformance_report check_transport(Transport& transport, transport_trial const& how,
                                   Pump&& pump = wait_for_signals{}) {
    static_assert(explain_transport<Transport>());
    using type = std::remove_reference_t<Pump>;
    using kept = std::conditional_t<std::is_same_v<std::remove_const_t<type>, wait_for_signals>,
                                    wait_for_signals const, type>;
    return detail::transport_suite<Transport, kept>{transport, how, pump}.run();
}

}  // namespace troupe::inline TROUPE_ABI
