// SPDX-License-Identifier: BSL-1.0
// A message that the actor does not accept: the first lines say what it does accept.
// EXPECT: error: .*troupe: the actor does not accept this message
// EXPECT: protocol<void ?\(deposit\), bool ?\(withdraw\)>
// EXPECT: target_accepts<account, .*string
#include <troupe/troupe.hpp>

#include <string>

struct deposit {
    int cents;
};
struct withdraw {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit), bool(withdraw)>;
    void on(deposit) {}
    bool on(withdraw) { return true; }
};

void misuse(troupe::ref<account> alice) { alice.send(std::string{"x"}); }
