// SPDX-License-Identifier: BSL-1.0
// A million awaits that never wait, in one handler, without growing the stack: also at -O0, where
// no compiler makes a tail call of a resumption. The stack is measured, not believed.

#include "support/systems.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>

namespace test_synchronous_awaits {

using namespace troupe_test;

struct run {
    std::uint64_t awaits;
};
struct outcome {
    std::uint64_t  sum;
    std::ptrdiff_t stack;
};
struct one {};

// Addresses as numbers: they are compared, never used.
struct span_of_stack {
    std::uintptr_t lowest = UINTPTR_MAX;
    std::uintptr_t highest = 0;
    void           look() {
        // Not the address of a local: AddressSanitizer may keep locals elsewhere.
        auto const at = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
        if (at < lowest) lowest = at;
        if (at > highest) highest = at;
    }
};

class loops {
public:
    using protocol = troupe::protocol<outcome(run)>;
    troupe::task<std::uint64_t> leaf() {
        stack_.look();
        co_return 1;
    }
    troupe::task<std::uint64_t> middle() { co_return co_await leaf(); }
    troupe::task<outcome>       on(run r) {
        std::uint64_t sum = 0;
        for (std::uint64_t i = 0; i < r.awaits; ++i) sum += co_await middle();
        co_return outcome{sum, static_cast<std::ptrdiff_t>(stack_.highest - stack_.lowest)};
    }

private:
    span_of_stack stack_;
};

TEMPLATE_TEST_CASE("a million synchronous awaits stay on the same stack", "", TROUPE_TEST_KINDS) {
    fixture<TestType>   f;
    std::uint64_t const many = scaled(1'000'000);
    outcome const       o = f.system.template spawn<loops>().ask(run{many}).get();
    CHECK(o.sum == many);
    CHECK(o.stack < 1024);
}

// The other kind that does not wait: the answer is there when the asker looks.
class echo {
public:
    using protocol = troupe::protocol<int(one)>;
    int on(one) {
        stack.look();
        return 1;
    }
    span_of_stack stack;
};
class asks {
public:
    using protocol = troupe::protocol<outcome(run)>;
    explicit asks(troupe::ref<echo> to) : to_(to) {}
    troupe::task<outcome> on(run r) {
        std::uint64_t sum = 0;
        for (std::uint64_t i = 0; i < r.awaits; ++i) {
            sum += static_cast<std::uint64_t>(co_await to_.ask<one>());
        }
        co_return outcome{sum, 0};
    }

private:
    troupe::ref<echo> to_;
};

TEMPLATE_TEST_CASE("a hundred thousand awaited asks, one after the other", "", TROUPE_TEST_KINDS) {
    fixture<TestType>   f;
    std::uint64_t const many = scaled(100'000);
    auto const          e = f.system.template spawn<echo>();
    CHECK(f.system.template spawn<asks>(e).ask(run{many}).get().sum == many);
}

}  // namespace test_synchronous_awaits
