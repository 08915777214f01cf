// SPDX-License-Identifier: BSL-1.0
#pragma once

// A node: what makes actors of this system reachable for other processes, and theirs reachable
// here.
//
//     troupe::node<troupe::tcp_transport> node{system, {.listen = "127.0.0.1:0"}};
//     node.expose("region-1/users", users);
//     auto far = node.resolve<user_service>("tcp://10.0.0.2:7000", "region-1/users");
//
// More: docs/guides/remote-actors.md

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "troupe/actor/request.hpp"
#include "troupe/actor/termination.hpp"
#include "troupe/message/binary_codec.hpp"
#include "troupe/message/fingerprint.hpp"
#include "troupe/port/codec.hpp"
#include "troupe/port/transport.hpp"
#include "troupe/remote/fwd.hpp"
#include "troupe/remote/link.hpp"
#include "troupe/remote/link_channels.hpp"
#include "troupe/remote/link_drain.hpp"
#include "troupe/remote/link_inlets.hpp"
#include "troupe/remote/link_io.hpp"
#include "troupe/remote/link_life.hpp"
#include "troupe/remote/node_actor.hpp"
#include "troupe/remote/node_error.hpp"
#include "troupe/remote/proxy.hpp"
#include "troupe/system/system.hpp"

namespace troupe::inline TROUPE_ABI {

struct node_options {
    /// Where others reach this node; port 0: the operating system chooses. Empty: nobody does.
    std::string_view listen{};
    link_options     link{};
};

/// A key with its protocol: `inline constexpr troupe::actor_key<user_service>
/// users{"region-1/users"};` A text that is no key does not compile.
template <class Target>
struct actor_key {
    std::string_view text;
    explicit consteval actor_key(char const* key) : text(key) {
        if (detail::fault_of_key(text) != nullptr) {
            detail::a_key_is_segments_of_letters_digits_dots_dashes_and_underscores();
        }
    }
};

namespace detail {
template <class Target>
using remote_protocol = protocol_of<Target>;
template <class Transport, class System>
inline constexpr bool transport_is_built_from_a_reactor =
    requires(System& s) { Transport{s.reactor()}; };
template <class Transport, class System>
Transport make_transport(System& home) {
    static_assert(transport_is_built_from_a_reactor<Transport, System>,
                  "troupe: this transport cannot be made from a reactor; give it as the third "
                  "argument: node{system, options, transport}");
    if constexpr (transport_is_built_from_a_reactor<Transport, System>) {
        return Transport{home.reactor()};
    }
}
}  // namespace detail

/// Any thread may use it. It belongs to one system, and is destroyed before it: then its
/// connections end, and all references that it has given with them. Its destructor waits for that,
/// for at most five seconds; in a handler it does not wait.
template <class Transport, class Codec = binary_codec>
class node {
    static_assert(explain_transport<Transport>());
    static_assert(explain_codec<Codec>());
    static_assert(detail::codec_name_fits<Codec>,
                  "troupe: the `name` of a codec is 1 to 64 letters of ASCII without blanks");

public:
    /// With a transport that is made from the reactor of the system. Throws `node_error` when an
    /// option is outside its range, or it cannot listen there.
    template <class Config>
    explicit node(basic_system<Config>& home, node_options const& options = {})
        : node(home, options, detail::make_transport<Transport>(home)) {}
    /// With a transport that is made already. It is the node's alone; throws the same.
    template <class Config>
    node(basic_system<Config>& home, node_options const& options, Transport transport) {
        begin(detail::system_access::core_of(home), options, std::move(transport));
    }
    node(node const&) = delete;
    node& operator=(node const&) = delete;
    ~node() { detail::close_node<detail::wire>(core_); }

    /// Where others reach this node, as the operating system says; empty: nobody does.
    endpoint bound() const noexcept { return bound_; }

    /// Others reach `who` under this key from now on, with the protocol of its reference: what a
    /// narrower reference does not name is not reachable. Throws `node_error`: the key is taken by
    /// an actor that lives, or it is no key (segments of letters, digits, `.`, `-` and `_`, with
    /// `/` between them, 200 bytes at most), or the reference is null.
    template <class Target, class Certainty>
    void expose(std::string_view key, ref<Target, Certainty> const& who) {
        detail::throw_if(try_expose(key, who));
    }
    template <class Target, class Certainty>
    result<void, node_error> try_expose(std::string_view key, ref<Target, Certainty> const& who) {
        using protocol = detail::remote_protocol<Target>;
        using table = detail::inlet_table<protocol, Codec>;
        return detail::expose(core_, {std::string{key}, who, protocol_fingerprint<protocol>,
                                      protocol_schema<protocol>(), table::rows,
                                      sizeof table::rows / sizeof table::rows[0]});
    }
    template <class Key, class Target, class Certainty>
    void expose(actor_key<Key> key, ref<Target, Certainty> const& who) {
        expose(key.text, ref<detail::remote_protocol<Key>>{who});
    }
    /// Nobody new reaches it; who has a channel keeps it. False: there was none.
    bool hide(std::string_view key) { return core_->hide(key); }
    /// The keys that begin so, of actors that live.
    std::vector<std::string> exposed(std::string_view prefix = {}) { return core_->keys(prefix); }

    /// A reference to the actor that is exposed there under this key, now or later. Does not wait:
    /// what is sent is on its way when the connection stands. While it is being tried messages wait
    /// in the mailbox of the reference, which mutes who sends too much; while it is known to be
    /// down they are lost and counted, and asks end at once with `link_lost`. `Policies`: its
    /// mailbox. Throws `node_error`.
    template <class Target, class... Policies>
    auto resolve(std::string_view at, std::string_view key, when_lost then = when_lost::reconnect) {
        auto made = try_resolve<Target, Policies...>(at, key, then);
        detail::throw_if(made);
        return *made;
    }
    template <class Target, class... Policies>
    auto try_resolve(std::string_view at, std::string_view key,
                     when_lost then = when_lost::reconnect)
        -> result<ref<detail::remote_protocol<Target>>, node_error>;
    /// A reference to an actor that the process has exposed which has sent a message: `sender` is
    /// what `self.sender()` gives there. It goes over the connection by which the message came, and
    /// ends with it. Throws `node_error`: it came over no connection of this node, or that has
    /// ended.
    template <class Target, class... Policies>
    auto resolve(any_ref const& sender, std::string_view key) {
        auto made = try_resolve<Target, Policies...>(sender, key);
        detail::throw_if(made);
        return *made;
    }
    template <class Target, class... Policies>
    auto try_resolve(any_ref const& sender, std::string_view key)
        -> result<ref<detail::remote_protocol<Target>>, node_error>;
    /// Who the process has proved to be which has sent a message; empty: nobody.
    std::string peer_of(any_ref const& sender) { return core_->peer_of(sender).name; }

    template <class... Policies, class Target>
    auto resolve(std::string_view at, actor_key<Target> key,
                 when_lost then = when_lost::reconnect) {
        return resolve<Target, Policies...>(at, key.text, then);
    }

    /// Whether somebody is behind a reference of this node, and if not, why: `co_await` or
    /// `.get()`.
    template <class Target, class Certainty>
    request<resolution, get_resolution, detail::built::in_place>
    resolution_of(ref<Target, Certainty> const& far) {
        any_ref const who = far;
        return {detail::ref_access::cell_of(who), who.identity(), std::in_place};
    }

    /// Connects, if it does not stand already: the outcome of this attempt.
    request<connect_result, await_connection, detail::built::in_place>
    connect(std::string_view at) {
        any_ref const link = link_to(at);
        return {detail::ref_access::cell_of(link), link.identity(), std::in_place};
    }
    /// How the connection to there stands.
    request<link_status, get_link_status, detail::built::in_place> status(std::string_view at) {
        any_ref const link = link_to(at);
        return {detail::ref_access::cell_of(link), link.identity(), std::in_place};
    }
    /// Ends the connection to there in order: nothing new is taken, what was asked is answered.
    request<drain_report, drain_link, detail::built::in_place> drain(std::string_view at,
                                                                     duration         within) {
        any_ref const link = link_to(at);
        return {detail::ref_access::cell_of(link), link.identity(), std::in_place, within};
    }

private:
    template <class Target, class... Policies>
    auto begin_proxy(any_ref const& link, std::string_view key, when_lost then, bool promised)
        -> result<ref<detail::remote_protocol<Target>>, node_error>;
    void    begin(detail::core& home, node_options const& options, Transport&& transport);
    any_ref link_to(std::string_view at) {
        result<any_ref, node_error> const found =
            detail::link_to<detail::wire>(core_, at, Transport::scheme);
        detail::throw_if(found);
        return found ? *found : any_ref{};
    }

    detail::node_handle core_;
    endpoint            bound_;
};

template <class Transport, class Codec>
void node<Transport, Codec>::begin(detail::core& home, node_options const& options,
                                   Transport&& transport) {
    auto* const carries = new detail::carrier_of<Transport>{std::move(transport)};
    auto        made = detail::begin_node<detail::wire>(home, options.link, Codec::name, carries);
    detail::throw_if(made);
    if (!made) return;
    core_ = std::move(*made);
    if (options.listen.empty()) {
        detail::watch_certificate_of(core_, Transport::scheme);
        return;
    }
    auto bound = detail::listen_at<detail::wire>(core_, options.listen, Transport::scheme);
    if (!bound) {
        detail::close_node<detail::wire>(core_);
        detail::throw_if(bound);
        return;
    }
    bound_ = *bound;
    detail::watch_certificate_of(core_, bound_.text());
}

template <class Transport, class Codec>
template <class Target, class... Policies>
auto node<Transport, Codec>::try_resolve(std::string_view at, std::string_view key, when_lost then)
    -> result<ref<detail::remote_protocol<Target>>, node_error> {
    if (char const* const fault = detail::fault_of_key(key)) return node_error{fault, key};
    result<any_ref, node_error> const link =
        detail::link_to<detail::wire>(core_, at, Transport::scheme);
    if (!link) return link.error();
    return begin_proxy<Target, Policies...>(*link, key, then, true);
}
template <class Transport, class Codec>
template <class Target, class... Policies>
auto node<Transport, Codec>::try_resolve(any_ref const& sender, std::string_view key)
    -> result<ref<detail::remote_protocol<Target>>, node_error> {
    if (char const* const fault = detail::fault_of_key(key)) return node_error{fault, key};
    any_ref const link = core_->peer_of(sender).link;
    if (!link) return node_error{"node: this sender has no connection", key};
    return begin_proxy<Target, Policies...>(link, key, when_lost::end, false);
}

template <class Transport, class Codec>
template <class Target, class... Policies>
auto node<Transport, Codec>::begin_proxy(any_ref const& link, std::string_view key, when_lost then,
                                         bool promised)
    -> result<ref<detail::remote_protocol<Target>>, node_error> {
    using protocol = detail::remote_protocol<Target>;
    using proxy = remote_actor<protocol, Codec>;
    using policies = detail::resolved_policies<proxy, bounded_mailbox<1024>, Policies...>;
    detail::proxy_setup setup = detail::setup_of_proxy(
        core_, link, key, protocol_fingerprint<protocol>, protocol_schema<protocol>(), then);
    setup.promised = promised;
    detail::birth const made = detail::spawn_child<proxy, policies, false>(
        &detail::bring_to_life, core_->home, nullptr, setup);
    if (made.born == nullptr) return node_error{"remote: no memory for the reference", key};
    auto const born = detail::ref_access::make<ref<proxy>>(*made.born, made.incarnation);
    core_->add_proxy(born);
    return ref<protocol>{born};
}

}  // namespace troupe::inline TROUPE_ABI
