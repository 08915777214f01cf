// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a conformance suite gives back: which of its numbered rules were kept. It needs no test
// framework and no exceptions; a user's test asks `report` and prints `report.text()`.
//
// Every kind of thing that users may exchange has a suite, written in one form:
//
//   testing/conformance/<kind>.hpp
//       inline constexpr conformance_rule <kind>_rules[] = {{1, "words"}, {2, "words"}};
//       template <class Model> conformance_report check_<kind>(... what a model is made with ...) {
//           conformance_report report{<kind>_rules};
//           report.check(1, holds);                       // any number of times for each rule
//           report.check(2, holds, "what was seen");      // more words, if they help
//           return report;
//       }
//   tests/conformance/<kind>.cpp      runs it, one test per model and one for the archetype
//   docs/reference/<kind>.md          has the same numbers and the same words, as `1. words`
//
// A rule that no check was about counts as broken, so that a suite that ended early does not pass;
// a rule that means nothing for this model is named by `excuse`. `tools/check recipes` compares the
// table with the page.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI {

/// A rule of a suite. The words say what is kept, as a sentence without a full stop.
struct conformance_rule {
    int              number;
    std::string_view words;
};

/// One thread at a time; allocates. A suite that uses several threads checks on its own.
class conformance_report {
public:
    /// Without a table the words of a rule are those of its first check.
    conformance_report() = default;
    /// `rules` lives as long as the report.
    explicit conformance_report(std::span<conformance_rule const> rules);

    /// What was found about a rule. A rule is broken by one check that does not hold. With a table
    /// `words` say what was seen, and may be left out. Gives `holds` back.
    bool check(int rule, bool holds, std::string_view words = {});
    /// This rule means nothing for the model, for the reason given.
    void excuse(int rule, std::string_view why);

    /// How many rules are broken; with a table also those that nothing was checked about.
    std::size_t failed() const noexcept { return count(false); }
    /// How many rules are kept. Those that were excused are in neither number.
    std::size_t passed() const noexcept { return count(true); }
    /// Whether this rule is broken.
    bool broken(int rule) const noexcept;
    /// Every rule is kept, and there was one.
    explicit operator bool() const noexcept { return failed() == 0 && passed() > 0; }

    /// A line for each broken rule: "rule 3: words", and what was seen in brackets. Then one for
    /// all that nothing was checked about: "rules 3, 4, 7-19 were not checked: ...".
    std::string text() const;

private:
    struct entry {
        int         number = 0;
        std::string words{};
        std::string seen{};
        std::size_t checks = 0;
        bool        broken = false;
        bool        excused = false;

        bool holds() const noexcept { return !broken && checks > 0; }
        bool was_left_out() const noexcept { return !broken && !excused && checks == 0; }
    };
    entry&      at(int rule);
    std::string left_out() const;
    std::size_t count(bool kept) const noexcept;

    std::vector<entry> entries_;
};

inline conformance_report::conformance_report(std::span<conformance_rule const> rules) {
    for (conformance_rule const& r : rules) {
        entry& e = at(r.number);
        e.words = r.words;
    }
}

inline conformance_report::entry& conformance_report::at(int rule) {
    for (entry& e : entries_) {
        if (e.number == rule) return e;
    }
    entry& added = entries_.emplace_back();
    added.number = rule;
    return added;
}

inline bool conformance_report::check(int rule, bool holds, std::string_view words) {
    entry&     e = at(rule);
    bool const named = !e.words.empty();
    if (!named) e.words = words;
    ++e.checks;
    if (holds || e.broken) return holds;
    e.broken = true;  // the first one that does not hold is told
    if (named && e.words != words) e.seen = words;
    return holds;
}

inline void conformance_report::excuse(int rule, std::string_view why) {
    entry& e = at(rule);
    if (e.words.empty()) e.words = why;
    e.excused = true;
}

inline std::size_t conformance_report::count(bool kept) const noexcept {
    std::size_t found = 0;
    for (entry const& e : entries_) {
        if (e.excused && !e.broken) continue;
        if (e.holds() == kept) ++found;
    }
    return found;
}

inline bool conformance_report::broken(int rule) const noexcept {
    for (entry const& e : entries_) {
        if (e.number == rule) return e.broken || (!e.excused && !e.holds());
    }
    return false;
}

/// The line for the rules that nothing was checked about; empty: there are none.
inline std::string conformance_report::left_out() const {
    std::vector<int> numbers;
    for (entry const& e : entries_) {
        if (e.was_left_out()) numbers.push_back(e.number);
    }
    if (numbers.empty()) return {};
    if (numbers.size() == 1) {
        return "rule " + std::to_string(numbers.front()) +
               " was not checked: the suite did not get there\n";
    }
    std::string all;
    for (std::size_t i = 0; i < numbers.size();) {
        std::size_t end = i + 1;  // of a row of numbers without a gap
        while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1) ++end;
        if (end - i < 3) end = i + 1;
        all += (all.empty() ? "" : ", ") + std::to_string(numbers[i]);
        if (end - i > 1) all += '-' + std::to_string(numbers[end - 1]);
        i = end;
    }
    return "rules " + all + " were not checked: the suite did not get there\n";
}

inline std::string conformance_report::text() const {
    std::string all;
    for (entry const& e : entries_) {
        if (!e.broken) continue;
        all += "rule " + std::to_string(e.number) + ": " + e.words;
        if (!e.seen.empty()) all += " (" + e.seen + ")";
        all += '\n';
    }
    return all + left_out();
}

}  // namespace troupe::inline TROUPE_ABI
