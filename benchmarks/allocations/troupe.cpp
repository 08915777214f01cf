// SPDX-License-Identifier: BSL-1.0

// How often is the heap asked per message, once everything is warm? See ../README.md.

#include "../ours.hpp"
#include "count.hpp"

namespace {

using namespace troupe_bench;

struct number {
    std::uint64_t value;
};
struct many {
    std::uint64_t messages;
};
struct question {};
struct how_many {};

class consumer {
public:
    using protocol =
        troupe::protocol<void(number), std::uint64_t(question), std::uint64_t(how_many)>;
    void          on(number n) { seen_ += n.value; }
    std::uint64_t on(question) { return ++seen_; }
    std::uint64_t on(how_many) const { return seen_; }

private:
    std::uint64_t seen_ = 0;
};

class producer {
public:
    using protocol = troupe::protocol<void(many)>;
    explicit producer(troupe::ref<consumer> to) : to_(to) {}
    void on(many m, troupe::context<producer>& self) {
        for (int i = 0; i < 256 && m.messages > 0; ++i, --m.messages) to_.send(number{1});
        if (m.messages > 0) self.ref().send(m);
    }

private:
    troupe::ref<consumer> to_;
};

class asker {
public:
    using protocol = troupe::protocol<bool(many)>;
    explicit asker(troupe::ref<consumer> to) : to_(to) {}
    troupe::task<bool> on(many m) {
        for (std::uint64_t i = 0; i < m.messages; ++i) co_await to_.ask<question>();
        co_return true;
    }

private:
    troupe::ref<consumer> to_;
};

class player {
public:
    using peer = troupe::ref<troupe::protocol<void(many)>>;
    using protocol = troupe::protocol<void(many), void(peer), std::uint64_t(how_many)>;
    void on(many m) {
        ++seen_;
        if (m.messages > 1) peer_.send(many{m.messages - 1});
    }
    void          on(peer p) { peer_ = p; }
    std::uint64_t on(how_many) const { return seen_; }

private:
    peer          peer_;
    std::uint64_t seen_ = 0;
};

template <class Config>
void count_all(std::string const& peer, unsigned workers) {
    troupe::basic_system<Config> system{with_workers<Config>(workers)};
    std::uint64_t                expected = 0;

    auto const to = system.template spawn<consumer>();
    auto const from = system.template spawn<producer>(to);
    print_allocations("fan_in/" + peer, 200'000, [&](std::uint64_t messages) {
        from.send(many{messages});
        system.wait_idle();
        expected += messages;
        require_count("allocations: fan_in", to.ask(how_many{}).get(), expected);
    });

    auto const asks = system.template spawn<asker>(to);
    print_allocations("ask/" + peer, 100'000, [&](std::uint64_t messages) {
        static_cast<void>(asks.ask(many{messages}).get());
        expected += messages;
        require_count("allocations: ask", to.ask(how_many{}).get(), expected);
    });

    auto const a = system.template spawn<player>();
    auto const b = system.template spawn<player>();
    a.template send<player::peer>(b);
    b.template send<player::peer>(a);
    std::uint64_t thrown = 0;
    print_allocations("ping_pong/" + peer, 200'000, [&](std::uint64_t messages) {
        a.send(many{messages});
        system.wait_idle();
        thrown += messages;
        require_count("allocations: ping_pong", a.ask(how_many{}).get() + b.ask(how_many{}).get(),
                      thrown);
    });
}

}  // namespace

int main() {
    with_every_scheduler(
        []<class Config>(char const* peer, unsigned workers) { count_all<Config>(peer, workers); });
}
