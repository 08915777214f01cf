// SPDX-License-Identifier: BSL-1.0
#pragma once

// The conformance suite of a transport: its rules. It waits for signals and for nothing else
// (transport_driver.hpp): a transport that forgets one stands still, and the rule that says so is
// broken. It cannot see whether a function waits or allocates.
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
#include "troupe/testing/conformance/transport_driver.hpp"
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

namespace detail {

template <class Transport, class Pump>
class transport_suite : private transport_driver<Transport, Pump> {
    using driver = transport_driver<Transport, Pump>;
    using typename driver::accepting;
    using typename driver::connection;
    using typename driver::end;
    using typename driver::establishing;
    using typename driver::listener;
    using typename driver::receiving;
    using typename driver::sending;
    static constexpr std::uint64_t to_the_end = receiving::to_the_end;

public:
    transport_suite(Transport& transport, transport_trial const& how, Pump& p)
        : driver(transport, how, p, transport_rules) {}

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
    using driver::bound_;
    using driver::box_;
    using driver::carry;
    using driver::check;
    using driver::check_done;
    using driver::comes_;
    using driver::drive;
    using driver::drive_briefly;
    using driver::gives_errors;
    using driver::how_;
    using driver::is_quiet;
    using driver::listener_;
    using driver::patience_;
    using driver::pump;
    using driver::report_;
    using driver::shared_;
    using driver::stream_;
    using driver::transport_;
    using driver::words_of;

    // ---- the rules ----

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
