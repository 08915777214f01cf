// SPDX-License-Identifier: BSL-1.0
#pragma once

// A TLS provider that keeps nothing secret and asks nobody who he is: for tests of what lies around
// TLS, without a TLS library. It has what a wire sees of TLS: a handshake, records, an end that is
// said, and a byte that was changed is noticed. One thread per session; allocates nothing.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

#include "troupe/base/result.hpp"
#include "troupe/port/tls_provider.hpp"

namespace troupe::inline TROUPE_ABI {

/// Not for anything that matters. The name is there to be found.
class insecure_plaintext {
public:
    class session;
    result<session, transport_error> client(std::string_view) noexcept;
    result<session, transport_error> server() noexcept;
};

/// A record: `T`, its kind, its length in two bytes, a checksum in four, and what is in it.
class insecure_plaintext::session {
public:
    session() noexcept = default;
    session(session&& other) noexcept { take(other); }
    session& operator=(session&& other) noexcept {
        if (this != &other) take(other);
        return *this;
    }

    result<bool, transport_error> handshake() noexcept {
        if (!open_) return not_open();
        if (dead_) return why_;
        if (!greeted_ && (is_client_ || met_)) greeted_ = put(kind::hello, {});
        if (!met_ && next_is(kind::hello)) {
            met_ = true;
            drop_record();
        }
        if (!greeted_ && met_) greeted_ = put(kind::hello, {});
        return met_ && greeted_;
    }
    result<std::size_t, transport_error> feed(std::span<std::byte const> wire) noexcept {
        if (!open_) return not_open();
        if (dead_) return why_;
        std::size_t const size = wire.size() < place_max - in_ ? wire.size() : place_max - in_;
        if (size != 0) std::memcpy(in_bytes_ + in_, wire.data(), size);
        in_ += size;
        if (!look()) return why_;
        return size;
    }
    std::size_t drain(std::span<std::byte> place) noexcept {
        std::size_t const size = place.size() < out_ ? place.size() : out_;
        if (size != 0) std::memcpy(place.data(), out_bytes_, size);
        std::memmove(out_bytes_, out_bytes_ + size, out_ - size);
        out_ -= size;
        return size;
    }
    result<std::size_t, transport_error> write(std::span<std::byte const> plain) noexcept {
        if (!open_) return not_open();
        if (dead_) return why_;
        std::size_t taken = 0;
        while (met_ && greeted_ && taken < plain.size()) {
            std::size_t const left = plain.size() - taken;
            std::size_t const size = left < record_max ? left : record_max;
            if (!put(kind::data, plain.subspan(taken, size))) break;
            taken += size;
        }
        return taken;
    }
    result<std::size_t, transport_error> read(std::span<std::byte> place) noexcept {
        if (!open_) return not_open();
        if (dead_) return why_;
        if (!met_ || !greeted_ || place.empty()) return std::size_t{0};
        if (next_is(kind::end)) return transport_error{transport_errc::closed};
        if (!next_is(kind::data)) return std::size_t{0};
        std::size_t const left = length() - read_;
        std::size_t const size = left < place.size() ? left : place.size();
        std::memcpy(place.data(), in_bytes_ + head + read_, size);
        read_ += size;
        if (read_ == length()) drop_record();
        if (!look()) return why_;
        return size;
    }
    void finish() noexcept {
        if (open_ && !dead_ && greeted_) (void)put(kind::end, {});
    }
    /// Nobody has proved anything.
    std::string_view peer_name() const noexcept { return {}; }

private:
    friend class insecure_plaintext;
    enum class kind : std::uint8_t { hello = 'H', data = 'D', end = 'E' };
    static constexpr std::size_t head = 8;
    static constexpr std::size_t record_max = 1000;
    static constexpr std::size_t place_max = 3 * (head + record_max);

    explicit session(bool is_client) noexcept : is_client_(is_client), open_(true) {}
    static transport_error not_open() noexcept {
        return {transport_errc::misused, 0, "tls: the session is not open"};
    }
    void take(session& other) noexcept {
        static_assert(std::is_trivially_copyable_v<transport_error>);
        in_ = other.in_, out_ = other.out_, read_ = other.read_;
        std::memcpy(in_bytes_, other.in_bytes_, in_);
        std::memcpy(out_bytes_, other.out_bytes_, out_);
        is_client_ = other.is_client_, greeted_ = other.greeted_, met_ = other.met_;
        dead_ = other.dead_, open_ = other.open_, why_ = other.why_;
        other.open_ = false;
        other.in_ = other.out_ = 0;
    }
    static std::uint32_t sum(std::byte kind, std::span<std::byte const> body) noexcept {
        auto value = 0x811c9dc5u ^ std::to_integer<std::uint32_t>(kind);
        for (std::byte const b : body)
            value = (value ^ std::to_integer<std::uint32_t>(b)) * 0x01000193u;
        return value;
    }
    bool put(kind what, std::span<std::byte const> body) noexcept {
        if (place_max - out_ < head + body.size()) return false;
        std::byte* const at = out_bytes_ + out_;
        at[0] = std::byte{'T'};
        at[1] = static_cast<std::byte>(what);
        at[2] = static_cast<std::byte>(body.size() >> 8);
        at[3] = static_cast<std::byte>(body.size() & 0xff);
        std::uint32_t const check = sum(at[1], body);
        std::memcpy(at + 4, &check, sizeof(check));
        if (!body.empty()) std::memcpy(at + head, body.data(), body.size());
        out_ += head + body.size();
        return true;
    }
    std::size_t length() const noexcept {
        return std::to_integer<std::size_t>(in_bytes_[2]) << 8 |
               std::to_integer<std::size_t>(in_bytes_[3]);
    }
    /// The first record, as far as it is there: false, and the session is dead, if it is none.
    bool look() noexcept {
        std::string_view words;
        auto const       what = in_ > 1 ? static_cast<kind>(in_bytes_[1]) : kind::hello;
        if (in_ > 0 && in_bytes_[0] != std::byte{'T'}) words = "tls: not a TLS record";
        else if (what != kind::hello && what != kind::data && what != kind::end) {
            words = "tls: not a TLS record";
        } else if (in_ >= head && length() > record_max) {
            words = "tls: a record is too long";
        } else if (in_ >= head && in_ >= head + length()) {
            std::uint32_t check = 0;
            std::memcpy(&check, in_bytes_ + 4, sizeof(check));
            if (check != sum(in_bytes_[1], {in_bytes_ + head, length()})) {
                words = "tls: a record was changed on its way";
            }
        }
        if (words.empty()) return true;
        dead_ = true;
        why_ = {transport_errc::not_secure, 0, words};
        return false;
    }
    bool next_is(kind what) const noexcept {
        return in_ >= head && in_ >= head + length() && static_cast<kind>(in_bytes_[1]) == what;
    }
    void drop_record() noexcept {
        std::size_t const size = head + length();
        std::memmove(in_bytes_, in_bytes_ + size, in_ - size);
        in_ -= size;
        read_ = 0;
        (void)look();
    }

    std::size_t     in_ = 0;
    std::size_t     out_ = 0;
    std::size_t     read_ = 0;  // of the first record
    bool            is_client_ = false;
    bool            greeted_ = false;
    bool            met_ = false;
    bool            dead_ = false;
    bool            open_ = false;
    transport_error why_{};
    std::byte       in_bytes_[place_max];
    std::byte       out_bytes_[place_max];
};

inline result<insecure_plaintext::session, transport_error>
insecure_plaintext::client(std::string_view) noexcept {
    return session{true};
}
inline result<insecure_plaintext::session, transport_error> insecure_plaintext::server() noexcept {
    return session{false};
}

static_assert(tls_provider<insecure_plaintext>);

}  // namespace troupe::inline TROUPE_ABI
