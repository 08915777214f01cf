// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the reply cannot be built from these arguments
#include <troupe/troupe.hpp>

#include <string>

struct deposit {
    int cents;
};

class clerk {
public:
    using protocol = troupe::protocol<std::string(deposit)>;
    void on(deposit, troupe::reply<std::string> answer) { answer(deposit{1}); }
};
