// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a node, its links and its proxies share: who is exposed under which key, and the settings.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "troupe/actor/any_ref.hpp"
#include "troupe/actor/core.hpp"
#include "troupe/remote/inlet.hpp"
#include "troupe/remote/link_options.hpp"
#include "troupe/remote/wire.hpp"
#include "troupe/sync/lock_rank.hpp"

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

struct known_link {
    endpoint to;
    any_ref  link;
};

/// Who is behind an inlet.
struct known_peer {
    any_ref     inlet;
    any_ref     link;
    std::string name;  // who it has proved to be; empty: nobody
    /// Which reference it serves: the number of its node, and its channel there.
    std::uint64_t node = 0;
    std::uint32_t channel = 0;
    bool          retired = false;  // its connection has gone; it still hands on what has come
};

class node_core {
public:
    node_core(core& system, link_options const& with, std::uint64_t number,
              std::string_view codec_name, carrier* owned) noexcept
        : home(system), options(with), serial(number), codec(codec_name), carries(owned) {
        home.hold();
    }
    node_core(node_core const&) = delete;
    node_core& operator=(node_core const&) = delete;
    void hold() noexcept { holders_.fetch_add(1, memory_order_relaxed); }  // relaxed: a holder
    void let_go() noexcept {
        // acq_rel: the last one sees what all others did
        if (holders_.fetch_sub(1, memory_order_acq_rel) == 1) delete this;
    }

    core&                  home;
    link_options const     options;
    std::uint64_t const    serial;
    std::string_view const codec;
    carrier* const         carries;  // the node actor
    any_ref                actor;    // before anybody else knows of this
    atomic<std::uint32_t>  next_channel{1};

    /// False: the key is taken by an actor that lives.
    bool expose(exposure&& what) {
        lock_guard const held{mutex_, root_token{}};
        for (exposure& e : exposures_) {
            if (e.key != what.key) continue;
            if (lives(e.target)) return false;
            e = std::move(what);
            return true;
        }
        exposures_.push_back(std::move(what));
        return true;
    }
    bool hide(std::string_view key) {
        lock_guard const held{mutex_, root_token{}};
        for (exposure& e : exposures_) {
            if (e.key != key) continue;
            std::swap(e, exposures_.back());
            exposures_.pop_back();
            return true;
        }
        return false;
    }
    bool find(std::string_view key, exposure& to) {
        lock_guard const held{mutex_, root_token{}};
        for (exposure const& e : exposures_) {
            if (e.key != key || !lives(e.target)) continue;
            to = e;
            return true;
        }
        return false;
    }
    std::vector<std::string> keys(std::string_view prefix) {
        std::vector<std::string> found;
        lock_guard const         held{mutex_, root_token{}};
        for (exposure const& e : exposures_) {
            if (std::string_view{e.key}.substr(0, prefix.size()) == prefix && lives(e.target)) {
                found.push_back(e.key);
            }
        }
        return found;
    }

    /// The link to there; null: there is none yet.
    any_ref link_to(endpoint const& to) {
        lock_guard const held{mutex_, root_token{}};
        for (known_link const& l : links_) {
            if (l.to == to && lives(l.link)) return l.link;
        }
        return {};
    }
    /// Makes a link known; if another one was faster, that one is given.
    any_ref add_link(endpoint const& to, any_ref link) {
        lock_guard const held{mutex_, root_token{}};
        for (known_link& l : links_) {
            if (l.to != to) continue;
            if (!lives(l.link)) l.link = link;
            return l.link;
        }
        links_.push_back({to, link});
        return link;
    }
    void add_proxy(any_ref proxy) {
        lock_guard const held{mutex_, root_token{}};
        // Those that have ended make room.
        if (proxies_.size() >= prune_at_) {
            std::size_t kept = 0;
            for (any_ref const& p : proxies_) {
                if (lives(p)) proxies_[kept++] = p;
            }
            proxies_.resize(kept);
            prune_at_ = kept < 32 ? 64 : 2 * kept;
        }
        proxies_.push_back(proxy);
    }
    std::vector<any_ref> take_proxies() {
        lock_guard const held{mutex_, root_token{}};
        return std::move(proxies_);
    }
    std::vector<known_link> links() {
        lock_guard const held{mutex_, root_token{}};
        return links_;
    }

    /// Through which connection an inlet brings what it brings.
    void add_inlet(known_peer&& peer) {
        lock_guard const held{mutex_, root_token{}};
        peers_.push_back(std::move(peer));
    }
    void retire_inlet(any_ref const& inlet) noexcept {
        lock_guard const held{mutex_, root_token{}};
        for (known_peer& p : peers_) {
            if (p.inlet == inlet) p.retired = true;
        }
    }
    /// The inlet of an earlier connection that still serves the reference; null: there is none.
    known_peer earlier_inlet(std::uint64_t node, std::uint32_t channel, any_ref const& but) {
        lock_guard const held{mutex_, root_token{}};
        known_peer       found;
        for (std::size_t i = 0; i < peers_.size();) {
            known_peer& p = peers_[i];
            if (p.retired && !lives(p.inlet)) {
                std::swap(p, peers_.back());
                peers_.pop_back();
                continue;
            }
            if (p.node == node && p.channel == channel && (p.retired || p.link != but) &&
                lives(p.inlet)) {
                found = p;
            }
            ++i;
        }
        return found;
    }
    void remove_inlet(any_ref const& inlet) noexcept {
        lock_guard const held{mutex_, root_token{}};
        for (known_peer& p : peers_) {
            if (p.inlet != inlet) continue;
            std::swap(p, peers_.back());
            peers_.pop_back();
            return;
        }
    }
    /// Nobody: it is no inlet of this node, or its connection has ended.
    known_peer peer_of(any_ref const& inlet) {
        lock_guard const held{mutex_, root_token{}};
        for (known_peer const& p : peers_) {
            if (p.inlet == inlet && !p.retired) return p;
        }
        return {};
    }

    static bool lives(any_ref const& who) noexcept {
        cell const* const c = ref_access::cell_of(who);
        // acquire: as everybody who asks
        return c != nullptr && c->incarnation.load(memory_order_acquire) == who.identity();
    }

private:
    ~node_core() {
        delete carries;
        home.release();
    }

    atomic<std::uint32_t>            holders_{1};
    mutable ranked_mutex<rank::node> mutex_;
    std::vector<exposure>            exposures_ TROUPE_GUARDED_BY(mutex_);
    std::vector<known_link>          links_ TROUPE_GUARDED_BY(mutex_);
    std::vector<any_ref>             proxies_ TROUPE_GUARDED_BY(mutex_);
    std::vector<known_peer>          peers_ TROUPE_GUARDED_BY(mutex_);
    std::size_t                      prune_at_ TROUPE_GUARDED_BY(mutex_) = 64;
};

class node_handle {
public:
    node_handle() noexcept = default;
    explicit node_handle(node_core* taken) noexcept : core_(taken) {}
    node_handle(node_handle const& other) noexcept : core_(other.core_) {
        if (core_ != nullptr) core_->hold();
    }
    node_handle(node_handle&& other) noexcept : core_(std::exchange(other.core_, nullptr)) {}
    node_handle& operator=(node_handle other) noexcept {
        std::swap(core_, other.core_);
        return *this;
    }
    ~node_handle() {
        if (core_ != nullptr) core_->let_go();
    }
    node_core* operator->() const noexcept { return core_; }
    explicit   operator bool() const noexcept { return core_ != nullptr; }

private:
    node_core* core_ = nullptr;
};

}  // namespace troupe::inline TROUPE_ABI::detail
