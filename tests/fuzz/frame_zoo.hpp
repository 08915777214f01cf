// SPDX-License-Identifier: BSL-1.0
#pragma once

// Any bytes, in any pieces, from a peer of a node: the node goes on, says why it ends a connection,
// owes nothing afterwards, and what it makes of the bytes does not depend on how they were split.

#include <algorithm>  // std::min
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <troupe/testing.hpp>
#include <troupe/troupe.hpp>

namespace troupe_test::frame_zoo {

struct config : troupe::defaults {
    using scheduler_type = troupe::run_loop_scheduler;
    using clock_type = troupe::manual_clock;
    using log_type = troupe::null_log;
};

struct put {
    std::int32_t value;
};
struct text {
    std::string words;
};
struct sum {};
class store {
public:
    using protocol = troupe::protocol<void(put), void(text), std::int32_t(sum)>;
    void on(put p) {
        sum_ = static_cast<std::int32_t>(static_cast<std::uint32_t>(sum_) +
                                         static_cast<std::uint32_t>(p.value));
    }
    void         on(text const& t) { sum_ += static_cast<std::int32_t>(t.words.size() & 0xff); }
    std::int32_t on(sum) const { return sum_; }

private:
    std::int32_t sum_ = 0;
};

/// What the peer hears, and what the actor has at the end. `wrong`: what does not hold.
inline std::string outcome(std::span<std::byte const> bytes, std::size_t piece,
                           std::string& wrong) {
    auto const require = [&wrong](bool holds, char const* what) {
        if (!holds && wrong.empty()) wrong = what;
    };
    std::string              heard;
    troupe::manual_clock     clock;
    troupe::loopback_network network{clock};
    {
        troupe::basic_system<config> system{{.clock = &clock}};
        auto const                   settle = [&] { system.run_until_idle(); };
        {
            troupe::node<troupe::loopback_transport> node{
                system,
                {.listen = "loopback://fuzz", .link = {.frame_max = 4096}},
                network.transport()};
            auto const who = system.spawn<store>();
            node.expose("store", who);
            troupe::loopback_transport transport = network.transport();
            auto made = transport.connect(*troupe::parse_endpoint("loopback://fuzz"), {});
            require(made.has_value(), "no connection");
            if (!made) return heard;
            troupe::loopback_connection peer = std::move(*made);
            settle();
            std::byte  place[4096];
            auto const listen = [&] {
                for (;;) {
                    auto const got = peer.receive(place);
                    if (!got || *got == 0) return;
                    heard.append(reinterpret_cast<char const*>(place), *got);
                }
            };
            for (std::size_t at = 0; at < bytes.size();) {
                auto const next = bytes.subspan(at, std::min(piece, bytes.size() - at));
                std::span<std::byte const> const list[] = {next};
                auto const                       sent = peer.send(list);
                if (!sent) break;
                at += *sent;
                settle();
                if (*sent == 0) listen();
            }
            listen();
            auto asked = who.ask(sum{});
            asked.start();
            settle();
            auto const r = asked.result();
            require(r.has_value(), "the actor does not answer");
            if (r) heard += "|" + std::to_string(*r);
        }
        troupe::stop_report const report = system.stop(std::chrono::seconds{20});
        require(report.complete && report.books.balanced(), "the books do not balance");
        require(report.books.blocks == 0 && report.books.actors == 0, "something is left");
    }
    return heard;
}

/// What was heard of greeting and goodbye: the rest may come too late for a peer that ends. The
/// greeting has a number by chance; what stands behind the last frame is what the actor has.
inline std::vector<std::string> frames_of(std::string const& heard) {
    std::vector<std::string> frames;
    std::size_t              at = 0;
    auto const               bytes = std::as_bytes(std::span{heard});
    while (bytes.size() - at >= 6) {
        auto const look = troupe::detail::look_at_frame(bytes.subspan(at), 1u << 20);
        if (look.fault || look.whole == 0 || look.whole > bytes.size() - at) break;
        std::string one = heard.substr(at, look.whole);
        if (one[4] == 1 && one.size() > 22) one.replace(14, 8, 8, 'n');
        auto const kind = static_cast<troupe::detail::frame_kind>(one[4]);
        if (kind == troupe::detail::frame_kind::hello ||
            kind == troupe::detail::frame_kind::goodbye) {
            frames.push_back(std::move(one));
        }
        at += look.whole;
    }
    frames.push_back(heard.substr(at));
    return frames;
}

/// What does not hold for these bytes; empty: all does.
inline std::string check(std::span<std::byte const> bytes, std::size_t piece) {
    std::string wrong;
    auto const  once = frames_of(outcome(bytes, bytes.empty() ? 1 : bytes.size(), wrong));
    auto const  split = frames_of(outcome(bytes, piece, wrong));
    if (wrong.empty() && once != split) wrong = "the split makes a difference";
    return wrong;
}

}  // namespace troupe_test::frame_zoo
