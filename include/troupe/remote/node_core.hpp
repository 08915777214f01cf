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
#include "troupe/remote/exposures.hpp"
#include "troupe/remote/link_options.hpp"
#include "troupe/remote/served_peers.hpp"
#include "troupe/remote/wire.hpp"
#include "troupe/sync/lock_rank.hpp"

namespace troupe::inline TROUPE_ABI::detail {

struct known_link {
    endpoint to;
    any_ref  link;
    /// How often it was given to somebody who will tell it something.
    std::uint64_t promised = 0;
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
        return exposures_.add(std::move(what));
    }
    bool hide(std::string_view key) {
        lock_guard const held{mutex_, root_token{}};
        return exposures_.remove(key);
    }
    bool find(std::string_view key, exposure& to) {
        lock_guard const held{mutex_, root_token{}};
        exposure const*  found = exposures_.find(key);
        if (found != nullptr) to = *found;
        return found != nullptr;
    }
    std::vector<std::string> keys(std::string_view prefix) {
        lock_guard const held{mutex_, root_token{}};
        return exposures_.keys(prefix);
    }

    /// The link to there; null: there is none yet. Who gets it tells it something: until then it
    /// does not retire.
    any_ref link_to(endpoint const& to) {
        lock_guard const held{mutex_, root_token{}};
        for (known_link& l : links_) {
            if (l.to != to || !lives(l.link)) continue;
            ++l.promised;
            return l.link;
        }
        return {};
    }
    /// Makes a link known; if another one was faster, that one is given. Else as link_to().
    any_ref add_link(endpoint const& to, any_ref link) {
        lock_guard const held{mutex_, root_token{}};
        for (known_link& l : links_) {
            if (l.to != to) continue;
            if (!lives(l.link)) l = {to, link};
            ++l.promised;
            return l.link;
        }
        links_.push_back({to, link, 1});
        return link;
    }
    /// A link that nobody needs, and that was told `kept` things, goes: nobody gets it any more.
    /// False: somebody has it who will tell it something.
    bool retire_link(any_ref const& link, std::uint64_t kept) noexcept {
        lock_guard const held{mutex_, root_token{}};
        for (known_link& l : links_) {
            if (l.link != link) continue;
            if (l.promised != kept) return false;
            std::swap(l, links_.back());
            links_.pop_back();
            return true;
        }
        return true;
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
    void add_inlet(served_peer& peer) noexcept {
        lock_guard const held{mutex_, root_token{}};
        peers_.add(peer);
    }
    void retire_inlet(served_peer& peer) noexcept {
        lock_guard const held{mutex_, root_token{}};
        peer.who.retired = true;
    }
    void remove_inlet(served_peer& peer) noexcept {
        lock_guard const held{mutex_, root_token{}};
        peers_.remove(peer);
    }
    /// As served_peers::earlier(); without an inlet: there is none.
    known_peer earlier_inlet(std::uint64_t node, std::uint32_t channel, std::string_view name,
                             any_ref const& but) {
        lock_guard const  held{mutex_, root_token{}};
        known_peer const* found = peers_.earlier(node, channel, name, but);
        return found == nullptr ? known_peer{} : *found;
    }
    /// Nobody: it is no inlet of this node, or its connection has ended.
    known_peer peer_of(any_ref const& inlet) {
        lock_guard const  held{mutex_, root_token{}};
        known_peer const* found = peers_.find(inlet);
        return found == nullptr || found->retired ? known_peer{} : *found;
    }

private:
    ~node_core() {
        delete carries;
        home.release();
    }

    atomic<std::uint32_t>            holders_{1};
    mutable ranked_mutex<rank::node> mutex_;
    exposures                        exposures_ TROUPE_GUARDED_BY(mutex_);
    std::vector<known_link>          links_ TROUPE_GUARDED_BY(mutex_);
    std::vector<any_ref>             proxies_ TROUPE_GUARDED_BY(mutex_);
    served_peers                     peers_ TROUPE_GUARDED_BY(mutex_);
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
