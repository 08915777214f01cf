// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the next actor does not accept this message
// EXPECT: protocol<bool ?\(withdraw\)>
#include <troupe/troupe.hpp>

#include <utility>

struct deposit {
    int cents;
};
struct withdraw {
    int cents;
};

class clerk {
public:
    using protocol = troupe::protocol<bool(deposit)>;
    void on(deposit d, troupe::context<clerk>& self, troupe::reply<bool> answer) {
        self.forward(next_, d, std::move(answer));
    }

private:
    troupe::ref<troupe::protocol<bool(withdraw)>> next_;
};
