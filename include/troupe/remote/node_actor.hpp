// SPDX-License-Identifier: BSL-1.0
#pragma once

// The actor behind a node: the only one that uses the transport. It connects for links and accepts.
// And the parts of a node that do not depend on its transport.

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include "troupe/actor/context.hpp"
#include "troupe/actor/termination.hpp"
#include "troupe/remote/link.hpp"
#include "troupe/remote/link_life.hpp"
#include "troupe/remote/node_core.hpp"
#include "troupe/remote/node_error.hpp"
#include "troupe/remote/proxy.hpp"
#include "troupe/system/spawn.hpp"
#include "troupe/system/system.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// The node listens: look for those who have come.
struct begin_accepting {};

/// The transport proves itself with something that ends: tell when, now and then. Of which node.
struct watch_certificate {
    std::string of;
};

/// `Wire`: as of basic_link.
template <class Wire>
class basic_node_actor {
public:
    static constexpr std::string_view shown_as = "troupe::node";
    using protocol = troupe::protocol<void(begin_accepting), void(io_ready), void(pulse),
                                      void(connect_me), void(watch_certificate)>;
    using mailbox_type = unbounded_mailbox;  // a message per link and attempt

    explicit basic_node_actor(node_handle node) noexcept : node_(std::move(node)) {}

    void on(begin_accepting, context<basic_node_actor>& self) {
        accepts_ = true;
        accept(self);
        if (!pulse_) self.fail("remote: no memory for the timer of a node that listens");
    }
    void on(pulse, context<basic_node_actor>& self) { accept(self); }
    void on(io_ready, context<basic_node_actor>& self) {
        if (accepts_) accept(self);
    }
    void on(connect_me const& wish) {
        result<wire*, transport_error> made =
            node_->carries->connect(wish.to, {&wake_link, wish.link, wish.incarnation});
        adopt given;
        if (made) given.made = wire_holder{*made};
        else given.why = made.error();
        static_cast<void>(deliver_by<adopt>(wish.link, wish.incarnation, send_mode::internal, never,
                                            std::move(given)));
    }
    void on(watch_certificate&& watch, context<basic_node_actor>& self);
    template <class Message>
    void hand_back(Message&&) noexcept {}
    void stopping(context<basic_node_actor>&) { node_->carries->stop_listening(); }

private:
    static constexpr int          accepts_max = 16;  // in one turn
    static constexpr duration     looks_each = std::chrono::hours{1};
    static constexpr duration     warns_each = std::chrono::hours{24};
    static constexpr std::int64_t warns_below = 7 * 86400;  // seconds

    /// A connection needs a link before it is there: its signal names one.
    void accept(context<basic_node_actor>& self) {
        // A signal for which there was no memory is none: who waits then is seen at the next pulse.
        if (!pulse_) pulse_ = self.every(node_->options.heartbeat, pulse{});
        for (int i = 0; i < accepts_max; ++i) {
            if (!lives(spare_)) {
                auto made = self.template try_spawn<basic_link<Wire>>(node_);
                if (!made) return accept_later(self);
                spare_ = *made;
            }
            result<wire*, transport_error> got = node_->carries->accept(signal_of(spare_));
            if (!got) {
                if (got.error().code == transport_errc::none_waiting) return;
                node_->home.count(metric::link_connect_failures, to_string(got.error().code));
                std::string words{to_string(got.error().code)};
                if (!got.error().detail.empty()) words.append(": ").append(got.error().detail);
                node_->home.tell(log_event::link_failed,
                                 {.who = this_thread.acting(), .detail = words});
                // Where there are no descriptors left it is tried again a little later.
                return accept_later(self);
            }
            adopt given;
            given.made = wire_holder{*got};
            // Without memory for that the connection ends here.
            if (deliver_by<adopt>(ref_access::cell_of(spare_), spare_.identity(),
                                  send_mode::internal, never, std::move(given))
                    .status() == send_status::accepted) {
                spare_ = {};
            }
        }
        static_cast<void>(self.ref().try_send(io_ready{}));
    }
    void accept_later(context<basic_node_actor>& self) {
        self.cancel(retry_);
        retry_ = self.after(std::chrono::milliseconds{100}, io_ready{});
    }

    node_handle node_;
    any_ref     spare_;
    timer       pulse_;
    timer       retry_;
    bool        accepts_ = false;
    time_point  warns_again_ = {};
};

template <class Wire>
TROUPE_COLD void basic_node_actor<Wire>::on(watch_certificate&&        watch,
                                            context<basic_node_actor>& self) {
    std::int64_t const left = node_->carries->seconds_to_expiry();
    if (left == INT64_MAX) return;
    node_->home.gauge(metric::tls_cert_expiry_seconds, watch.of, static_cast<double>(left));
    if (left < warns_below && self.now() >= warns_again_) {
        char words[64];
        if (left < 0) std::snprintf(words, sizeof words, "it has expired");
        else
            std::snprintf(words, sizeof words, "in %lld hours",
                          static_cast<long long>(left / 3600));
        node_->home.tell(log_event::certificate_expires,
                         {.who = this_thread.acting(),
                          .detail = words,
                          .fields = {{"node", watch.of}, {"seconds", left}}});
        warns_again_ = self.now() + warns_each;
    }
    static_cast<void>(self.after(looks_each, std::move(watch)));
}

/// Refuses a value outside its range, by name.
TROUPE_COLD inline node_error out_of_range(char const* setting, long long value, long long least,
                                           long long most) noexcept {
    char text[160];
    std::snprintf(text, sizeof text, "%s: %lld is outside the allowed range [%lld, %lld]", setting,
                  value, least, most);
    return {"node: config", text};
}

TROUPE_COLD inline result<void, node_error> check_links(link_options const& o) {
    struct {
        char const* name;
        long long   value;
        long long   least;
        long long   most;
    } const settings[] = {
        {"connect_deadline (nanoseconds)", o.connect_deadline.count(), 1, INT64_MAX},
        {"handshake_deadline (nanoseconds)", o.handshake_deadline.count(), 1, INT64_MAX},
        {"heartbeat (nanoseconds)", o.heartbeat.count(), 1'000'000, 3'600'000'000'000},
        {"heartbeats_missed_max", o.heartbeats_missed_max, 1, 100},
        {"write_deadline (nanoseconds)", o.write_deadline.count(), 1, INT64_MAX},
        {"idle_deadline (nanoseconds)", o.idle_deadline.count(), 0, INT64_MAX},
        {"backoff.first (nanoseconds)", o.backoff.first.count(), 1, INT64_MAX},
        {"backoff.max (nanoseconds)", o.backoff.max.count(), 0, INT64_MAX},
        {"backoff.reset_after (nanoseconds)", o.backoff.reset_after.count(), 0, INT64_MAX},
        {"frame_max", o.frame_max, 64, 1 << 30},
        {"window", o.window, 1024, 1 << 30},
        {"channels_max", o.channels_max, 1, 1 << 24},
        {"coalesce (nanoseconds)", o.coalesce.count(), 0, 1'000'000'000},
    };
    for (auto const& s : settings) {
        if (s.value < s.least || s.value > s.most) {
            return out_of_range(s.name, s.value, s.least, s.most);
        }
    }
    if (!(o.backoff.factor >= 1) || !(o.backoff.factor <= 1000)) {
        return node_error{"node: config", "backoff.factor is outside the allowed range [1, 1000]"};
    }
    if (!(o.backoff.jitter >= 0) || !(o.backoff.jitter <= 1)) {
        return node_error{"node: config", "backoff.jitter is outside the allowed range [0, 1]"};
    }
    return {};
}

/// Takes the carrier over, also when it fails.
template <class Wire>
TROUPE_COLD result<node_handle, node_error> begin_node(core& home, link_options const& o,
                                                       std::string_view codec, carrier* carries) {
    if (auto const fine = check_links(o); !fine) {
        delete carries;
        return fine.error();
    }
    std::uint64_t const number =
        static_cast<std::uint64_t>(real_time().nanoseconds) * 0x9e3779b97f4a7c15u;
    node_handle made{new node_core{home, o, number, codec, carries}};
    using policies = resolved_policies<basic_node_actor<Wire>, bounded_mailbox<1024>>;
    birth const born =
        spawn_child<basic_node_actor<Wire>, policies, false>(&bring_to_life, home, nullptr, made);
    if (born.born == nullptr) return node_error{"node", born.why().what()};
    made->actor = ref_access::make<ref<basic_node_actor<Wire>>>(*born.born, born.incarnation);
    return made;
}

TROUPE_COLD inline result<endpoint, node_error> place_of(std::string_view at,
                                                         std::string_view scheme) {
    result<endpoint, endpoint_errc> const parsed = parse_endpoint(at);
    if (!parsed) return node_error{to_string(parsed.error()), at};
    if (!parsed->scheme().empty() && parsed->scheme() != scheme) {
        std::string const words = "node: its transport takes " + std::string{scheme} + "://, not";
        return node_error{words, at};
    }
    return *parsed;
}

template <class Wire>
TROUPE_COLD result<endpoint, node_error> listen_at(node_handle const& node, std::string_view at,
                                                   std::string_view scheme) {
    auto const place = place_of(at, scheme);
    if (!place) return place.error();
    result<endpoint, transport_error> bound = node->carries->listen(*place, signal_of(node->actor));
    if (!bound) {
        std::string words{to_string(bound.error().code)};
        if (!bound.error().detail.empty()) words.append(": ").append(bound.error().detail);
        return node_error{std::string{"node: cannot listen at "}.append(at), words};
    }
    if (deliver_by<begin_accepting>(ref_access::cell_of(node->actor), node->actor.identity(),
                                    send_mode::internal, never)
            .status() != send_status::accepted) {
        return node_error{std::string{"node: cannot listen at "}.append(at), "no memory"};
    }
    node->home.tell(log_event::listening, {.detail = bound->text()});
    return *bound;
}

TROUPE_COLD inline result<void, node_error> expose(node_handle const& node, exposure&& what) {
    if (char const* const fault = fault_of_key(what.key)) return node_error{fault, what.key};
    std::string const key = what.key;
    if (!what.target) return node_error{"node: the reference is null", key};
    if (!node->expose(std::move(what))) return node_error{"node: the key is taken", key};
    node->home.tell(log_event::actor_exposed, {.detail = key});
    return {};
}

/// The node looks when its certificate ends, if it has one. `at`: where it listens, or its scheme.
TROUPE_COLD inline void watch_certificate_of(node_handle const& node, std::string_view at) {
    if (node->carries->seconds_to_expiry() == INT64_MAX) return;
    static_cast<void>(deliver_by<watch_certificate>(ref_access::cell_of(node->actor),
                                                    node->actor.identity(), send_mode::internal,
                                                    never, watch_certificate{std::string{at}}));
}

/// The link to there, which is made if there is none.
template <class Wire>
TROUPE_COLD result<any_ref, node_error> link_to(node_handle const& node, std::string_view at,
                                                std::string_view scheme) {
    auto const place = place_of(at, scheme);
    if (!place) return place.error();
    if (any_ref const known = node->link_to(*place)) return known;
    using policies = resolved_policies<basic_link<Wire>, bounded_mailbox<1024>>;
    birth const born = spawn_child<basic_link<Wire>, policies, false>(&bring_to_life, node->home,
                                                                      nullptr, node, *place);
    if (born.born == nullptr) return node_error{"node", born.why().what()};
    any_ref const mine = ref_access::make<ref<basic_link<Wire>>>(*born.born, born.incarnation);
    any_ref const first = node->add_link(*place, mine);
    if (first != mine) {
        static_cast<void>(deliver_by<close_link>(ref_access::cell_of(mine), mine.identity(),
                                                 send_mode::internal, never));
    }
    return first;
}

inline proxy_setup setup_of_proxy(node_handle const& node, any_ref link, std::string_view key,
                                  std::uint64_t fingerprint, std::string_view schema,
                                  when_lost then) {
    proxy_setup made;
    made.home = &node->home;
    made.link = ref_access::cell_of(link);
    made.link_incarnation = link.identity();
    // relaxed: a number
    made.channel = node->next_channel.fetch_add(1, memory_order_relaxed);
    made.frame_max = node->options.frame_max;
    made.window = node->options.window;
    made.key = std::string{key};
    made.fingerprint = fingerprint;
    made.schema = schema;
    made.then = then;
    return made;
}

/// Everything of the node ends: references, connections, the node itself.
template <class Wire>
TROUPE_COLD void close_node(node_handle& node) {
    if (!node) return;
    node_handle const    ending = std::exchange(node, {});
    std::vector<any_ref> all = ending->take_proxies();
    for (known_link const& l : ending->links()) all.push_back(l.link);
    all.push_back(ending->actor);
    time_point const until = real_time() + std::chrono::seconds{5};
    bool const       here = this_thread.on != nullptr || this_thread.acting() != nullptr;
    for (any_ref const& a : all) {
        cell* const c = ref_access::cell_of(a);
        visit const inside{c, a.identity()};
        if (inside.system() != nullptr)
            inside.system()->request_stop(inside.on(), *c, a.identity());
    }
    if (here) return;
    for (any_ref const& a : all) {
        if (!lives(a)) continue;
        static_cast<void>(
            end_request{ref_access::cell_of(a), a.identity(), true}.ends_within(left_until(until)));
    }
}

}  // namespace troupe::inline TROUPE_ABI::detail
