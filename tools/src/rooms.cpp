// SPDX-License-Identifier: BSL-1.0

// rooms ROOT [RULES]: holds every include under include/troupe against RULES, by default
// ROOT/tools/rooms.txt.
// Prints one line per break, `file:line: what and what to do`; exit 1 if there is any.

#include "source_tree.hpp"

#include <sstream>

namespace {

using namespace tools;

struct rules {
    std::map<std::string, std::set<std::string>> rooms;  // room -> what it may include
    std::map<std::string, std::set<std::string>> tops;   // troupe/<name>.hpp that is no room's door
    std::map<std::string, std::set<std::string>>
        standard_only;  // standard header -> the rooms that may
};

std::vector<std::string> words(std::string const& text) {
    std::istringstream       in(text);
    std::vector<std::string> found;
    for (std::string word; in >> word;) found.push_back(word);
    return found;
}

rules read_rules(fs::path const& path) {
    std::ifstream in(path);
    if (!in) fail(path.string() + ": cannot be read");
    rules      all;
    int        number = 0;
    auto const bad = [&](std::string const& why) {
        fail(path.string() + ":" + std::to_string(number) + ": " + why);
    };
    std::vector<std::pair<std::set<std::string>*, std::string>> pending;
    for (std::string text; std::getline(in, text);) {
        ++number;
        text = trimmed(std::string_view(text).substr(0, text.find('#')));
        if (text.empty()) continue;
        auto const colon = text.find(':');
        if (colon == std::string::npos) bad("a row needs a ':'");
        auto const left = words(text.substr(0, colon));
        auto const right = words(text.substr(colon + 1));
        if (left.size() < 2) bad("a row starts with 'room NAME:', 'top NAME:' or 'only ROOMS:'");
        if (left[0] == "room" || left[0] == "top") {
            auto& rows = left[0] == "room" ? all.rooms : all.tops;
            if (left.size() != 2 || rows.contains(left[1])) bad("one row for each name");
            rows[left[1]] = {right.begin(), right.end()};
        } else if (left[0] == "only") {
            for (auto const& name : right) {
                if (name.size() < 3 || name.front() != '<' || name.back() != '>')
                    bad(name + " is not a <header>");
                all.standard_only[name.substr(1, name.size() - 2)] = {left.begin() + 1, left.end()};
            }
        } else {
            bad("unknown kind of row: " + left[0]);
        }
    }
    for (auto* rows : {&all.rooms, &all.tops})
        for (auto& [name, allowed] : *rows) {
            if (allowed.erase("*"))
                for (auto const& [room, unused] : all.rooms) allowed.insert(room);
            for (auto const& room : allowed)
                if (!all.rooms.contains(room))
                    fail(path.string() + ": " + name + " may include " + room +
                         ", which is no room");
        }
    return all;
}

/// "troupe/sync/atomic.hpp" and the door "troupe/sync.hpp" are of room sync; troupe.hpp of none.
std::string room_of(std::string const& header, rules const& all) {
    auto const rest = header.substr(header.find('/') + 1);
    if (auto const slash = rest.find('/'); slash != std::string::npos) return rest.substr(0, slash);
    auto const stem = rest.substr(0, rest.rfind('.'));
    return all.rooms.contains(stem) && !all.tops.contains(stem) ? stem : std::string{};
}

bool in_detail(std::string const& header) { return header.find("/detail/") != std::string::npos; }

class check {
public:
    check(fs::path const& root, fs::path const& rules_file)
        : rules_name_(rules_file.filename().string()),
          rules_(read_rules(rules_file)),
          tree_(read_tree(root / "include")) {}

    int run() {
        for (auto const& [name, lines] : tree_) one(name, lines);
        for (auto const& [name, lines] : tree_) circle(name);
        if (breaks_ == 0)
            std::printf("rooms: %zu headers in %zu rooms, every include is allowed\n", tree_.size(),
                        rooms_seen_.size());
        else
            std::printf("rooms: %d breaks; the rules are in tools/%s\n", breaks_,
                        rules_name_.c_str());
        return breaks_ == 0 ? 0 : 1;
    }

private:
    void report(std::string const& name, std::size_t number, std::string const& what) {
        std::printf("include/%s:%zu: %s\n", name.c_str(), number, what.c_str());
        ++breaks_;
    }

    void one(std::string const& name, header const& lines) {
        std::string const            own = room_of(name, rules_);
        std::set<std::string> const* allowed = nullptr;
        if (own.empty()) {
            auto const stem = name.substr(7, name.size() - 7 - 4);
            if (!rules_.tops.contains(stem))
                return report(name, 1,
                              "stands beside the rooms, and the rules have no 'top " + stem + ":'");
            allowed = &rules_.tops.at(stem);
        } else {
            if (!rules_.rooms.contains(own))
                return report(name, 1,
                              "room '" + own + "' is unknown: add a row 'room " + own +
                                  ":' with what it may include");
            allowed = &rules_.rooms.at(own);
            rooms_seen_.insert(own);
        }
        if (std::none_of(lines.begin(), lines.end(), [](line const& l) {
                return l.directive == "pragma" && l.argument == "once";
            }))
            report(name, 1, "has no #pragma once");
        for (std::size_t i = 0; i < lines.size(); ++i) {
            auto const& now = lines[i];
            if (now.include.empty()) continue;
            if (now.ours) ours(name, i + 1, own, *allowed, now);
            else if (now.quoted)
                report(name, i + 1,
                       "write \"" + now.include + "\" with its whole path, \"troupe/...\"");
            else if (auto const rule = rules_.standard_only.find(now.include);
                     rule != rules_.standard_only.end() && !rule->second.contains(own))
                report(name, i + 1,
                       "<" + now.include + "> belongs to " +
                           (rule->second.contains("-") ? "no room"
                                                       : "the room " + joined(rule->second)) +
                           (rule->second.contains("sync") ? ": use what troupe/sync offers"
                                                          : ": it costs every user too much"));
        }
    }

    void ours(std::string const& name, std::size_t number, std::string const& own,
              std::set<std::string> const& allowed, line const& now) {
        if (!tree_.contains(now.include))
            return report(name, number, "\"" + now.include + "\" does not exist");
        std::string const theirs = room_of(now.include, rules_);
        if (theirs.empty()) {
            auto const stem = now.include.substr(7, now.include.size() - 7 - 4);
            // Beside the rooms: only another top header may include one.
            if (!own.empty() && stem != "fwd")
                report(name, number,
                       "a room does not include \"" + now.include +
                           "\": include the exact headers");
            else if (!own.empty())
                report(name, number,
                       "a room includes its own fwd.hpp or that of a room below, not \"" +
                           now.include + "\"");
            return;
        }
        if (theirs != own && !allowed.contains(theirs))
            report(name, number,
                   (own.empty() ? name : "room " + own) + " may not include room " + theirs + " (" +
                       now.include + "): put the thing lower, or a concept into port/");
        else if (theirs != own && in_detail(now.include))
            report(name, number, "\"" + now.include + "\" is private to room " + theirs);
    }

    /// Reports each circle of files once, from its alphabetically first file.
    void circle(std::string const& start) {
        std::vector<std::string> path;
        std::set<std::string>    seen;
        if (leads_back(start, start, path, seen)) {
            if (*std::min_element(path.begin(), path.end()) != start) return;
            std::string text = start;
            for (auto const& step : path) text += " -> " + step;
            report(start, 1, "includes itself by a circle: " + text);
        }
    }

    bool leads_back(std::string const& from, std::string const& start,
                    std::vector<std::string>& path, std::set<std::string>& seen) {
        auto const found = tree_.find(from);
        if (found == tree_.end()) return false;
        for (auto const& now : found->second) {
            if (!now.ours) continue;
            path.push_back(now.include);
            if (now.include == start) return true;
            if (seen.insert(now.include).second && leads_back(now.include, start, path, seen))
                return true;
            path.pop_back();
        }
        return false;
    }

    static std::string joined(std::set<std::string> const& names) {
        std::string text;
        for (auto const& name : names) text += (text.empty() ? "" : ", ") + name;
        return text;
    }

    std::string                   rules_name_;
    rules                         rules_;
    std::map<std::string, header> tree_;
    std::set<std::string>         rooms_seen_;
    int                           breaks_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2 || argc > 3) fail("usage: rooms ROOT [RULES]");
    fs::path const root = argv[1];
    return check(root, argc == 3 ? fs::path(argv[2]) : root / "tools/rooms.txt").run();
}
