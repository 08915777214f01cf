// SPDX-License-Identifier: BSL-1.0
#include "troupe/system/system.hpp"

#include "support/systems.hpp"

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

namespace test_reactor_of_system {

using namespace troupe;
using namespace std::chrono_literals;

/// A pipe whose ends do not block.
struct channel {
    int ends[2];
    channel() {
        REQUIRE(::pipe(ends) == 0);
        for (int const end : ends) ::fcntl(end, F_SETFL, O_NONBLOCK);
    }
    ~channel() {
        ::close(ends[0]);
        ::close(ends[1]);
    }
    channel(channel const&) = delete;
    channel& operator=(channel const&) = delete;

    bool put() const { return ::write(ends[1], "x", 1) == 1; }
    /// How many bytes there were.
    int take() const {
        char place[256];
        int  all = 0;
        for (;;) {
            auto const count = ::read(ends[0], place, sizeof place);
            if (count <= 0) return all;
            all += static_cast<int>(count);
        }
    }
};

struct look {};

/// Reads a pipe when it is told to look.
struct reader {
    using protocol = troupe::protocol<void(look)>;
    channel&          from;
    std::atomic<int>& bytes;
    reader(channel& c, std::atomic<int>& b) : from(c), bytes(b) {}
    void on(look) { bytes += from.take(); }
};

/// A signal that sends `look` to an actor.
struct bell {
    ref<reader> whom{};
    static void ring(void* self, std::uint64_t) noexcept {
        static_cast<bell*>(self)->whom.send(look{});
    }
    transport_signal signal() { return {&ring, this, 0}; }
};

/// The thread of the test: whatever drives the system.
template <class System>
void until(System& system, std::atomic<int> const& value, int wanted) {
    while (value.load() < wanted) {
        if constexpr (System::driven) system.poll_one();
        else std::this_thread::yield();
    }
}

TEMPLATE_TEST_CASE("what comes from outside wakes a system that sleeps", "",
                   TROUPE_TEST_SCHEDULERS) {
    channel                        pipe;
    std::atomic<int>               bytes{0};
    troupe_test::fixture<TestType> f;
    bell                           b{f.system.template spawn<reader>(pipe, bytes)};
    auto const added = f.system.reactor().add(pipe.ends[0], readiness::read, b.signal());
    REQUIRE(added.has_value());
    for (int i = 1; i <= 300; ++i) {
        if (i % 3 == 0) f.system.wait_idle();
        REQUIRE(pipe.put());
        until(f.system, bytes, i);
    }
    CHECK(bytes == 300);
    f.system.reactor().remove(*added);
    CHECK(f.system.reactor().size() == 0);
}

/// Ends when it has read enough.
struct patient_reader {
    using protocol = troupe::protocol<void(look)>;
    channel&          from;
    std::atomic<int>& bytes;
    int               enough;
    patient_reader(channel& c, std::atomic<int>& b, int e) : from(c), bytes(b), enough(e) {}
    void on(look, context<patient_reader>& self) {
        bytes += from.take();
        if (bytes == enough) self.stop();
    }
    static void ring(void* whom, std::uint64_t) noexcept {
        static_cast<ref<patient_reader>*>(whom)->send(look{});
    }
};

TEST_CASE("a run loop that waits for something is woken by what comes from outside") {
    channel                                     pipe;
    std::atomic<int>                            bytes{0};
    troupe_test::fixture<troupe_test::run_loop> f;
    auto       whom = f.system.spawn<patient_reader>(pipe, bytes, 100);
    auto const added =
        f.system.reactor().add(pipe.ends[0], readiness::read, {&patient_reader::ring, &whom, 0});
    REQUIRE(added.has_value());
    std::thread other{[&] {
        for (int i = 1; i <= 100; ++i) {
            static_cast<void>(pipe.put());
            while (bytes < i) std::this_thread::yield();
        }
    }};
    f.system.termination(whom).get();
    other.join();
    CHECK(bytes == 100);
    f.system.reactor().remove(*added);
}

struct again {};
/// Has something to do for ever.
struct busy {
    using protocol = troupe::protocol<void(again)>;
    std::atomic<bool>& over;
    explicit busy(std::atomic<bool>& o) : over(o) {}
    void on(again, context<busy>& self) {
        if (!over) self.ref().send(again{});
    }
};

TEMPLATE_TEST_CASE("input is seen while every worker has endless work", "",
                   TROUPE_TEST_SCHEDULERS) {
    channel                        pipe;
    std::atomic<int>               bytes{0};
    std::atomic<bool>              over{false};
    troupe_test::fixture<TestType> f;
    bell                           b{f.system.template spawn<reader>(pipe, bytes)};
    for (int i = 0; i < 8; ++i) f.system.template spawn<busy>(over).send(again{});
    auto const added = f.system.reactor().add(pipe.ends[0], readiness::read, b.signal());
    REQUIRE(added.has_value());
    for (int i = 1; i <= 100; ++i) {
        REQUIRE(pipe.put());
        until(f.system, bytes, i);
    }
    over = true;
    f.system.wait_idle();
    f.system.reactor().remove(*added);
}

int threads_of_process() {
    int  count = 0;
    DIR* all = ::opendir("/proc/self/task");
    if (all == nullptr) return -1;
    while (::readdir(all) != nullptr) ++count;
    ::closedir(all);
    return count;
}
int descriptors_of_process() {
    int  count = 0;
    DIR* all = ::opendir("/proc/self/fd");
    if (all == nullptr) return -1;
    while (::readdir(all) != nullptr) ++count;
    ::closedir(all);
    return count;
}

TEMPLATE_TEST_CASE("a system whose workers sleep in the reactor ends, and leaves nothing", "",
                   troupe_test::one_worker, troupe_test::two_workers, troupe_test::run_loop) {
    channel          pipe;
    std::atomic<int> bytes{0};
    std::thread{[] {}}.join();  // a sanitizer starts a thread of its own with the first one
    int const threads = threads_of_process();
    int const descriptors = descriptors_of_process();
    int const rounds = static_cast<int>(troupe_test::scaled(1'000, 10'000));
    int       rang = 0;
    for (int i = 0; i < rounds; ++i) {
        bell                           b;  // outlives every call that is late
        troupe_test::fixture<TestType> f;
        b.whom = f.system.template spawn<reader>(pipe, bytes);
        auto const added = f.system.reactor().add(pipe.ends[0], readiness::read, b.signal());
        if (!added.has_value()) FAIL("not registered");
        if (i % 2 == 0 && pipe.put()) {
            ++rang;
            until(f.system, bytes, rang);
        }
        if (i % 3 != 0) f.system.reactor().remove(*added);
        // The signal of one that is still registered finds a system that ends.
        if (i % 5 == 0) static_cast<void>(f.system.stop(5s, stop_mode::now));
    }
    CHECK(bytes == rang);
    CHECK(descriptors_of_process() == descriptors);
    // One that was joined stands in the list of the kernel for a moment longer.
    for (int i = 0; i < 100'000 && threads_of_process() != threads; ++i) std::this_thread::yield();
    CHECK(threads_of_process() == threads);
}

TEST_CASE("all who ask for the reactor at once get the same one") {
    for (int i = 0; i < 100; ++i) {
        troupe_test::fixture<troupe_test::two_workers> f;
        std::atomic<troupe::reactor*>                  found[4] = {};
        std::vector<std::thread>                       threads;
        for (auto& place : found) {
            threads.emplace_back([&f, &place] { place = &f.system.reactor(); });
        }
        for (std::thread& t : threads) t.join();
        for (auto const& place : found) CHECK(place == &f.system.reactor());
    }
}

TEST_CASE("a timer runs in time though its worker sleeps in the reactor") {
    channel                                       pipe;
    std::atomic<int>                              bytes{0};
    troupe_test::fixture<troupe_test::one_worker> f;
    bell                                          b{f.system.spawn<reader>(pipe, bytes)};
    auto const added = f.system.reactor().add(pipe.ends[0], readiness::read, b.signal());
    REQUIRE(added.has_value());
    f.system.wait_idle();
    std::atomic<int> ticks{0};
    auto             clock = f.system.spawn([&ticks](look) { ++ticks; });
    clock.send(look{});
    until(f.system, ticks, 1);
    std::atomic<int> rings{0};
    struct later {
        using protocol = troupe::protocol<void(look)>;
        std::atomic<int>& rings;
        explicit later(std::atomic<int>& r) : rings(r) {}
        void on(look, context<later>& self) {
            if (++rings < 20) self.after(1ms, look{});
        }
    };
    f.system.spawn<later>(rings).send(look{});
    until(f.system, rings, 20);
    f.system.reactor().remove(*added);
}

}  // namespace test_reactor_of_system
