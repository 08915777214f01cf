// SPDX-License-Identifier: BSL-1.0
#pragma once

// A ready order that can do what an order must and nothing more, and a scheduler that says what a
// scheduler must: code that compiles with them asks for no more.

#include "troupe/schedule/driven.hpp"

namespace troupe::inline TROUPE_ABI {

/// First in, first out, all as worker 0.
class ready_order_archetype {
public:
    static constexpr unsigned turn_messages = 1;

    explicit ready_order_archetype(unsigned) noexcept {}
    ready_order_archetype(ready_order_archetype const&) = delete;
    ready_order_archetype& operator=(ready_order_archetype const&) = delete;
    void                   operator&() const = delete;

    void      push(int, runnable& r) noexcept { ready_.push(r); }
    runnable* pop(unsigned& worker) noexcept {
        worker = 0;
        return ready_.pop();
    }

private:
    ready_list ready_;
};

class scheduler_archetype {
public:
    static constexpr bool     driven = true;
    static constexpr unsigned workers_min = 1;
    static constexpr unsigned workers_max = 1;
    static unsigned           workers_default() noexcept { return 1; }
    template <class Host>
    using engine = detail::driven_engine<Host, ready_order_archetype>;

    scheduler_archetype() = delete;  // nobody makes an object of a scheduler
    ~scheduler_archetype() = delete;
};

static_assert(ready_order<ready_order_archetype>);
static_assert(scheduler<scheduler_archetype>);

}  // namespace troupe::inline TROUPE_ABI
