// SPDX-License-Identifier: BSL-1.0
// P03: each kind of mailbox kernel under 1, 2, 8 and 64 producers, which run the actor themselves
// whenever a push gives them the run right, in 20 fresh processes per kind. Producers are
// interrupted by signals, between the two steps of a push too. Order per producer, count and sum
// are exact.
//
//     troupe_stress_mpsc_torture                              all of it
//     troupe_stress_mpsc_torture KIND PRODUCERS MESSAGES      one process of it
//
// TROUPE_SOAK=1 multiplies the messages by 100: 5 x 10^7 per kind. A soak build is one with
// ThreadSanitizer, whatever the others of that build are.
// SOAK FLAGS: -O2 -fsanitize=thread

#include "troupe/mailbox/lock_free_kernel.hpp"
#include "troupe/mailbox/locked_kernel.hpp"

#include "support/soak.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#if defined(__unix__) || defined(__APPLE__)
#include <csignal>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <sys/wait.h>
#define MPSC_TORTURE_POSIX 1
extern char** environ;
#else
#define MPSC_TORTURE_POSIX 0
#endif
#if defined(__linux__)
#include <sys/prctl.h>
#endif

namespace mpsc_torture {

using namespace troupe::detail;

struct alignas(16) letter : node {
    std::uint32_t from = 0;
    std::uint32_t number = 0;
};

struct totals {
    std::uint64_t count = 0;
    std::uint64_t sum = 0;
    std::uint64_t out_of_order = 0;

    void add(totals const& other) {
        count += other.count;
        sum += other.sum;
        out_of_order += other.out_of_order;
    }
    void add(letter const& l) {
        ++count;
        sum += l.number;
    }
};

/// The owner's side is plain: ThreadSanitizer sees a second owner.
template <class Kernel>
class torture {
public:
    torture(unsigned producers, std::uint32_t messages, std::uint32_t capacity, at_capacity rule)
        : messages_(messages),
          capacity_(capacity),
          rule_(rule),
          last_(producers, 0),
          lost_(producers),
          letters_(std::make_unique<letter[]>(std::size_t{producers} * messages)) {
        Kernel::open(box_, true);
    }

    /// What the owner has seen, and what was refused or pushed out.
    totals run() {
        std::vector<std::thread> all;
        std::atomic<std::size_t> ended{0};
        for (std::uint32_t p = 0; p < last_.size(); ++p) {
            all.emplace_back([this, p, &ended] {
                produce(p);
                ended.fetch_add(1);
            });
        }
        disturb(all, ended);
        for (auto& thread : all) thread.join();
        totals sum = seen_;
        for (totals const& l : lost_) sum.add(l);
        return sum;
    }
    totals const& seen() const { return seen_; }
    bool          at_rest() { return Kernel::depth(box_) == 0 && Kernel::claim(box_); }

private:
    // A signal takes the processor away wherever the thread is.
    static void disturb([[maybe_unused]] std::vector<std::thread>& all,
                        std::atomic<std::size_t> const&            ended) {
        [[maybe_unused]] std::uint32_t dice = 1;
        while (ended.load() != all.size()) {
#if MPSC_TORTURE_POSIX
            dice = dice * 1664525u + 1013904223u;
            pthread_kill(all[(dice >> 16) % all.size()].native_handle(), SIGUSR1);
#endif
            for (int i = 0; i < 8; ++i) std::this_thread::yield();
        }
    }
    void produce(std::uint32_t p) {
        for (std::uint32_t i = 1; i <= messages_; ++i) {
            letter& l = letters_[std::size_t{p} * messages_ + i - 1];
            l.from = p;
            l.number = i;
            l.target = 1;
            push_result const r = Kernel::push(box_, l, capacity_, rule_, incarnation_);
            if (r.victim != nullptr) lost_[p].add(static_cast<letter const&>(*r.victim));
            if (r.outcome == push_outcome::full) lost_[p].add(l);
            if (r.outcome == push_outcome::started) own();
            // The owner is preempted in the middle of a turn.
            if (i % 64 == 0) std::this_thread::yield();
        }
    }
    void own() {
        for (;;) {
            auto* const l = static_cast<letter*>(Kernel::front(box_, head_));
            if (l == nullptr) {
                unfolded_ = 0;
                if (Kernel::try_idle(box_)) return;
                continue;
            }
            if (++unfolded_ >= 8) Kernel::fold(box_, unfolded_);
            if (l->number <= last_[l->from]) ++seen_.out_of_order;
            last_[l->from] = l->number;
            seen_.add(*l);
            if (Kernel::retire(box_, head_, unfolded_, true)) return;
        }
    }

    inbox                 box_;
    atomic<std::uint64_t> incarnation_{1};
    std::uint32_t const   messages_;
    std::uint32_t const   capacity_;
    at_capacity const     rule_;

    // the owner
    node*                      head_ = nullptr;
    std::uint32_t              unfolded_ = 0;
    std::vector<std::uint32_t> last_;
    totals                     seen_;

    std::vector<totals>       lost_;  // each producer its own
    std::unique_ptr<letter[]> letters_;
};

/// One process: so many messages, in rounds that fit the memory. False, and said, if it is wrong.
template <class Kernel>
bool torture_for(unsigned producers, std::uint64_t messages, at_capacity rule) {
    constexpr std::uint64_t round_max = 96'000;
    constexpr std::uint32_t capacities[] = {1, 2, 16};
    unsigned                round = 0;
    for (std::uint64_t done = 0; done < messages; ++round) {
        auto const each = static_cast<std::uint32_t>(
            std::max<std::uint64_t>(1, std::min(round_max, messages - done) / producers));
        std::uint32_t const capacity =
            rule == at_capacity::admit ? 0xffff'ffff : capacities[round % 3];
        torture<Kernel>     t{producers, each, capacity, rule};
        totals const        got = t.run();
        std::uint64_t const count = std::uint64_t{producers} * each;
        std::uint64_t const sum = count * (each + 1) / 2;
        bool const          all_seen = rule != at_capacity::admit || t.seen().count == count;
        if (got.count != count || got.sum != sum || got.out_of_order != 0 || !all_seen ||
            !t.at_rest()) {
            std::printf(
                "round %u: %llu of %llu messages, sum %llu of %llu, %llu out of order\n", round,
                static_cast<unsigned long long>(got.count), static_cast<unsigned long long>(count),
                static_cast<unsigned long long>(got.sum), static_cast<unsigned long long>(sum),
                static_cast<unsigned long long>(got.out_of_order));
            return false;
        }
        done += count;
    }
    return true;
}

struct kind {
    char const* name;
    bool (*run)(unsigned producers, std::uint64_t messages, at_capacity rule);
    at_capacity rule;
};
constexpr kind kinds[] = {
    {"lock_free", torture_for<lock_free_kernel>, at_capacity::admit},
    {"lock_free_refuse", torture_for<lock_free_kernel>, at_capacity::refuse},
    {"locked", torture_for<locked_kernel>, at_capacity::admit},
    {"locked_refuse", torture_for<locked_kernel>, at_capacity::refuse},
    {"locked_replace", torture_for<locked_kernel>, at_capacity::replace_oldest},
};
constexpr unsigned      producer_counts[] = {1, 2, 8, 64};
constexpr unsigned      processes_of_a_kind = 20;
constexpr std::uint64_t messages_of_a_kind = 500'000;

bool one_process(kind const& k, unsigned producers, std::uint64_t messages) {
#if defined(__linux__)
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // one that hangs goes with the watchdog's victim
#endif
#if MPSC_TORTURE_POSIX
    struct sigaction action{};
    action.sa_handler = [](int) {
        for (int i = 0; i < 4; ++i) sched_yield();
    };
    sigaction(SIGUSR1, &action, nullptr);
#endif
    return k.run(producers, messages, k.rule);
}

/// The same in a process of its own.
bool fresh_process([[maybe_unused]] char* program, kind const& k, unsigned producers,
                   std::uint64_t messages) {
#if MPSC_TORTURE_POSIX
    std::string name = k.name;
    std::string first = std::to_string(producers);
    std::string second = std::to_string(messages);
    char*       arguments[] = {program, name.data(), first.data(), second.data(), nullptr};
    pid_t       child = 0;
    int         status = 0;
    return posix_spawn(&child, program, nullptr, nullptr, arguments, environ) == 0 &&
           waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
#else
    return one_process(k, producers, messages);
#endif
}

}  // namespace mpsc_torture

int main(int argc, char** argv) {
    using namespace mpsc_torture;
    if (argc == 4) {
        for (kind const& k : kinds) {
            if (std::string_view{k.name} != argv[1]) continue;
            auto const producers = static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10));
            return one_process(k, producers, std::strtoull(argv[3], nullptr, 10)) ? 0 : 1;
        }
        std::printf("no kind of that name\n");
        return 2;
    }
    std::uint64_t const each = troupe_test::scaled(messages_of_a_kind) / processes_of_a_kind;
    unsigned            failed = 0;
    for (kind const& k : kinds) {
        unsigned failed_here = 0;
        for (unsigned i = 0; i < processes_of_a_kind; ++i) {
            unsigned const producers = producer_counts[i % 4];
            if (fresh_process(argv[0], k, producers, each)) continue;
            ++failed_here;
            std::printf("FAILED: %s %s %u %llu\n", argv[0], k.name, producers,
                        static_cast<unsigned long long>(each));
        }
        std::printf("%s: %u processes, %llu messages, %u failed\n", k.name, processes_of_a_kind,
                    static_cast<unsigned long long>(each * processes_of_a_kind), failed_here);
        std::fflush(stdout);
        failed += failed_here;
    }
    return failed == 0 ? 0 : 1;
}
