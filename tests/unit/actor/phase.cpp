// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/phase.hpp"

#include "support/catch.hpp"

#include <fstream>
#include <sstream>
#include <string>

namespace test_phase {

using troupe::detail::phase;
using troupe::detail::transitions;

std::string drawing() {
    std::string text = "```mermaid\nstateDiagram-v2\n";
    for (auto const& t : transitions) {
        text.append("    ").append(to_string(t.from)).append(" --> ").append(to_string(t.to));
        text.append(": ").append(t.when).append("\n");
    }
    return text + "```\n";
}

TEST_CASE("the drawing in the guide is the table of the code") {
    std::string const here = __FILE__;
    std::ifstream     file{here.substr(0, here.rfind("tests/")) + "docs/guides/failure.md"};
    std::stringstream page;
    page << file.rdbuf();
    REQUIRE_FALSE(page.str().empty());
    INFO("it should be\n" << drawing());
    CHECK(page.str().find(drawing()) != std::string::npos);
}

TEST_CASE("every phase is reached, and leads to the end") {
    for (phase const p :
         {phase::failed, phase::replacing, phase::down, phase::stopping, phase::ending}) {
        bool reached = false;
        for (auto const& t : transitions) reached = reached || t.to == p;
        CHECK(reached);
        CHECK((p == phase::ending || leads_to(p, phase::ending)));
    }
    CHECK_FALSE(leads_to(phase::ending, phase::running));
    CHECK_FALSE(leads_to(phase::stopping, phase::running));
}

}  // namespace test_phase
