// SPDX-License-Identifier: BSL-1.0
#include "troupe/testing/conformance/report.hpp"

#include "support/catch.hpp"

namespace test_conformance_report {

using troupe::conformance_report;
using troupe::conformance_rule;

constexpr conformance_rule rules[] = {{1, "it starts"}, {2, "it ends"}, {5, "it is quiet"}};

TEST_CASE("a report whose rules are all kept is true and has no text") {
    conformance_report report{rules};
    CHECK(report.check(1, true));
    CHECK(report.check(2, true, "unused"));
    CHECK(report.check(5, true));
    CHECK(report);
    CHECK(report.passed() == 3);
    CHECK(report.failed() == 0);
    CHECK(report.text().empty());
}

TEST_CASE("a broken rule is told by its number and words, once, with the first that was seen") {
    conformance_report report{rules};
    report.check(1, true);
    CHECK_FALSE(report.check(2, false, "it went on for 3 turns"));
    report.check(2, false, "it went on for 4 turns");
    report.check(2, true);
    report.check(5, false);
    CHECK_FALSE(report);
    CHECK(report.failed() == 2);
    CHECK(report.passed() == 1);
    CHECK(report.broken(2));
    CHECK_FALSE(report.broken(1));
    CHECK(report.text() == "rule 2: it ends (it went on for 3 turns)\nrule 5: it is quiet\n");
}

TEST_CASE("a rule of the table that nothing was checked about is broken, unless it is excused") {
    conformance_report report{rules};
    report.check(1, true);
    CHECK_FALSE(report);
    CHECK(report.failed() == 2);
    CHECK(report.broken(5));
    CHECK(report.text() ==
          "rule 2: it ends (was not checked)\nrule 5: it is quiet (was not checked)\n");
    report.excuse(2, "it has no end");
    report.excuse(5, "it has no voice");
    CHECK(report);
    CHECK(report.passed() == 1);
}

TEST_CASE("a rule that is excused and broken all the same is broken") {
    conformance_report report{rules};
    report.check(1, true);
    report.check(2, true);
    report.excuse(5, "it has no voice");
    report.check(5, false);
    CHECK(report.failed() == 1);
    CHECK(report.broken(5));
}

TEST_CASE("without a table the words are those of the checks") {
    conformance_report report;
    CHECK_FALSE(report);  // nothing was checked
    report.check(1, true, "it starts");
    CHECK(report);
    report.check(7, false, "it ends");
    CHECK(report.text() == "rule 7: it ends\n");
    CHECK_FALSE(report.broken(3));
}

}  // namespace test_conformance_report
