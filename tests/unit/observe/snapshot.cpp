// SPDX-License-Identifier: BSL-1.0
#include "troupe/observe/snapshot.hpp"

#include "support/catch.hpp"

#include <set>
#include <string_view>

namespace test_snapshot {

TEST_CASE("every outcome of an ask has a name of its own, in the order of the errors") {
    std::set<std::string_view> seen;
    for (std::string_view const name : troupe::ask_outcome_names) {
        CHECK(seen.insert(name).second);
        CHECK(name.find(' ') == std::string_view::npos);
    }
    for (std::size_t i = 0; i < troupe::ask_errcs; ++i) {
        std::string words{to_string(static_cast<troupe::ask_errc>(i))};
        for (char& c : words) c = c == ' ' ? '_' : c;
        CHECK(words == troupe::ask_outcome_names[i + 1]);
    }
    CHECK(to_string(static_cast<troupe::ask_errc>(troupe::ask_errcs)) == "?");
}

TEST_CASE("a snapshot gives the asks by how they ended") {
    troupe::system_snapshot seen;
    seen.asks[0] = 7;
    seen.asks[1 + static_cast<std::size_t>(troupe::ask_errc::expired)] = 3;
    CHECK(seen.asks_answered() == 7);
    CHECK(seen.asks_ended_by(troupe::ask_errc::expired) == 3);
    CHECK(seen.asks_ended_by(troupe::ask_errc::failed) == 0);
}

}  // namespace test_snapshot
