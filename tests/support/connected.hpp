// SPDX-License-Identifier: BSL-1.0
#pragma once

// Two ends of a transport on one thread, each looked at only when its signal has come: what loses a
// wake-up hangs, and the test sees that nothing moves.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "troupe/port/transport.hpp"

namespace troupe_test {

/// One end: sends what it has been told to, and keeps all that comes.
template <class Connection>
struct end_of_connection {
    Connection              connection{};
    std::string             to_send{};
    std::string             got{};
    bool                    established = false;
    bool                    over = false;
    bool                    sends = true;
    bool                    reads = true;
    bool                    patient = false;  // once established it waits for the next signal
    int                     rings = 1;        // looked at once for nothing
    std::size_t             at_once = 300;    // bytes in one buffer
    troupe::transport_error error{};

    end_of_connection() = default;
    end_of_connection(end_of_connection const&) = delete;
    end_of_connection& operator=(end_of_connection const&) = delete;

    troupe::transport_signal signal() noexcept {
        return {[](void* whom, std::uint64_t) noexcept {
                    ++static_cast<end_of_connection*>(whom)->rings;
                },
                this, 0};
    }
    std::string words() const {
        return over ? std::string{to_string(error.code)} + ": " + std::string{error.detail} : "";
    }
    void fail(troupe::transport_error why) {
        if (!over) error = why;
        over = true;
    }
    /// As a link does: everything that a signal may mean.
    void look() {
        if (over) return;
        if (!established) {
            auto const ready = connection.establish();
            if (!ready) return fail(ready.error());
            established = *ready;
            if (!established || patient) return;
        }
        while (sends && !to_send.empty()) {
            // Small buffers and large ones, and more of them than are taken at once.
            std::vector<std::span<std::byte const>> buffers;
            std::string_view                        left = to_send;
            for (std::size_t i = 0; i < 8 && !left.empty(); ++i) {
                std::size_t const size = i % 3 == 2 ? 1 : at_once;
                buffers.push_back(std::as_bytes(std::span{left.substr(0, size)}));
                left.remove_prefix(left.size() < size ? left.size() : size);
            }
            std::size_t offered = 0;
            for (auto const& b : buffers) offered += b.size();
            auto const taken = connection.send(buffers);
            if (!taken) return fail(taken.error());
            to_send.erase(0, *taken);
            if (*taken < offered) break;
        }
        while (reads) {
            std::byte  place[700];
            auto const came = connection.receive(place);
            if (!came) return fail(came.error());
            if (*came == 0) break;
            got.append(reinterpret_cast<char const*>(place), *came);
        }
    }
};

/// Looks at whoever was called, until nobody is.
template <class A, class B>
void settle(A& a, B& b) {
    while (a.rings != 0 || b.rings != 0) {
        if (std::exchange(a.rings, 0) != 0) a.look();
        if (std::exchange(b.rings, 0) != 0) b.look();
    }
}

}  // namespace troupe_test
