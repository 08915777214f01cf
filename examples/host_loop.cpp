// SPDX-License-Identifier: BSL-1.0

// A program that has a loop already, a small game, runs its actors in it: on its own thread, when
// it wants, for as long as it wants. No other thread exists. Three ways to give time to actors:
//
//     poll_one()          one turn of one actor; the host counts
//     run_until_idle()    all there is to do now
//     run_for(span)       that long; waits for timers, and for messages of other threads

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>

#include <troupe/troupe.hpp>

namespace {

using namespace std::chrono_literals;

struct game : troupe::defaults {
    using scheduler_type = troupe::run_loop_scheduler;
};

struct bounce {};
struct score {};

class scoreboard {
public:
    using protocol = troupe::protocol<void(bounce), int(score)>;
    void on(bounce) { ++bounces_; }
    int  on(score) const { return bounces_; }

private:
    int bounces_ = 0;
};

struct step {};
struct position {};

class ball {
public:
    using protocol = troupe::protocol<void(step), std::size_t(position)>;
    static constexpr std::size_t field = 5;

    explicit ball(troupe::ref<scoreboard> board) : board_(board) {}
    void on(step) {
        if (at_ == (right_ ? field - 1 : 0)) {
            right_ = !right_;
            board_.send(bounce{});
        }
        right_ ? ++at_ : --at_;
    }
    std::size_t on(position) const { return at_; }

private:
    troupe::ref<scoreboard> board_;
    std::size_t             at_ = 0;
    bool                    right_ = true;
};

struct whistle {};

class referee {
public:
    using protocol = troupe::protocol<void(whistle)>;
    void started(troupe::context<referee>& self) { self.after(5ms, whistle{}); }
    void on(whistle) { std::puts("referee: time is up"); }
};

}  // namespace

int main() {
    troupe::basic_system<game> system;
    auto const                 board = system.spawn<scoreboard>();
    auto const                 player = system.spawn<ball>(board);

    for (int frame = 1; frame <= 9; ++frame) {
        player.send(step{});
        // At most four turns in a frame: the game keeps its rhythm whatever the actors have to do.
        for (int turns = 0; turns < 4 && system.poll_one();) ++turns;
        // An ask on the thread that drives the loop drives it until the reply is there.
        std::string picture(ball::field, '.');
        picture[player.ask(position{}).get()] = 'o';
        std::printf("frame %d  |%s|\n", frame, picture.c_str());
    }

    system.spawn<referee>();
    system.run_for(20ms);  // sleeps until the referee's timer is due

    for (int i = 0; i < 100; ++i) player.send(step{});
    system.run_until_idle();
    std::printf("bounces: %d\n", board.ask(score{}).get());
    std::printf("books %s\n", system.books().balanced() ? "balanced" : "NOT balanced");
}
