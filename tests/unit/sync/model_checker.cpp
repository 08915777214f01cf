// SPDX-License-Identifier: BSL-1.0
#include "troupe/sync/model_checker.hpp"

#include "support/catch.hpp"

#include <new>

namespace test_model_checker {

// The models of tests/model/ are programs of their own. Everywhere else the header must leave no
// trace: the checker replaces words of the language.
TEST_CASE("a build that is no model gets nothing of the model checker") {
#if defined(RL_ASSERT) || defined(new) || defined(delete) || defined(malloc) || \
    defined(memory_order_relaxed)
    FAIL("a word of the model checker is here");
#endif
    alignas(int) unsigned char room[sizeof(int)];
    CHECK(*new (room) int{5} == 5);
}

}  // namespace test_model_checker
