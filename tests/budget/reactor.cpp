// SPDX-License-Identifier: BSL-1.0
// Nothing is allocated by a reactor that has had as many descriptors before.
#include "troupe/os/reactor.hpp"

#include "support/heap_count.hpp"
#include "support/sockets.hpp"

#include <fcntl.h>

namespace test_allocations_of_reactor {

using namespace troupe;

TEMPLATE_TEST_CASE("nothing is allocated when as many were registered before", "",
                   TROUPE_TEST_BACKENDS) {
    reactor                     r{TestType::value};
    troupe_test::counted_signal signal;
    int                         ends[2];
    REQUIRE(::pipe(ends) == 0);
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    int  wrong = 0;
    auto turn = [&] {
        char       place[8];
        auto const a = r.add(ends[0], readiness::read, signal);
        if (!a.has_value() || ::write(ends[1], "x", 1) != 1) return ++wrong;
        if (troupe_test::drive(r) != 1 || ::read(ends[0], place, sizeof place) != 1) ++wrong;
        r.want(*a, readiness::read);
        r.remove(*a);
        return 0;
    };
    turn();
    std::uint64_t const before = troupe_test::heap_calls;
    for (int i = 0; i < 100; ++i) turn();
    std::uint64_t const after = troupe_test::heap_calls;
    CHECK(after == before);
    CHECK(wrong == 0);
    ::close(ends[0]);
    ::close(ends[1]);
}

}  // namespace test_allocations_of_reactor
