// SPDX-License-Identifier: BSL-1.0
#pragma once

// The conformance suite of a mailbox: what an actor that has it keeps, on a run loop and, for many
// senders at once, on two workers. More: docs/reference/mailbox.md

#include "troupe/schedule/driven.hpp"
#include "troupe/schedule/work_stealing.hpp"
#include "troupe/system/system.hpp"
#include "troupe/testing/conformance/crew.hpp"
#include "troupe/testing/conformance/report.hpp"

namespace troupe::inline TROUPE_ABI {

inline constexpr conformance_rule mailbox_rules[] = {
    {1, "messages of one sender are handled in the order in which they were sent"},
    {2, "`capacity` messages wait, and not one more"},
    {3, "a message that finds it full meets what `overflow_type` says"},
    {4, "every message is handled or counted as dropped, and none of its memory is kept"},
    {5, "when it has drained, it takes messages again, and who was held up goes on"},
    {6, "after the end of the actor it takes nothing, and what waited is counted as dropped"},
};

namespace detail {

template <class Scheduler>
struct mailbox_trial_config : defaults {
    using scheduler_type = Scheduler;
    using log_type = null_log;
};

struct trial_letter {
    unsigned sender;
    unsigned number;
};

template <class Mailbox>
class trial_receiver {
public:
    using protocol = troupe::protocol<void(trial_letter)>;
    using mailbox_type = Mailbox;

    explicit trial_receiver(std::vector<trial_letter>& got) : got_(got) {}
    void on(trial_letter l) { got_.push_back(l); }

private:
    std::vector<trial_letter>& got_;
};

/// Sends numbered letters, one per turn, so that a full mailbox can hold it up.
template <class Mailbox>
class trial_sender {
public:
    struct go {};
    using protocol = troupe::protocol<void(go)>;
    using mailbox_type = unbounded_mailbox;

    trial_sender(ref<trial_receiver<Mailbox>> to, unsigned me, unsigned letters)
        : to_(to), me_(me), letters_(letters) {}
    void on(go, context<trial_sender>& self) {
        if (next_ == letters_) return;
        static_cast<void>(to_.send(trial_letter{me_, next_++}));
        static_cast<void>(self.ref().send(go{}));
    }

private:
    ref<trial_receiver<Mailbox>> to_;
    unsigned const               me_;
    unsigned const               letters_;
    unsigned                     next_ = 0;
};

/// Whether the letters of each sender stand in the order of their numbers, none of them twice.
inline bool in_order(std::vector<trial_letter> const& got) {
    std::vector<unsigned> next;
    for (trial_letter const& l : got) {
        if (next.size() <= l.sender) next.resize(l.sender + 1, 0);
        if (l.number < next[l.sender]) return false;
        next[l.sender] = l.number + 1;
    }
    return true;
}

/// One system with a receiver. What is looked at in the end: that nothing of it is left.
template <class Mailbox, class Scheduler>
class mailbox_trial {
public:
    using config = mailbox_trial_config<Scheduler>;

    mailbox_trial(conformance_report& report, unsigned workers)
        : report_(report),
          system(made_with(workers)),
          receiver(*system.template try_spawn<trial_receiver<Mailbox>>(got)) {}
    ~mailbox_trial() {
        stop_report const end = system.stop(std::chrono::seconds{30});
        report_.check(4, end.complete && end.books.balanced() && end.books.queued == 0,
                      "the books do not balance");
        report_.check(4, end.books.blocks == 0, "memory was kept");
    }
    mailbox_trial(mailbox_trial const&) = delete;
    mailbox_trial& operator=(mailbox_trial const&) = delete;

    void send(unsigned sender, unsigned number) {
        static_cast<void>(receiver.send(trial_letter{sender, number}));
    }
    bool takes(unsigned number) {
        return receiver.try_send(trial_letter{0, number}) == send_status::accepted;
    }

private:
    static options<config> made_with(unsigned workers) {
        options<config> given;
        given.workers = workers;
        return given;
    }
    conformance_report& report_;

public:
    std::vector<trial_letter>    got;  // written by the receiver; read when the system is idle
    basic_system<config>         system;
    ref<trial_receiver<Mailbox>> receiver;
};

/// Fills it while nothing runs, then lets it drain. Twice, since the second time is another way.
template <class Mailbox>
void check_mailbox_bounds(conformance_report& report) {
    using rule_of_it = typename Mailbox::overflow_type;
    constexpr bool     drops = is_one_of<rule_of_it, overflow::drop_newest, overflow::drop_oldest>;
    constexpr unsigned capacity = Mailbox::capacity;
    mailbox_trial<Mailbox, run_loop_scheduler> trial{report, 1};
    for (int round = 0; round < 2; ++round) {
        trial.got.clear();
        auto const before = trial.system.books();
        unsigned   number = 0;
        unsigned   taken = 0;
        for (; number < capacity; ++number) taken += trial.takes(number);
        report.check(round == 0 ? 2 : 5, taken == capacity, "it takes fewer");
        if constexpr (drops) {
            for (; number < capacity + 3; ++number) trial.send(0, number);
        } else {
            for (; number < capacity + 3; ++number) report.check(3, !trial.takes(number));
        }
        trial.system.run_until_idle();
        report.check(2, trial.got.size() == capacity, "another number was handled");
        if (trial.got.size() == capacity) {
            bool const oldest = std::is_same_v<rule_of_it, overflow::drop_oldest>;
            report.check(3, trial.got.front().number == (oldest ? 3u : 0u), "the first handled");
            report.check(3, trial.got.back().number == (oldest ? capacity + 2 : capacity - 1),
                         "the last handled");
        }
        auto const        after = trial.system.books();
        auto const        cause = drops ? drop_cause::overflow : drop_cause::refused;
        std::size_t const counted = after.dropped_by(cause) - before.dropped_by(cause);
        report.check(3, counted == 3, "counted by another cause");
        report.check(1, in_order(trial.got));
        report.check(4, after.balanced() && after.queued == 0, "the books do not balance");
    }
}

/// Senders that are actors, more letters than it holds.
template <class Mailbox>
void check_mailbox_senders(conformance_report& report, unsigned letters) {
    mailbox_trial<Mailbox, run_loop_scheduler> trial{report, 1};
    using sender = trial_sender<Mailbox>;
    constexpr unsigned senders = 3;
    for (unsigned i = 0; i < senders; ++i) {
        auto const made = trial.system.template try_spawn<sender>(trial.receiver, i, letters);
        made->send(typename sender::go{});
    }
    trial.system.run_until_idle();
    report.check(1, in_order(trial.got));
    if constexpr (std::is_same_v<typename Mailbox::overflow_type, overflow::block>) {
        report.check(5, trial.got.size() == std::size_t{senders} * letters, "senders stand still");
    }
    auto const books = trial.system.books();
    report.check(4, books.balanced() && books.queued == 0, "the books do not balance");
    std::size_t const before = trial.got.size();
    report.check(5, trial.takes(letters), "it is idle and refuses");
    trial.system.run_until_idle();
    report.check(5, trial.got.size() == before + 1);
}

/// Three threads send at once, two workers handle.
template <class Mailbox>
void check_mailbox_threads(conformance_report& report, unsigned letters) {
    mailbox_trial<Mailbox, work_stealing_scheduler> trial{report, 2};
    constexpr unsigned                              senders = 3;
    on_threads(senders, [&](unsigned me) noexcept {
        for (unsigned i = 0; i < letters; ++i) trial.send(me, i);
    });
    trial.system.wait_idle();
    auto const books = trial.system.books();
    report.check(4, books.balanced() && books.queued == 0, "the books do not balance");
    report.check(4, trial.got.size() + books.dropped_total() == std::size_t{senders} * letters,
                 "many threads");
    report.check(1, in_order(trial.got), "many threads");
    if constexpr (std::is_same_v<typename Mailbox::overflow_type, overflow::block>) {
        report.check(5, trial.got.size() == std::size_t{senders} * letters, "threads stand still");
    }
}

template <class Mailbox>
void check_mailbox_end(conformance_report& report) {
    mailbox_trial<Mailbox, run_loop_scheduler> trial{report, 1};
    unsigned const                             waiting = Mailbox::capacity < 3 ? 1 : 3;
    for (unsigned i = 0; i < waiting; ++i) trial.send(0, i);
    trial.system.stop(trial.receiver);
    trial.system.run_until_idle();
    auto books = trial.system.books();
    report.check(6, books.dropped_by(drop_cause::dead) + trial.got.size() == waiting,
                 "what waited is not counted");
    report.check(6, books.queued == 0 && books.balanced(), "the books do not balance");
    std::size_t const before = trial.got.size();
    report.check(6, !trial.takes(waiting), "it takes one");
    trial.system.run_until_idle();
    report.check(6, trial.got.size() == before, "one was handled");
}

}  // namespace detail

/// `letters`: how many each of the senders sends. One that holds more than `FillMax` is not
/// filled, and rules 2 and 3 are excused. Uses five threads.
template <class Mailbox, unsigned FillMax = 10'000>
conformance_report check_mailbox(unsigned letters = 500) {
    static_assert(explain_mailbox<Mailbox>());
    conformance_report report{mailbox_rules};
    if constexpr (Mailbox::capacity <= FillMax) {
        detail::check_mailbox_bounds<Mailbox>(report);
    } else {
        report.excuse(2, "it is not filled here");
        report.excuse(3, "it is not filled here");
    }
    detail::check_mailbox_senders<Mailbox>(report, letters);
    detail::check_mailbox_threads<Mailbox>(report, letters);
    detail::check_mailbox_end<Mailbox>(report);
    return report;
}

}  // namespace troupe::inline TROUPE_ABI
