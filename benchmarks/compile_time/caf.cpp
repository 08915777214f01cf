// SPDX-License-Identifier: BSL-1.0
#include <cstdint>
#include <iostream>

#include "caf/actor_system.hpp"
#include "caf/actor_system_config.hpp"
#include "caf/exec_main.hpp"
#include "caf/scoped_actor.hpp"
#include "caf/typed_actor.hpp"
#include "caf/typed_event_based_actor.hpp"

using adder = caf::typed_actor<caf::replies_to<std::int32_t, std::int32_t>::with<std::int32_t>>;

adder::behavior_type make_adder() {
    return {[](std::int32_t a, std::int32_t b) { return a + b; }};
}

void caf_main(caf::actor_system& system, caf::actor_system_config const&) {
    auto              a = system.spawn(make_adder);
    caf::scoped_actor self{system};
    self->request(a, caf::infinite, std::int32_t{1}, std::int32_t{2})
        .receive([](std::int32_t sum) { std::cout << sum << "\n"; }, [](caf::error const&) {});
}
CAF_MAIN()
