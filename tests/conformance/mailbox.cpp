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
            return locked_kernel::push(box, n, capacity, rule, incarnation);
        }
        static node* close(inbox& box, node*& head) noexcept {
            node* const waiting = locked_kernel::close(box, head);
            return Fault == fault::forgets_at_the_end ? nullptr : waiting;
        }
        /// The newest one first.
        static node* front(inbox& box, node*& head) noexcept {
            if (Fault != fault::reverses || head != nullptr) return locked_kernel::front(box, head);
            spin_guard const held{box.lock};
            node*            before = nullptr;
            node*            n = box.first.load(memory_order_relaxed);
            if (n == nullptr) return nullptr;
            while (node* const next = n->next.load(memory_order_relaxed)) {
                before = n;
                n = next;
            }
            if (before == nullptr) box.first.store(nullptr, memory_order_relaxed);
            else before->next.store(nullptr, memory_order_relaxed);
            box.last.write(before);
            box.count.store(box.count.load(memory_order_relaxed) - 1, memory_order_relaxed);
            return head = n;
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
