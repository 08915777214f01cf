// SPDX-License-Identifier: BSL-1.0

// snippets ROOT OUT_DIR: writes each C++ block of README.md, docs/ and include/ as a file into
// OUT_DIR and prints one line for it: `run FILE WHERE`, `compile FILE WHERE`, `reject FILE WHERE`
// or `skip - WHERE`; `+openssl` behind the first word where it needs that.
// tools/snippets does the rest.
//
//   ```cpp            a program, if it holds `int main`: compiled and run
//   ```cpp compile    compiled only; without `int main`, as the body of a function
//   ```cpp rejected   must not compile: a bad example
//   ```cpp openssl    with one of the others: needs OpenSSL, and is left out where that is missing
//   ```cpp fragment   neither
//   ```cpp            without `int main` and a mark: an error; nothing is skipped by oversight
//
// snippets --links ROOT: every relative link of those pages must lead to a file or folder.

#include "source_tree.hpp"

namespace {

using namespace tools;

std::vector<fs::path> pages(fs::path const& root) {
    std::vector<fs::path> found;
    if (fs::exists(root / "README.md")) found.push_back(root / "README.md");
    for (auto const* folder : {"docs", "include"})
        if (fs::exists(root / folder))
            for (auto const& entry : fs::recursive_directory_iterator(root / folder))
                if (entry.path().extension() == ".md") found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
}

struct block {
    std::string where;  // page:line
    std::string info;   // what stands after the three ticks
    std::string code;
    bool        closed = false;
};

std::vector<block> blocks_of(fs::path const& page, fs::path const& root) {
    std::ifstream      in(page);
    std::vector<block> found;
    bool               inside = false;
    int                number = 0;
    for (std::string text; std::getline(in, text);) {
        ++number;
        std::string const flat = trimmed(text);
        if (flat.starts_with("```")) {
            if (inside) found.back().closed = true;
            else
                found.push_back(
                    {fs::relative(page, root).generic_string() + ":" + std::to_string(number),
                     trimmed(flat.substr(3)),
                     {}});
            inside = !inside;
        } else if (inside) {
            found.back().code += text + "\n";
        }
    }
    return found;
}

bool is_word(std::string const& text, std::string const& word) {
    return (" " + text + " ").find(" " + word + " ") != std::string::npos;
}

std::string wrapped(std::string const& code) {
    std::string includes = "#include <troupe/troupe.hpp>\n";
    std::string body;
    for (std::size_t at = 0; at < code.size();) {
        auto const end = code.find('\n', at);
        auto const text = code.substr(at, end - at + 1);
        (trimmed(text).starts_with("#include") ? includes : body) += text;
        at = end + 1;
    }
    return includes + "[[maybe_unused]] static void snippet() {\n" + body + "}\nint main() {}\n";
}

int extract(fs::path const& root, fs::path const& out) {
    fs::create_directories(out);
    int bad = 0;
    for (auto const& page : pages(root)) {
        for (auto const& now : blocks_of(page, root)) {
            if (!now.closed) {
                std::printf("bad - %s: the block is not closed\n", now.where.c_str());
                ++bad;
            }
            if (now.info != "cpp" && !now.info.starts_with("cpp ")) continue;
            bool const program = now.code.find("int main") != std::string::npos;
            if (is_word(now.info, "fragment")) {
                std::printf("skip - %s\n", now.where.c_str());
            } else if (!program && !is_word(now.info, "compile") &&
                       !is_word(now.info, "rejected")) {
                std::printf("bad - %s: no `int main`: mark the block `cpp compile`, `cpp rejected` "
                            "or `cpp fragment`\n",
                            now.where.c_str());
                ++bad;
            } else {
                std::string name = now.where;
                for (auto& c : name)
                    if (c == '/' || c == ':' || c == '.') c = '_';
                std::ofstream(out / (name + ".cpp")) << (program ? now.code : wrapped(now.code));
                std::printf("%s%s %s %s\n",
                            is_word(now.info, "rejected")  ? "reject"
                            : is_word(now.info, "compile") ? "compile"
                                                           : "run",
                            is_word(now.info, "openssl") ? "+openssl" : "", name.c_str(),
                            now.where.c_str());
            }
        }
    }
    return bad != 0;
}

int links(fs::path const& root) {
    int bad = 0, count = 0;
    for (auto const& page : pages(root)) {
        std::ifstream in(page);
        bool          code = false;
        int           number = 0;
        for (std::string text; std::getline(in, text);) {
            ++number;
            if (trimmed(text).starts_with("```")) code = !code;
            if (code) continue;
            for (auto at = text.find("]("); at != std::string::npos; at = text.find("](", at + 2)) {
                auto target = text.substr(at + 2, text.find(')', at) - at - 2);
                target = target.substr(0, target.find_first_of("# "));
                if (target.empty() || target.find("://") != std::string::npos ||
                    target.starts_with("mailto:"))
                    continue;
                ++count;
                if (!fs::exists(page.parent_path() / target)) {
                    std::printf("%s:%d: the link leads nowhere: %s\n",
                                fs::relative(page, root).c_str(), number, target.c_str());
                    ++bad;
                }
            }
        }
    }
    std::printf("links: %d relative links, %d lead nowhere\n", count, bad);
    return bad != 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) fail("usage: snippets ROOT OUT_DIR | snippets --links ROOT");
    if (std::string_view(argv[1]) == "--links") return links(argv[2]);
    return extract(argv[1], argv[2]);
}
