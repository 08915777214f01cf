// SPDX-License-Identifier: BSL-1.0
#pragma once

// Reads the headers under include/ line by line: what each line includes; inside an #if or not.
// Ours are written so that lines suffice: #pragma once, one directive per line.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tools {

namespace fs = std::filesystem;

struct line {
    std::string text;
    std::string include;         // "troupe/x.hpp" or "vector"; empty if this line includes nothing
    bool        ours = false;    // the include is one of the project's headers
    bool        quoted = false;  // "..." and not <...>
    bool        conditional = false;  // inside an #if
    std::string directive;  // "if", "ifdef", "pragma", "define", ...; empty for other lines
    std::string argument;   // what follows the directive, trimmed
};

using header = std::vector<line>;

inline std::string trimmed(std::string_view text) {
    auto const first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(" \t\r") - first + 1));
}

[[noreturn]] inline void fail(std::string const& text) {
    std::fprintf(stderr, "%s\n", text.c_str());
    std::exit(1);
}

/// Removes what is inside /* */, and says whether one stays open at the end of the line.
inline std::string without_block_comments(std::string const& text, bool& open) {
    std::string kept;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (open) {
            if (text.compare(i, 2, "*/") == 0) open = false, ++i;
        } else if (text.compare(i, 2, "//") == 0) {
            return kept + text.substr(i);
        } else if (text.compare(i, 2, "/*") == 0) {
            open = true, ++i;
        } else {
            kept += text[i];
        }
    }
    return kept;
}

inline header read_header(fs::path const& path) {
    std::ifstream in(path);
    if (!in) fail(path.string() + ": cannot be read");
    header lines;
    int    depth = 0;
    bool   in_comment = false;
    for (std::string text; std::getline(in, text);) {
        line now;
        now.text = text.substr(0, text.find_last_not_of(" \t\r") + 1);
        std::string const code = trimmed(without_block_comments(text, in_comment));
        if (!code.empty() && code[0] == '#') {
            std::string const rest = trimmed(std::string_view(code).substr(1));
            auto const        end =
                std::min(rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), rest.size());
            now.directive = rest.substr(0, end);
            now.argument = trimmed(std::string_view(rest).substr(end));
            if (auto const note = now.argument.find("//");
                note != std::string::npos && now.directive != "include")
                now.argument = trimmed(std::string_view(now.argument).substr(0, note));
            if (now.directive == "endif") --depth;
            now.conditional = depth > 0;
            if (now.directive.starts_with("if")) ++depth;
            if (now.directive == "include" && !now.argument.empty()) {
                now.quoted = now.argument[0] == '"';
                auto const close = now.argument.find(now.quoted ? '"' : '>', 1);
                if ((now.quoted || now.argument[0] == '<') && close != std::string::npos) {
                    now.include = now.argument.substr(1, close - 1);
                    now.ours = now.include.starts_with("troupe/");
                }
            }
        } else {
            now.conditional = depth > 0;
        }
        lines.push_back(std::move(now));
    }
    if (depth != 0) fail(path.string() + ": #if and #endif do not match");
    return lines;
}

/// Every header below include/troupe, by its include name ("troupe/base/time.hpp"), sorted.
inline std::map<std::string, header> read_tree(fs::path const& include_dir) {
    std::map<std::string, header> tree;
    if (!fs::exists(include_dir / "troupe"))
        fail((include_dir / "troupe").string() + ": no such folder");
    for (auto const& entry : fs::recursive_directory_iterator(include_dir / "troupe"))
        if (entry.is_regular_file() && entry.path().extension() == ".hpp")
            tree.emplace(fs::relative(entry.path(), include_dir).generic_string(),
                         read_header(entry.path()));
    return tree;
}

}  // namespace tools
