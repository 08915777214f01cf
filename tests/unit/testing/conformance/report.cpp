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
    CHECK(report.text() == "rules 2, 5 were not checked: the suite did not get there\n");
    report.excuse(2, "it has no end");
    CHECK(report.text() == "rule 5 was not checked: the suite did not get there\n");
    report.excuse(5, "it has no voice");
    CHECK(report);
    CHECK(report.passed() == 1);
}

TEST_CASE("broken rules come first, and those that were not checked are one line at the end") {
    constexpr conformance_rule many[] = {{1, "a"}, {2, "b"},  {3, "c"}, {4, "d"},
                                         {5, "e"}, {6, "f"},  {7, "g"}, {8, "h"},
                                         {9, "i"}, {11, "k"}, {12, "l"}};
    conformance_report         report{many};
    for (int const kept : {1, 5, 11}) report.check(kept, true);
    report.excuse(4, "it has no d");
    report.check(6, false, "no f");
    CHECK(report.failed() == 7);
    CHECK(report.text() ==
          "rule 6: f (no f)\nrules 2, 3, 7-9, 12 were not checked: the suite did not get there\n");
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
