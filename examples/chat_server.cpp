// SPDX-License-Identifier: BSL-1.0

// A chat room in a process of its own: `chat_server [ENDPOINT]`. It prints where it listens, who
// comes and who goes, and ends with its input. See docs/guides/remote-actors.md.

#include <chrono>
#include <cstdio>
#include <map>
#include <string>

#include "chat.hpp"

namespace {

using namespace std::chrono_literals;

template <class Node>
class room {
public:
    using protocol = chat::room_protocol;
    using envelope_type = troupe::with_sender;  // who says it? The connection knows
    explicit room(Node* mine) : node_(mine) {}

    void on(chat::join j, troupe::context<room>& self) {
        // Whoever comes has a screen, which is reached over the same connection.
        auto screen =
            node_->template resolve<chat::screen_protocol>(self.sender(), chat::screen_key.text);
        if (self.watch(screen) != troupe::watch_status::watching) return;
        guests_[self.sender()] = {j.name, screen};
        std::printf("+ %s\n", j.name.c_str());
        std::fflush(stdout);
        tell_all({"room", j.name + " is here"});
    }
    void on(chat::say s, troupe::context<room>& self) {
        auto const who = guests_.find(self.sender());
        if (who != guests_.end()) tell_all({who->second.name, s.text});
    }
    // The screen has gone with its connection.
    void on(troupe::terminated const& t) {
        for (auto g = guests_.begin(); g != guests_.end(); ++g) {
            if (troupe::any_ref{g->second.screen} != t.who) continue;
            std::string const name = g->second.name;
            guests_.erase(g);
            std::printf("- %s\n", name.c_str());
            std::fflush(stdout);
            tell_all({"room", name + " has gone"});
            return;
        }
    }

private:
    struct guest {
        std::string                        name;
        troupe::ref<chat::screen_protocol> screen;
    };
    void tell_all(chat::line const& what) {
        for (auto& [who, g] : guests_) g.screen.send(what);
    }

    Node*                            node_;
    std::map<troupe::any_ref, guest> guests_;
};

}  // namespace

int main(int count, char** words) {
    chat::options const o = chat::read(count, words);
    return chat::with_transport(o, [&]<class Transport>(troupe::system& system, Transport over) {
        using node = troupe::node<Transport>;
        node mine{system, {.listen = o.count > 0 ? o.rest[0] : "127.0.0.1:0"}, std::move(over)};
        mine.expose(chat::room_key, system.spawn<room<node>>(&mine));
        std::printf("listening at %s\n", std::string{mine.bound().text()}.c_str());
        std::fflush(stdout);
        while (std::getchar() != EOF) {}
        return system.stop(5s).complete ? 0 : 1;  // the room uses the node: it ends first
    });
}
