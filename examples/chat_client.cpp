// SPDX-License-Identifier: BSL-1.0

// Somebody in a chat room: `chat_client ENDPOINT NAME`. Each line of the input is said, what others
// say is printed. When the server goes it waits for it to come back, and joins again.

#include <chrono>
#include <cstdio>
#include <string>

#include "chat.hpp"

namespace {

using namespace std::chrono_literals;

class screen {
public:
    using protocol = chat::screen_protocol;
    void on(chat::line const& l) {
        std::printf("%s: %s\n", l.from.c_str(), l.text.c_str());
        std::fflush(stdout);
    }
};

struct try_again {};
struct typed {
    std::string text;
};

/// Holds the reference to the room, which ends with its connection.
template <class Node>
class guest {
public:
    using protocol = troupe::protocol<void(typed), void(try_again)>;
    guest(Node* mine, std::string at, std::string name)
        : node_(mine), at_(std::move(at)), name_(std::move(name)) {}

    void started(troupe::context<guest>& self) { enter(self); }
    void on(try_again, troupe::context<guest>& self) { enter(self); }
    void on(typed t) { room_.send<chat::say>(std::move(t.text)); }
    void on(troupe::terminated const&, troupe::context<guest>& self) {
        self.after(200ms, try_again{});
    }

private:
    void enter(troupe::context<guest>& self) {
        room_ = node_->resolve(at_, chat::room_key, troupe::when_lost::end);
        room_.send<chat::join>(name_);
        if (self.watch(room_) != troupe::watch_status::watching) self.fail("no memory to watch");
    }

    Node*                            node_;
    std::string                      at_;
    std::string                      name_;
    troupe::ref<chat::room_protocol> room_;
};

}  // namespace

int main(int count, char** words) {
    chat::options const o = chat::read(count, words);
    if (o.count < 2) {
        std::fprintf(stderr, "chat_client [--tls DIR] ENDPOINT NAME\n");
        return 2;
    }
    return chat::with_transport(o, [&]<class Transport>(troupe::system& system, Transport over) {
        using node = troupe::node<Transport>;
        node mine{system,
                  {.link = {.heartbeat = 1s, .backoff = {.first = 100ms, .max = 1s}}},
                  std::move(over)};
        mine.expose(chat::screen_key, system.spawn<screen>());
        auto me = system.spawn<guest<node>>(&mine, std::string{o.rest[0]}, std::string{o.rest[1]});
        std::string text;
        for (int c = std::getchar(); c != EOF; c = std::getchar()) {
            if (c != '\n') text += static_cast<char>(c);
            else me.template send<typed>(std::exchange(text, {}));
        }
        static_cast<void>(mine.drain(o.rest[0], 2s).result());  // what was said is on its way
        return system.stop(5s).complete ? 0 : 1;
    });
}
