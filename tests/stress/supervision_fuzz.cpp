// SPDX-License-Identifier: BSL-1.0
// Trees of supervisors of every strategy, below each other, in which everything fails that can:
// constructors, copies of arguments, handlers and all hooks; verdicts, lifetimes, links, watches,
// stops and waits for each other's ends are drawn by lot, some mailboxes hold one message, and a
// thread looks at the tree meanwhile. Whatever happens, every object that was built is destroyed;
// when nobody throws any more, all who still live come to run; an end of the system at any moment
// is complete, the books are right, and nothing is left. For the sanitizers.
//
// A round is a count of deeds, and is drawn from its number: on the driven schedulers it can be
// repeated, up to the clock.
//
// SOAK FLAGS: -O2 -fsanitize=thread

#include "support/systems.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace test_supervision_fuzz {

using namespace troupe_test;
using namespace std::chrono_literals;

// ---- chance

/// The same in every run, for each seed another one: also for neighbouring seeds (splitmix64).
class dice {
public:
    explicit dice(std::uint64_t seed) : state_(mixed(seed)) {}
    unsigned below(unsigned n) {
        state_ += 0x9E3779B97F4A7C15u;
        return static_cast<unsigned>(mixed(state_) >> 32) % n;
    }
    bool one_in(unsigned n) { return below(n) == 0; }

private:
    static std::uint64_t mixed(std::uint64_t z) {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        return z ^ (z >> 31);
    }

    std::uint64_t state_;
};

/// What one may be told to do.
enum class deed : unsigned {
    nothing,
    fail,
    fail_by_hand,
    leave,
    leave_and_fail,
    spawn,
    watch,
    unwatch,
    link,
    unlink,
    later,
    tell_many,
    tell_and_wait,
    stop,
    stop_and_wait,
    wait_for_end,
};
constexpr unsigned deeds = 16;

struct poke {
    deed what;
};
using someone = troupe::ref<troupe::protocol<void(poke)>>;

// ---- what all share

/// Outlives the system: its actors count their objects here until the last is gone.
class world {
    static constexpr unsigned crowd_max = 200;

public:
    world(std::uint64_t seed, std::uint64_t work)
        : seed_(seed << 32), left_(static_cast<std::int64_t>(work)) {}

    /// One deed more. When all are done, nobody does or throws anything.
    void spend() { left_.fetch_sub(1, std::memory_order_relaxed); }
    bool calm() const { return left() <= 0; }
    /// How many deeds are left.
    std::int64_t left() const { return left_.load(std::memory_order_relaxed); }

    /// The seed of the next object.
    std::uint64_t next_seed() { return seed_ + number_.fetch_add(1, std::memory_order_relaxed); }
    /// The seed of a thread: no object has it.
    std::uint64_t seed_of_thread(unsigned thread) const { return ~(seed_ + thread); }

    void          built() { built_.fetch_add(1, std::memory_order_relaxed); }
    void          gone() { gone_.fetch_add(1, std::memory_order_relaxed); }
    std::uint64_t all_built() const { return built_.load(); }
    std::uint64_t all_gone() const { return gone_.load(); }

    void remember(someone const& who, dice& d) {
        std::lock_guard const held{lock_};
        if (crowd_.size() < crowd_max) crowd_.push_back(who);
        else crowd_[d.below(crowd_max)] = who;
    }
    void forget(someone const& who) {
        std::lock_guard const held{lock_};
        std::erase(crowd_, who);
    }
    /// Somebody who started once and may be gone; empty when nobody is known.
    someone pick(dice& d) {
        std::lock_guard const held{lock_};
        return crowd_.empty() ? someone{} : crowd_[d.below(static_cast<unsigned>(crowd_.size()))];
    }

private:
    std::uint64_t const        seed_;
    std::atomic<std::int64_t>  left_;
    std::atomic<std::uint64_t> number_{0};
    std::atomic<std::uint64_t> built_{0};
    std::atomic<std::uint64_t> gone_{0};
    std::mutex                 lock_;
    std::vector<someone>       crowd_;
};

/// An object that is counted, also when the constructor of what it is a member of throws.
class counted {
public:
    explicit counted(world& w) : world_(&w) { w.built(); }
    counted(counted const& other) : counted(*other.world_) {}
    counted& operator=(counted const&) = delete;
    ~counted() { world_->gone(); }
    world& where() const { return *world_; }

private:
    world* world_;
};

/// The argument of all actors. A copy may fail, a move never.
class luggage {
public:
    explicit luggage(world& w) : one_(w) {}
    luggage(luggage const& other) : one_(other.one_) {
        world& w = where();
        if (!w.calm() && dice{w.next_seed()}.one_in(200)) throw std::bad_alloc{};
    }
    luggage(luggage&& other) noexcept : one_(other.one_) {}
    world& where() const { return one_.where(); }

private:
    counted one_;
};

// ---- actors

/// What those of all types do. Each draws from dice of its own, on its own turn.
template <class Self>
class chaotic {
public:
    explicit chaotic(luggage const& given) : one_(given.where()), dice_(given.where().next_seed()) {
        perhaps_throw(100);
    }
    ~chaotic() {
        if (auto const other = pick(); other && one_in(4)) other.send(poke{deed::nothing});
    }

    troupe::task<> on(poke p, troupe::context<Self>& self) {
        if (where().calm()) co_return;
        where().spend();
        auto const other = pick();
        if (!other) co_return;
        switch (p.what) {
            case deed::nothing: break;
            case deed::fail: throw std::runtime_error{"as told"};
            case deed::fail_by_hand: self.fail("as told"); break;
            case deed::leave: self.stop(); break;
            case deed::leave_and_fail: self.stop(); throw std::runtime_error{"while it leaves"};
            case deed::spawn: static_cast<Self&>(*this).grow(self); break;
            case deed::watch: static_cast<void>(self.watch(other)); break;
            case deed::unwatch: self.unwatch(other); break;
            case deed::link:
                if (one_in(3)) static_cast<void>(self.link(other));
                break;
            case deed::unlink: self.unlink(other); break;
            case deed::later:
                static_cast<void>(self.after(std::chrono::microseconds{below(500)}, any_poke()));
                break;
            case deed::tell_many:
                for (int i = 0; i < 8; ++i) pick().send(any_poke());
                break;
            case deed::tell_and_wait: {
                auto const told = co_await other.async_send(any_poke());
                static_cast<void>(told);
                break;
            }
            case deed::stop:
                if (one_in(2)) self.stop(other);
                break;
            case deed::stop_and_wait:
                if (one_in(4)) {
                    auto const ended = co_await self.stop_and_wait(other).within(1ms);
                    static_cast<void>(ended);
                }
                break;
            case deed::wait_for_end: {
                auto const ended = co_await self.termination(other).within(1ms);
                static_cast<void>(ended);
                break;
            }
        }
    }
    void on(troupe::terminated const&) { perhaps_throw(30); }

    void restarting(troupe::failure const&) {
        perhaps_throw(10);
        if (auto const other = pick(); other && one_in(2)) other.send(poke{deed::fail});
    }
    void hand_back(poke&&) { perhaps_throw(5); }
    void stopped() { perhaps_throw(10); }

protected:
    world&   where() const { return one_.where(); }
    unsigned below(unsigned n) { return dice_.below(n); }
    bool     one_in(unsigned n) { return dice_.one_in(n); }
    someone  pick() { return where().pick(dice_); }
    poke     any_poke() { return poke{static_cast<deed>(below(deeds))}; }
    /// Never when all is calm.
    bool luck(unsigned n) { return !where().calm() && one_in(n); }
    void perhaps_throw(unsigned n) {
        if (luck(n)) throw std::runtime_error{"by chance"};
    }
    /// The higher one stands, the less often it should be met: its end is that of all below.
    void come_in(someone const& me, unsigned height) {
        if (one_in(1 + 2 * height)) where().remember(me, dice_);
        perhaps_throw(20);
    }

private:
    counted one_;
    dice    dice_;
};

class leaf : public chaotic<leaf> {
public:
    using protocol = troupe::protocol<void(poke)>;
    static constexpr auto hooks = troupe::hook_deadlines{.stopping = 1ms};

    explicit leaf(luggage const& given) : chaotic(given) {}
    void grow(troupe::context<leaf>&) {}
    void started(troupe::context<leaf>& self) {
        come_in(self.ref(), 0);
        if (luck(30)) self.stop();
    }
    /// May wait for one that waits for it, until it is cut.
    troupe::task<> stopping(troupe::context<leaf>& self) {
        perhaps_throw(10);
        if (auto const other = pick(); other && luck(4)) {
            auto const ended = co_await self.stop_and_wait(other).within(2ms);
            static_cast<void>(ended);
        }
        perhaps_throw(10);
    }
};

template <int Height>
class branch;
template <int Height>
struct next_lower {
    using type = branch<Height - 1>;
};
template <>
struct next_lower<0> {
    using type = leaf;
};

/// One each: 0 is the lowest.
template <int Height>
inline constexpr auto strategy_at = troupe::one_for_one{
    .max_restarts = 20,
    .within = 100ms,
    .backoff = {.first = 10us, .max = 1ms},
    .mailbox = troupe::mail::drop,
};
template <>
inline constexpr auto strategy_at<0> = troupe::rest_for_one{
    .max_restarts = 200,
    .within = 1s,
    .backoff = {.first = 50us},
};
template <>
inline constexpr auto strategy_at<1> = troupe::one_for_all{
    .max_restarts = troupe::unlimited,
    .backoff = {.first = 100us, .max = 1ms, .jitter = 0.5},
    .mailbox = troupe::mail::drop,
};
template <>
inline constexpr auto strategy_at<2> = troupe::chosen{
    .affects = [](troupe::failure const&,
                  troupe::child_info const& child) { return child.number % 3 == 0; },
    .max_restarts = troupe::unlimited,
};

template <int Height>
class branch : public chaotic<branch<Height>> {
    using base = chaotic<branch<Height>>;
    using lower = typename next_lower<Height>::type;

public:
    using protocol = troupe::protocol<void(poke)>;
    using children =
        troupe::children<troupe::child<lower>,
                         troupe::child<leaf, troupe::transient, troupe::bounded_mailbox<1>>,
                         troupe::child<leaf, troupe::temporary>>;
    static constexpr auto supervision = strategy_at<Height>;

    explicit branch(luggage const& given) : base(given) {}
    template <class Child>
    auto arguments(Child) {
        this->perhaps_throw(100);
        return std::tuple{luggage{this->where()}};
    }
    void grow(troupe::context<branch>& self) {
        luggage mine{this->where()};
        switch (this->below(3)) {
            case 0: static_cast<void>(self.template try_spawn<lower>(std::move(mine))); break;
            case 1:
                static_cast<void>(
                    self.template try_spawn<leaf, troupe::permanent, troupe::bounded_mailbox<1>>(
                        std::move(mine)));
                break;
            default:
                static_cast<void>(
                    self.template try_spawn<leaf, troupe::temporary>(std::move(mine)));
                break;
        }
    }
    void started(troupe::context<branch>& self) {
        this->come_in(self.ref(), Height + 1);
        if (this->luck(2)) grow(self);
    }
    troupe::verdict on_failure(troupe::failure const&, troupe::context<branch>& self) {
        this->perhaps_throw(30);
        if (this->luck(10)) grow(self);
        if (this->luck(40)) self.stop();
        if (this->luck(12)) return troupe::verdict::stop;
        if (this->luck(12)) return troupe::verdict::escalate;
        if (this->luck(6)) return troupe::verdict::resume;
        return troupe::verdict::restart;
    }
    void stopping() { this->perhaps_throw(10); }
};
using tree_top = branch<3>;

// ---- rounds

/// Spawns trees and gives everybody something to do, until `leave` deeds are left.
template <class System>
void stir(System& system, world& w, unsigned thread, std::int64_t leave) {
    dice d{w.seed_of_thread(thread)};
    while (w.left() > leave) {
        w.spend();
        if (d.one_in(20)) static_cast<void>(system.template try_spawn<tree_top>(luggage{w}));
        for (int i = 0; i < 8; ++i) {
            auto const who = w.pick(d);
            if (!who) break;
            auto const sent = who.try_send(poke{static_cast<deed>(d.below(deeds))});
            if (sent == troupe::send_status::no_target) w.forget(who);
        }
        if constexpr (System::driven) {
            for (unsigned turns = d.below(60); turns != 0; --turns) system.poll_one();
        } else {
            std::this_thread::yield();
        }
    }
}

/// The first line of a tree that is not of somebody who runs.
std::string first_restless(std::string const& tree) {
    for (std::size_t at = 0; at < tree.size();) {
        std::size_t const end = tree.find('\n', at);
        std::string const line = tree.substr(at, end - at);
        if (line.find(", running") == line.npos) return line;
        at = end + 1;
    }
    return {};
}

/// When no delay, no deadline and no message to oneself is to come, and nothing waits, whoever does
/// not run never will.
template <class Fixture>
void come_to_rest(Fixture& f) {
    await([&] {
        f.system.wait_idle();
        return f.system.books().timers == 0;
    });
    f.settle();
    CHECK(first_restless(f.system.tree()) == "");
}

/// How many messages found no memory.
template <class Setup>
std::uint64_t round(std::uint64_t seed, std::uint64_t work) {
    INFO("round " << seed);
    world         w{seed, work};
    std::uint64_t unbuilt = 0;
    {
        troupe::options<typename Setup::config> options;
        options.actors_max = 500;
        fixture<Setup>    f{options};
        std::atomic<bool> over{false};
        std::thread       looker{[&] {
            while (!over.load()) {
                static_cast<void>(f.system.tree());
                std::this_thread::yield();
            }
        }};
        // Two rounds of three end before it is calm.
        auto const ending = seed % 3;
        auto const leave = static_cast<std::int64_t>(ending == 0 ? 0 : work / 4);
        if constexpr (Setup::driven) stir(f.system, w, 0, leave);
        else f.on_threads(2, [&](unsigned thread) { stir(f.system, w, thread, leave); });
        if (ending == 0) come_to_rest(f);
        if (ending == 1) CHECK(f.system.stop(watchdog, troupe::stop_mode::drain).complete);
        if (ending == 2) CHECK(f.system.stop(watchdog, troupe::stop_mode::now).complete);
        over.store(true);
        looker.join();
        unbuilt = f.system.books().dropped_by(troupe::drop_cause::pool);
    }
    CHECK(w.all_built() != 0);
    CHECK(w.all_built() == w.all_gone());
    return unbuilt;
}

template <class Setup>
std::uint64_t rounds() {
    std::uint64_t unbuilt = 0;
    for (std::uint64_t i = 0; i < scaled(6, 300); ++i) unbuilt += round<Setup>(i, 2'000);
    return unbuilt;
}

TEMPLATE_TEST_CASE("whatever fails, nothing hangs and nothing is left", "",
                   TROUPE_TEST_SCHEDULERS) {
    CHECK(rounds<TestType>() == 0);
}

struct supervised_top : composed<troupe::work_stealing_scheduler> {
    static constexpr auto supervision = troupe::rest_for_one{.max_restarts = troupe::unlimited};
};
TEST_CASE("nor where the system itself supervises, whose children come from several threads") {
    CHECK(rounds<setup<supervised_top, 4>>() == 0);
}

using small_pool = troupe::fixed_pool<64 * 1024>;
TEMPLATE_TEST_CASE("nor where the memory is not enough for all", "",
                   (setup<composed<troupe::work_stealing_scheduler, small_pool>, 2>),
                   (setup<composed<troupe::run_loop_scheduler, small_pool>, 1>)) {
    CHECK(rounds<TestType>() != 0);
}

}  // namespace test_supervision_fuzz
