// SPDX-License-Identifier: BSL-1.0
#pragma once

// A peer that is no node: it says to a server what a test wants, byte by byte.

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/nodes.hpp"

namespace troupe_test {

using namespace troupe::detail;

class raw_peer {
public:
    explicit raw_peer(two_sides& w, char const* to = "loopback://server")
        : w_(w), transport_(w.network) {
        auto made = transport_.connect(*troupe::parse_endpoint(to), {});
        REQUIRE(made.has_value());
        connection_ = std::move(*made);
        w.settle();
    }
    void say(std::vector<std::byte> const& bytes) {
        std::span<std::byte const> const one{bytes};
        std::size_t                      at = 0;
        while (at < bytes.size()) {
            auto const                       rest = one.subspan(at);
            std::span<std::byte const> const list[] = {rest};
            auto const                       sent = connection_.send(list);
            if (!sent) return;
            at += *sent;
            w_.settle();
        }
    }
    template <class Put>
    static std::vector<std::byte> frame_of(frame_kind kind, Put const& put) {
        std::byte    place[512];
        frame_writer f{place, kind};
        put(f.body());
        std::size_t const end = f.end();
        return {place, place + end};
    }
    static std::vector<std::byte> greeting(std::string_view codec = troupe::binary_codec::name,
                                           std::uint32_t    frame_max = 1u << 20) {
        return frame_of(frame_kind::hello, [&](troupe::byte_writer& body) {
            write_hello(body, {1, 1, 5, frame_max, 5000, codec});
        });
    }
    // The words of the goodbye among what has come; empty: there is none. `gone`: and then the end.
    std::string goodbye() {
        std::string words;
        std::byte   place[65536];
        for (;;) {
            auto const got = connection_.receive(place);
            if (!got) {
                gone = true;
                break;
            }
            if (*got == 0) break;
            heard_.insert(heard_.end(), place, place + *got);
        }
        std::size_t at = 0;
        while (heard_.size() - at >= 4) {
            auto const look = look_at_frame(std::span{heard_}.subspan(at), 1u << 20);
            if (look.whole == 0 || look.whole > heard_.size() - at) break;
            frame f;
            static_cast<void>(split_frame(std::span{heard_}.subspan(at, look.whole), f));
            if (f.kind == frame_kind::goodbye) {
                troupe::byte_reader from{f.body};
                std::string_view    text;
                REQUIRE(read_text(from, text));
                words = text;
            }
            kinds.push_back(f.kind);
            at += look.whole;
        }
        return words;
    }
    bool                    gone = false;
    std::vector<frame_kind> kinds;

private:
    two_sides&                  w_;
    troupe::loopback_transport  transport_;
    troupe::loopback_connection connection_;
    std::vector<std::byte>      heard_;
};

inline std::vector<std::byte> bytes_of(std::initializer_list<int> list) {
    std::vector<std::byte> bytes;
    for (int const b : list) bytes.push_back(static_cast<std::byte>(b));
    return bytes;
}

}  // namespace troupe_test
