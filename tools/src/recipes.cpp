// SPDX-License-Identifier: BSL-1.0

// recipes ROOT [LIST]: counts the pieces of every kind of thing that users may exchange, as LIST
// (by default ROOT/tools/recipes.txt) names them. Prints one line per piece that is missing; exit 1
// if there is any.

#include "source_tree.hpp"

#include <iterator>
#include <regex>
#include <sstream>

namespace {

using namespace tools;

struct model {
    std::string name;
    std::string header;  // below include/troupe/
    std::string test;    // below ROOT; empty: tests/conformance/KIND.cpp
};
struct kind {
    std::string        name;
    std::string        standard;  // the model that does for who chooses none
    std::vector<model> models;
};

std::vector<kind> read_list(fs::path const& path) {
    std::ifstream in(path);
    if (!in) fail(path.string() + ": cannot be read");
    std::vector<kind> all;
    int               number = 0;
    for (std::string text; std::getline(in, text);) {
        ++number;
        std::istringstream       words(text.substr(0, text.find('#')));
        std::vector<std::string> row{std::istream_iterator<std::string>(words), {}};
        if (row.empty()) continue;
        auto const bad = [&](std::string const& why) {
            fail(path.string() + ":" + std::to_string(number) + ": " + why);
        };
        bool const named = row.size() > 1 && row[1].size() > 1 && row[1].back() == ':';
        if (!named) bad("a row starts with 'kind NAME:' or 'model NAME:'");
        row[1].pop_back();
        if (row[0] == "kind") {
            if (row.size() != 4 || row[2] != "default") bad("'kind NAME: default MODEL'");
            all.push_back({row[1], row[3], {}});
        } else if (row[0] == "model" && !all.empty()) {
            if (row.size() < 3 || row.size() > 4) bad("'model NAME: HEADER [TEST]'");
            all.back().models.push_back({row[1], row[2], row.size() == 4 ? row[3] : ""});
        } else {
            bad("'model NAME: HEADER' stands below a kind");
        }
    }
    return all;
}

bool is_word_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}
/// The place of `word`, as a whole word, from `from` on; npos: nowhere.
std::size_t find_word(std::string const& text, std::string const& word, std::size_t from = 0) {
    for (auto at = text.find(word, from); at != std::string::npos; at = text.find(word, at + 1)) {
        auto const end = at + word.size();
        if ((at == 0 || !is_word_character(text[at - 1])) &&
            (end == text.size() || !is_word_character(text[end]))) {
            return at;
        }
    }
    return std::string::npos;
}
bool has_word(std::string const& text, std::string const& word) {
    return find_word(text, word) != std::string::npos;
}

/// The text of a C++ file without its comments; string literals stay.
std::string without_comments(std::string const& text) {
    std::string code;
    bool        in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (in_string && text[i] == '\\') {
            code += text.substr(i, 2);
            ++i;
        } else if (!in_string && text.compare(i, 2, "//") == 0) {
            i = std::min(text.find('\n', i), text.size()) - 1;
        } else if (!in_string && text.compare(i, 2, "/*") == 0) {
            i = std::min(text.find("*/", i), text.size() - 2) + 1;
        } else {
            if (text[i] == '"') in_string = !in_string;
            code += text[i];
        }
    }
    return code;
}
/// From an opening bracket at `at` to behind the one that closes it.
std::size_t behind_brackets(std::string const& code, std::size_t at) {
    char const open = code[at];
    char const close = open == '(' ? ')' : open == '{' ? '}' : ']';
    int        depth = 0;
    bool       in_string = false;
    for (std::size_t i = at; i < code.size(); ++i) {
        if (in_string && code[i] == '\\') ++i;
        else if (code[i] == '"') in_string = !in_string;
        else if (!in_string && code[i] == open) ++depth;
        else if (!in_string && code[i] == close && --depth == 0) return i + 1;
    }
    return code.size();
}
/// All string literals in `code`, joined as the compiler joins them.
std::string literals(std::string const& code) {
    std::string text;
    bool        in_string = false;
    for (std::size_t i = 0; i < code.size(); ++i) {
        if (in_string && code[i] == '\\' && i + 1 < code.size()) text += code[++i];
        else if (code[i] == '"') in_string = !in_string;
        else if (in_string) text += code[i];
    }
    return text;
}
std::vector<std::string> static_asserts(std::string const& code) {
    std::vector<std::string> all;
    for (auto at = find_word(code, "static_assert"); at != std::string::npos;
         at = find_word(code, "static_assert", at + 1)) {
        auto const open = code.find('(', at);
        if (open == std::string::npos) break;
        all.push_back(code.substr(open, behind_brackets(code, open) - open));
    }
    return all;
}

using numbered = std::map<int, std::string>;

/// What stands in `inline constexpr conformance_rule NAME[] = {{1, "words"}, ...}`.
numbered rules_of_suite(std::string const& code, std::string const& name) {
    numbered   rules;
    auto const at = find_word(code, name);
    auto const open = at == std::string::npos ? at : code.find('{', at);
    if (open == std::string::npos) return rules;
    auto const end = behind_brackets(code, open);
    for (auto row = code.find('{', open + 1); row < end; row = code.find('{', row + 1)) {
        auto const row_end = behind_brackets(code, row);
        rules[std::atoi(code.c_str() + row + 1)] = literals(code.substr(row, row_end - row));
        row = row_end - 1;
    }
    return rules;
}

/// The parts of a page below its `## ` headings, in their order.
std::vector<std::pair<std::string, std::string>> sections(std::string const& page) {
    std::vector<std::pair<std::string, std::string>> all;
    std::istringstream                               in(page);
    bool                                             in_code = false;
    for (std::string text; std::getline(in, text);) {
        if (text.starts_with("```")) in_code = !in_code;
        if (!in_code && text.starts_with("## ")) all.emplace_back(trimmed(text.substr(3)), "");
        else if (!all.empty()) all.back().second += text + "\n";
    }
    return all;
}
/// `1. words`, which go on in lines that are indented.
numbered rules_of_page(std::string const& section) {
    numbered           rules;
    std::istringstream in(section);
    int                last = 0;
    for (std::string text; std::getline(in, text);) {
        auto const digits = text.find_first_not_of("0123456789");
        if (digits != 0 && digits != std::string::npos && text.compare(digits, 2, ". ") == 0) {
            last = std::atoi(text.c_str());
            rules[last] = trimmed(text.substr(digits + 2));
        } else if (last != 0 && text.starts_with(" ")) {
            rules[last] += " " + trimmed(text);
        } else {
            last = 0;
        }
    }
    return rules;
}

class checker {
public:
    explicit checker(fs::path root) : root_(std::move(root)) { read_cases(); }

    void check(kind const& k) {
        what_ = k.name;
        check_port(k);
        check_models(k);
        check_archetype(k);
        check_suite(k);
        check_page(k);
    }
    void check_nothing_forgotten(std::vector<kind> const& kinds) {
        // Names, and the words that log sinks are told in.
        std::set<std::string> const no_kind = {"fwd", "log_event", "log_field"};
        for (auto const& file : files_below(root_ / "include/troupe/port", ".hpp")) {
            std::string const name = file.stem().string();
            bool const        known = std::any_of(kinds.begin(), kinds.end(),
                                                  [&](kind const& k) { return k.name == name; });
            what_ = name;
            if (!known && !no_kind.contains(name)) missing("its rows in tools/recipes.txt");
        }
    }
    int found() const { return found_; }

private:
    struct wrong_code {
        std::string path;
        std::string pattern;
        std::regex  expects;
    };

    void missing(std::string const& what) {
        std::printf("%s: %s\n", what_.c_str(), what.c_str());
        ++found_;
    }
    static std::vector<fs::path> files_below(fs::path const& dir, std::string const& ending) {
        std::vector<fs::path> all;
        if (!fs::is_directory(dir)) return all;
        for (auto const& entry : fs::recursive_directory_iterator(dir)) {
            if (entry.path().extension() == ending) all.push_back(entry.path());
        }
        std::sort(all.begin(), all.end());
        return all;
    }
    /// Empty, and said to be missing, when there is no such file.
    std::string text_of(std::string const& path, std::string const& whats_missing) {
        std::ifstream in(root_ / path);
        std::string   text{std::istreambuf_iterator<char>(in), {}};
        if (text.empty()) missing(path + ": " + whats_missing);
        return text;
    }

    void read_cases() {
        what_ = "tests/compile_fail";
        for (auto const& path : files_below(root_ / "tests/compile_fail", ".cpp")) {
            std::ifstream in(path);
            for (std::string text; std::getline(in, text);) {
                if (!text.starts_with("// EXPECT: ")) continue;
                std::string const pattern = trimmed(text.substr(11));
                if (pattern.find("troupe: ") == std::string::npos) continue;
                try {
                    std::regex expects(pattern, std::regex::extended);
                    // One that any error matches says nothing of a text.
                    if (std::regex_search(printed("troupe: x"), expects)) continue;
                    cases_.push_back({path.string(), pattern, std::move(expects)});
                } catch (std::regex_error const&) {
                    missing(path.string() + ": not a regular expression: " + pattern);
                }
            }
        }
    }
    static std::string printed(std::string const& text) {
        return "error: static assertion failed: " + text;
    }
    bool has_a_case(std::string const& text) const {
        return std::any_of(cases_.begin(), cases_.end(), [&](wrong_code const& c) {
            return std::regex_search(printed(text), c.expects);
        });
    }

    void check_port(kind const& k) {
        std::string const path = "include/troupe/port/" + k.name + ".hpp";
        std::string const code = without_comments(text_of(path, "the concept has no header"));
        if (code.empty()) return;
        std::vector<std::string> concepts;
        for (auto at = find_word(code, "concept"); at != std::string::npos;
             at = find_word(code, "concept", at + 1)) {
            auto const from = code.find_first_not_of(" \n", at + 7);
            auto const to = code.find_first_of(" \n=", from);
            if (to != std::string::npos) concepts.push_back(code.substr(from, to - from));
        }
        bool const has_it = std::find(concepts.begin(), concepts.end(), k.name) != concepts.end();
        if (!has_it) missing(path + ": there is no `concept " + k.name + "`");
        if (concepts.size() < (has_it ? 2u : 1u)) {
            missing(path + ": its requirements have no names (concepts that it joins)");
        }
        if (!has_word(code, "explain_" + k.name)) {
            missing(path + ": there is no `explain_" + k.name + "<T>()`");
        }
        std::size_t texts = 0;
        for (std::string const& assertion : static_asserts(code)) {
            std::string const text = literals(assertion);
            if (text.empty()) continue;
            ++texts;
            if (!has_a_case(text)) {
                missing("tests/compile_fail/: no file expects the text: " + text);
            }
        }
        if (texts == 0) missing(path + ": no static_assert says what is missing");
    }
    void check_models(kind const& k) {
        bool known = false;
        for (model const& m : k.models) {
            known = known || m.name == k.standard;
            std::string const path = "include/troupe/" + m.header;
            std::string const code =
                without_comments(text_of(path, "the model " + m.name + " has no header"));
            if (code.empty()) continue;
            if (!promises(code, k.name, m.name)) {
                missing(path + ": there is no static_assert(" + k.name + "<" + m.name + ">)");
            }
        }
        if (!known) missing("the default " + k.standard + " is not among its models");
    }
    static bool promises(std::string const& code, std::string const& kind,
                         std::string const& model) {
        for (std::string const& assertion : static_asserts(code)) {
            auto const at = find_word(assertion, kind);
            if (at != std::string::npos && has_word(assertion.substr(at), model)) return true;
        }
        return false;
    }
    void check_archetype(kind const& k) {
        std::string const path = "include/troupe/testing/archetype/" + k.name + ".hpp";
        std::string const code = without_comments(text_of(path, "there is no archetype"));
        if (code.empty()) return;
        if (!promises(code, k.name, k.name + "_archetype")) {
            missing(path + ": there is no static_assert(" + k.name + "<" + k.name + "_archetype>)");
        }
        check_door(path);
    }
    /// The single header has what the door includes.
    void check_door(std::string const& path) {
        std::string const include = "#include \"" + path.substr(8) + "\"";
        if (door_.empty()) door_ = text_of("include/troupe/testing.hpp", "there is no door");
        if (door_.find(include) == std::string::npos) {
            missing("include/troupe/testing.hpp: does not include " + path);
        }
    }
    void check_suite(kind const& k) {
        std::string const path = "include/troupe/testing/conformance/" + k.name + ".hpp";
        std::string const code = without_comments(text_of(path, "there is no conformance suite"));
        if (!code.empty()) {
            if (!has_word(code, "check_" + k.name)) {
                missing(path + ": there is no `conformance_report check_" + k.name + "(...)`");
            }
            rules_ = rules_of_suite(code, k.name + "_rules");
            if (rules_.empty()) missing(path + ": there is no table `" + k.name + "_rules`");
            for (auto const& [number, words] : rules_) {
                if (!checks(code, number)) {
                    missing(path + ": nothing is checked about rule " + std::to_string(number));
                }
            }
            check_door(path);
        } else {
            rules_.clear();
        }
        std::string const     place = "tests/conformance/" + k.name + ".cpp";
        std::set<std::string> named;
        std::string const     test = code_of_test(place, k.name);
        if (!test.empty() && !has_word(test, k.name + "_archetype")) {
            missing(place + ": the suite is not run on " + k.name + "_archetype");
        }
        for (model const& m : k.models) {
            std::string const& where = m.test.empty() ? place : m.test;
            std::string const  code_there = m.test.empty() ? test : code_of_test(m.test, k.name);
            if (!code_there.empty() && !has_word(code_there, m.name)) {
                missing(where + ": the suite is not run on " + m.name);
            }
        }
    }
    /// Some `check(number, ...)`, or a function of the suite whose name begins so; also in the form
    /// `check(first ? 2 : 5, ...)`. (That the check is reached, the report says when it runs.)
    static bool checks(std::string const& code, int number) {
        for (auto at = code.find("check"); at != std::string::npos;
             at = code.find("check", at + 1)) {
            auto open = at + 5;
            while (open < code.size() && is_word_character(code[open])) ++open;
            auto const comma = code.find(',', open);
            if (open < code.size() && code[open] == '(' && comma != std::string::npos &&
                has_word(code.substr(open, comma - open), std::to_string(number))) {
                return true;
            }
        }
        return false;
    }
    /// Without includes and using-declarations: a name there is not yet a test.
    std::string code_of_test(std::string const& path, std::string const& kind) {
        std::istringstream in(without_comments(text_of(path, "nobody runs the suite")));
        std::string        code;
        for (std::string text; std::getline(in, text);) {
            std::string const shown = trimmed(text);
            if (!shown.starts_with("#") && !shown.starts_with("using ")) code += text + "\n";
        }
        if (!code.empty() && !has_word(code, "check_" + kind)) {
            missing(path + ": does not call check_" + kind);
        }
        return code;
    }
    void check_page(kind const& k) {
        std::string const path = "docs/reference/" + k.name + ".md";
        std::string const page = text_of(path, "there is no page");
        if (page.empty()) return;
        auto const        parts = sections(page);
        char const* const order[] = {"Purpose",  "Requirements", "Rules",
                                     "Exemplar", "Models",       "How to write yours"};
        auto              next = parts.begin();
        for (char const* const heading : order) {
            auto const at = std::find_if(next, parts.end(),
                                         [&](auto const& part) { return part.first == heading; });
            if (at == parts.end()) {
                missing(path + ": no section `## " + heading + "`, or not in its place");
                continue;
            }
            next = at + 1;
            if (trimmed_all(at->second).empty()) {
                missing(path + ": nothing stands below `## " + std::string(heading) + "`");
            }
            if (at->first == "Rules") compare_rules(path, rules_of_page(at->second));
            if (at->first == "Models") {
                for (model const& m : k.models) {
                    if (!has_word(at->second, m.name)) {
                        missing(path + ": " + m.name + " does not stand among the models");
                    }
                }
            }
        }
        if (text_of("docs/reference.md", "there is no reference")
                .find("reference/" + k.name + ".md") == std::string::npos) {
            missing("docs/reference.md: does not lead to " + path);
        }
    }
    static std::string trimmed_all(std::string text) {
        std::replace(text.begin(), text.end(), '\n', ' ');
        return trimmed(text);
    }
    /// After the words of the suite the page may go on, with a full stop or a colon.
    void compare_rules(std::string const& path, numbered const& page) {
        for (auto const& [number, words] : rules_) {
            auto const  there = page.find(number);
            std::string text = there == page.end() ? "" : there->second;
            bool const  same =
                text == words || text.starts_with(words + ".") || text.starts_with(words + ":");
            if (!same) {
                missing(path + ": rule " + std::to_string(number) + " of the suite is: " + words);
            }
        }
        for (auto const& [number, words] : page) {
            if (!rules_.contains(number)) {
                missing(path + ": the suite has no rule " + std::to_string(number));
            }
        }
    }

    fs::path                root_;
    std::string             what_;
    std::string             door_;
    numbered                rules_;
    std::vector<wrong_code> cases_;
    int                     found_ = 0;
};

}  // namespace

int main(int count, char** arguments) {
    if (count < 2 || count > 3) fail("usage: recipes ROOT [LIST]");
    fs::path const root = arguments[1];
    auto const kinds = read_list(count == 3 ? fs::path(arguments[2]) : root / "tools/recipes.txt");
    checker    all{root};
    for (kind const& k : kinds) all.check(k);
    all.check_nothing_forgotten(kinds);
    if (all.found() == 0) {
        std::printf("recipes: %zu kinds, no piece is missing\n", kinds.size());
        return 0;
    }
    std::printf("recipes: %d missing; how a kind is made stands in docs/CONTRIBUTING.md\n",
                all.found());
    return 1;
}
