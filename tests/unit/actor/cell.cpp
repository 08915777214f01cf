// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/cell.hpp"

#include "support/systems.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace test_cell {

using namespace troupe_test;
using namespace troupe::detail;
using troupe::send_status;

template <class Member>
std::size_t line_of(cell const& c, Member const& m) {
    auto const at = reinterpret_cast<char const*>(&m) - reinterpret_cast<char const*>(&c);
    return static_cast<std::size_t>(at) / cache_line;
}

TEST_CASE("what senders touch, what the owner touches and the tree lie in lines of their own") {
    auto const  memory = std::make_unique<cell>();
    cell const& c = *memory;
    STATIC_REQUIRE(sizeof(cell) == 3 * cache_line);
    STATIC_REQUIRE(alignof(cell) == cache_line);
    CHECK(line_of(c, c.box) == 0);
    CHECK(line_of(c, c.incarnation) == 0);
    CHECK(line_of(c, c.ops) == 0);
    CHECK(line_of(c, c.door) == 0);
    CHECK(line_of(c, c.control) == 1);
    CHECK(line_of(c, c.wait_edge) == 1);
    CHECK(line_of(c, c.head) == 1);
    CHECK(line_of(c, c.body) == 1);
    CHECK(line_of(c, c.awaiting) == 1);
    CHECK(line_of(c, c.muted) == 1);
    CHECK(line_of(c, c.unfolded) == 1);
    CHECK(line_of(c, c.parent) == 2);
    CHECK(line_of(c, c.ended_children) == 2);
    CHECK(line_of(c, c.timers) == 2);
    ranked_mutex<rank::waiting> of_its_system;
    lock_guard const            held{of_its_system, root_token{}};
    CHECK(line_of(c, c.waiters) == 2);
}

TEST_CASE("a small idle actor takes at most 224 bytes") { CHECK(small_actor_bytes == 192 + 32); }

TEST_CASE("the bits of the control word are one each, below the generation") {
    std::uint64_t sum = 0;
    for (std::uint64_t const bit : {control::stop, control::notice, control::resume,
                                    control::parked, control::waiters, control::stopping}) {
        CHECK((bit & (bit - 1)) == 0);
        CHECK((sum & bit) == 0);
        CHECK(bit >> control::generation_at == 0);
        sum |= bit;
    }
    CHECK((control::transient & (control::parked | control::waiters | control::stopping)) == 0);
}

TEST_CASE("the generation is what two actors of one cell differ in, and leaves the bits alone") {
    auto const memory = std::make_unique<cell>();
    cell&      c = *memory;
    CHECK(c.generation() == 0);  // all zero is a dead cell
    c.incarnation.store((std::uint64_t{5} << serial_shift) | 17);
    std::uint64_t const first = c.generation();
    c.incarnation.store((std::uint64_t{5} << serial_shift) | 18);
    CHECK(c.generation() != first);
    CHECK((first & ((std::uint64_t{1} << control::generation_at) - 1)) == 0);
    CHECK(first >> control::generation_at == 17);
}

struct ping {};
struct named {
    int value;
};
class counted {
public:
    using protocol = troupe::protocol<void(ping), int(named)>;
    explicit counted(int& seen) : seen_(seen) {}
    void on(ping) { ++seen_; }
    int  on(named n) { return n.value + seen_; }

private:
    int& seen_;
};

TEMPLATE_TEST_CASE("a reference to an actor that is gone does not reach the next one in its cell",
                   "", TROUPE_TEST_SCHEDULERS) {
    int                               before = 0;
    int                               after = 0;
    fixture<TestType>                 f;
    std::vector<troupe::ref<counted>> old;
    for (int i = 0; i < 300; ++i) old.push_back(f.system.template spawn<counted>(before));
    for (auto const& a : old) f.system.stop(a);
    f.settle();
    std::size_t same_cell = 0;
    for (int i = 0; i < 300; ++i) {
        auto const next = f.system.template spawn<counted>(after);
        for (auto const& a : old) {
            if (ref_access::cell_of(a) != ref_access::cell_of(next)) continue;
            ++same_cell;
            CHECK(next != a);
            CHECK(next.identity() != a.identity());
        }
    }
    CHECK(same_cell > 0);  // or nothing was tried here; each worker keeps up to 64 cells
    auto const dead = f.system.books().dropped_by(troupe::drop_cause::dead);
    for (auto const& a : old) {
        a.send(ping{});
        CHECK(a.try_send(ping{}) == send_status::no_target);
        CHECK(a.ask(named{1}).result().error().code() == troupe::ask_errc::target_gone);
        f.system.stop(a);
    }
    auto const books = f.settle();
    CHECK(books.dropped_by(troupe::drop_cause::dead) == dead + 3 * 300);
    CHECK(books.actors == 300);
    CHECK(before == 0);
    CHECK(after == 0);
    CHECK(f.system.dead_letters().back().target == old.back().identity());
}

}  // namespace test_cell
