// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the next actor answers this message with another type
#include <troupe/troupe.hpp>

#include <utility>

struct deposit {
    int cents;
};

class clerk {
public:
    using protocol = troupe::protocol<bool(deposit)>;
    void on(deposit d, troupe::context<clerk>& self, troupe::reply<bool> answer) {
        self.forward(next_, d, std::move(answer));
    }

private:
    troupe::ref<troupe::protocol<int(deposit)>> next_;
};
