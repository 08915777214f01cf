// SPDX-License-Identifier: BSL-1.0
// P07: systems are made and ended ten thousand times, idle or at work, in every way in which a
// system can end: each report is complete and the books are empty; at the end the process has as
// many threads and descriptors as before, counted from outside. For the sanitizers.

#include "support/systems.hpp"

#include <dirent.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <thread>

namespace test_start_stop {

using namespace troupe_test;
using troupe::stop_mode;

struct ping {
    int left;
};
struct get {};

/// Has a child, a timer and, if it is asked, a hook that waits.
class leaf {
public:
    using protocol = troupe::protocol<void(ping), int(get)>;
    int  on(get) { return 1; }
    void on(ping) {}
};
class worker {
public:
    using protocol = troupe::protocol<void(ping)>;
    void started(troupe::context<worker>& self) {
        leaf_ = self.spawn<leaf>(troupe::name{"leaf"});
        self.after(std::chrono::hours{1}, ping{0});
    }
    troupe::task<> stopping() { static_cast<void>(co_await leaf_.ask(get{})); }
    void           on(ping p, troupe::context<worker>& self) {
        if (p.left == 0) return;
        leaf_.send(ping{0});
        self.ref().send(ping{p.left - 1});
    }

private:
    troupe::ref<leaf> leaf_;
};

/// How many entries a folder of /proc has; none: there is no such folder.
std::optional<std::size_t> entries(char const* folder) {
    DIR* const open = opendir(folder);
    if (open == nullptr) return std::nullopt;
    std::size_t count = 0;
    while (readdir(open) != nullptr) ++count;
    closedir(open);
    return count;
}

template <class Setup>
bool one_life(std::uint64_t round) {
    using system_type = typename fixture<Setup>::system_type;
    bool                                    well = true;
    troupe::options<typename Setup::config> given;
    given.workers = Setup::workers;
    system_type system{given};
    if (round % 8 != 0) {
        auto const a = system.template spawn<worker>();
        auto const b = system.template spawn<worker>(troupe::name{"worker"});
        a.send(ping{20});
        b.send(ping{static_cast<int>(round % 100)});
    }
    switch (round % 4) {
        case 0: break;  // the destructor does it
        case 1: {
            auto const report = system.stop(watchdog);
            well = report.complete && report.books.balanced() && report.books.blocks == 0;
            break;
        }
        case 2: {
            auto const report = system.stop(watchdog, stop_mode::now);
            well = report.complete && report.books.balanced() && report.books.blocks == 0;
            break;
        }
        default: {
            // Two at once; the thread is gone before the system is.
            std::atomic<bool> other{true};
            std::thread       drains{[&] {
                if (!Setup::driven) other.store(system.drain(watchdog));
            }};
            well = system.stop(watchdog).complete;
            drains.join();
            well = well && other.load();
        }
    }
    return well;
}

template <class Setup>
std::uint64_t lives(std::uint64_t count) {
    std::uint64_t wrong = 0;
    for (std::uint64_t round = 0; round < count; ++round) {
        if (!one_life<Setup>(round)) ++wrong;
    }
    return wrong;
}

TEST_CASE("ten thousand systems leave no thread and no descriptor behind") {
    // The first may open something that stays.
    CHECK(lives<one_worker>(4) == 0);
    auto const threads = entries("/proc/self/task");
    auto const descriptors = entries("/proc/self/fd");
    CHECK(lives<one_worker>(scaled(4'000, 40'000)) == 0);
    CHECK(lives<two_workers>(scaled(3'000, 30'000)) == 0);
    CHECK(lives<run_loop>(scaled(3'000, 30'000)) == 0);
    if (!threads.has_value() || !descriptors.has_value()) SKIP("there is no /proc to count in");
    // A thread that was joined may still be listed for a moment.
    await([&] { return entries("/proc/self/task") == threads; });
    CHECK(entries("/proc/self/fd") == descriptors);
}

}  // namespace test_start_stop
