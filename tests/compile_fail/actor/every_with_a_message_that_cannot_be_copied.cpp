// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: `every` sends copies of its message, and the message cannot be copied
// EXPECT: letter
#include <troupe/troupe.hpp>

#include <chrono>
#include <memory>

struct letter {
    std::unique_ptr<int> content;
};

class reader {
public:
    using protocol = troupe::protocol<void(letter)>;
    void on(letter, troupe::context<reader>& self) {
        self.every(std::chrono::seconds{1}, letter{});
    }
};
