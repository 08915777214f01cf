// SPDX-License-Identifier: BSL-1.0
#pragma once

// Who may be reached from outside, by key. Those that have ended make room by and by.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "troupe/actor/any_ref.hpp"
#include "troupe/message/fingerprint.hpp"
#include "troupe/remote/id_map.hpp"
#include "troupe/remote/inlet.hpp"
#include "troupe/remote/served_peers.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// An actor that others may reach.
struct exposure {
    std::string      key;
    any_ref          target;
    std::uint64_t    fingerprint = 0;
    std::string_view schema;
    inlet_row const* rows = nullptr;
    std::size_t      row_count = 0;
};

/// One thread at a time.
class exposures {
public:
    exposures() noexcept = default;
    exposures(exposures const&) = delete;
    exposures& operator=(exposures const&) = delete;
    ~exposures() {
        drop_if([](exposure const&) { return true; });
    }

    /// False: the key is taken by an actor that lives.
    bool add(exposure&& what) {
        if (entry* const e = entry_of(what.key)) {
            if (lives(e->what.target)) return false;
            e->what = std::move(what);
            return true;
        }
        if (all_.size() >= prune_at_) {
            drop_if([](exposure const& e) { return !lives(e.target); });
            prune_at_ = all_.size() < few ? 2 * few : 2 * all_.size();
        }
        auto* const fresh = new entry;
        fresh->id = long_hash_of(what.key);
        fresh->what = std::move(what);
        all_.add(*fresh);
        return true;
    }
    bool remove(std::string_view key) noexcept {
        entry* const e = entry_of(key);
        if (e == nullptr) return false;
        all_.remove(*e);
        delete e;
        return true;
    }
    /// Null: nobody who lives. Until the next call.
    exposure const* find(std::string_view key) const noexcept {
        entry* const e = entry_of(key);
        return e != nullptr && lives(e->what.target) ? &e->what : nullptr;
    }
    std::vector<std::string> keys(std::string_view prefix) {
        std::vector<std::string> found;
        all_.for_each([&](entry const& e) {
            std::string_view const key = e.what.key;
            if (key.substr(0, prefix.size()) == prefix && lives(e.what.target)) {
                found.emplace_back(key);
            }
        });
        return found;
    }
    /// With those that have ended and were not missed yet.
    std::size_t size() const noexcept { return all_.size(); }

private:
    static constexpr std::size_t few = 32;
    struct entry {
        entry*        next = nullptr;
        std::uint64_t id = 0;
        exposure      what;
    };

    entry* entry_of(std::string_view key) const noexcept {
        return all_.find(long_hash_of(key), [&](entry const& e) { return e.what.key == key; });
    }
    template <class Unwanted>
    void drop_if(Unwanted const& unwanted) {
        all_.take_if([&](entry const& e) { return unwanted(e.what); }, [](entry& e) { delete &e; });
    }

    id_map<entry> all_;
    std::size_t   prune_at_ = 2 * few;
};

}  // namespace troupe::inline TROUPE_ABI::detail
