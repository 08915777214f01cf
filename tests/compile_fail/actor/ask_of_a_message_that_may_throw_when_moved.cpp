// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a message that is asked must be nothrow move constructible
// EXPECT: question
#include <troupe/troupe.hpp>

#include <utility>

struct question {
    question() = default;
    question(question&&) noexcept(false) {}
};

using oracle = troupe::protocol<bool(question)>;

auto misuse(troupe::ref<oracle> to) {
    auto first = to.ask<question>();
    return std::move(first);
}
