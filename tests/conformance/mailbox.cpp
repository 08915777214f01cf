// SPDX-License-Identifier: BSL-1.0
#include "troupe/testing/conformance/mailbox.hpp"

#include "support/catch.hpp"

#include "troupe/testing/archetype/mailbox.hpp"

#include <atomic>

namespace test_conformance_mailbox {

namespace overflow = troupe::overflow;
using troupe::bounded_mailbox;
using troupe::check_mailbox;
using troupe::conformance_report;
using troupe::mailbox_archetype;
using troupe::unbounded_mailbox;

void keeps(conformance_report const& report) {
    INFO(report.text());
    CHECK(report);
}

// clang-format off
TEST_CASE("unbounded_mailbox is a mailbox")  { keeps(check_mailbox<unbounded_mailbox>()); }
TEST_CASE("bounded_mailbox is a mailbox") {
    keeps(check_mailbox<bounded_mailbox<1>>());
    keeps(check_mailbox<bounded_mailbox<64>>());
    keeps(check_mailbox<bounded_mailbox<8, overflow::fail>>());
    keeps(check_mailbox<bounded_mailbox<8, overflow::drop_newest>>());
    keeps(check_mailbox<bounded_mailbox<8, overflow::drop_oldest>>());
}
TEST_CASE("a bound that only the locked queue can count is a mailbox") {
    keeps(check_mailbox<bounded_mailbox<300'000>>());  // as full as that it takes too long
}
TEST_CASE("mailbox_archetype is a mailbox")  { keeps(check_mailbox<mailbox_archetype>()); }
// clang-format on

// ---- what is none, and the rule that says so: a mailbox that is carried by a queue with a fault

enum class fault {
    none,
    reverses,
    counts_wrong,
    drops_oldest,
    loses,
    stays_shut,
    forgets_at_the_end
};

template <fault Fault, class Overflow = overflow::fail>
struct faulty {
    static constexpr std::uint32_t capacity = 8;
    static constexpr std::uint32_t low_water = 4;
    using overflow_type = Overflow;
};

}  // namespace test_conformance_mailbox

namespace troupe::inline TROUPE_ABI::detail {

template <test_conformance_mailbox::fault Fault, class Overflow>
struct kernel_choice<test_conformance_mailbox::faulty<Fault, Overflow>> {
    using fault = test_conformance_mailbox::fault;

    struct type : locked_kernel {
        static push_result push(inbox& box, node& n, std::uint32_t capacity, at_capacity rule,
                                atomic<std::uint64_t> const& incarnation) noexcept {
            static std::atomic<unsigned> pushed{0};
            if (Fault == fault::counts_wrong) ++capacity;
            if (Fault == fault::drops_oldest) rule = at_capacity::replace_oldest;
            if (Fault == fault::stays_shut && ++pushed > 9) return {push_outcome::full, true};
            if (Fault == fault::loses && ++pushed % 7 == 0) return {push_outcome::queued, false};
            auto const done = locked_kernel::push(box, n, capacity, rule, incarnation);
            if (Fault == fault::reverses && done.outcome == push_outcome::queued) {
                to_the_front(box, n);
            }
            return done;
        }
        static node* close(inbox& box, node*& head) noexcept {
            node* const waiting = locked_kernel::close(box, head);
            return Fault == fault::forgets_at_the_end ? nullptr : waiting;
        }
        static void to_the_front(inbox& box, node& n) noexcept {
            spin_guard const held{box.lock};
            node*            before = box.first.load(memory_order_relaxed);
            if (before == &n || before == nullptr) return;
            for (;;) {
                node* const next = before->next.load(memory_order_relaxed);
                if (next == &n) break;
                if (next == nullptr) return;  // it was taken meanwhile
                before = next;
            }
            before->next.store(nullptr, memory_order_relaxed);
            box.last.write(before);
            n.next.store(box.first.load(memory_order_relaxed), memory_order_relaxed);
            box.first.store(&n, memory_order_relaxed);
        }
    };
};

}  // namespace troupe::inline TROUPE_ABI::detail

namespace test_conformance_mailbox {

template <fault Fault, class Overflow = overflow::fail>
conformance_report report_of() {
    return check_mailbox<faulty<Fault, Overflow>>(50);
}

TEST_CASE("each fault of a mailbox breaks its rule") {
    keeps(report_of<fault::none>());
    CHECK(report_of<fault::reverses>().broken(1));
    CHECK_FALSE(report_of<fault::reverses>().broken(2));
    CHECK(report_of<fault::counts_wrong>().broken(2));
    CHECK(report_of<fault::drops_oldest>().broken(3));
    CHECK(report_of<fault::drops_oldest, overflow::drop_newest>().broken(3));
    CHECK_FALSE(report_of<fault::drops_oldest, overflow::drop_newest>().broken(2));
    CHECK(report_of<fault::loses>().broken(4));
    CHECK(report_of<fault::stays_shut>().broken(5));
    CHECK(report_of<fault::forgets_at_the_end>().broken(6));
}

}  // namespace test_conformance_mailbox
