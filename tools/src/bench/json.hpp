// SPDX-License-Identifier: BSL-1.0
#pragma once

// As much JSON as the results need: a value, a reader, a writer.

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tools::bench {

struct json {
    enum class kind { null, boolean, number, text, list, object } is = kind::null;
    bool                                      truth = false;
    double                                    number = 0;
    std::string                               text;
    std::vector<json>                         list;
    std::vector<std::pair<std::string, json>> object;  // in their order

    json() = default;
    json(double n) : is(kind::number), number(n) {}
    json(std::string t) : is(kind::text), text(std::move(t)) {}
    json(char const* t) : json(std::string{t}) {}
    static json an_object() {
        json j;
        j.is = kind::object;
        return j;
    }
    static json a_list() {
        json j;
        j.is = kind::list;
        return j;
    }

    /// Null where there is none.
    json const& operator[](std::string_view key) const {
        static json const none;
        for (auto const& [name, value] : object) {
            if (name == key) return value;
        }
        return none;
    }
    void set(std::string key, json value) { object.emplace_back(std::move(key), std::move(value)); }
};

inline void write_text(std::string& to, std::string_view text) {
    to += '"';
    for (char const c : text) {
        if (c == '"' || c == '\\') (to += '\\') += c;
        else if (c == '\n') to += "\\n";
        else if (static_cast<unsigned char>(c) >= 0x20) to += c;
    }
    to += '"';
}

/// Objects and lists of such on lines of their own, lists of numbers on one.
inline void write(std::string& to, json const& j, int depth = 0) {
    std::string const indent(static_cast<std::size_t>(depth + 1) * 2, ' ');
    std::string const outdent(static_cast<std::size_t>(depth) * 2, ' ');
    char              number[40];
    switch (j.is) {
        case json::kind::null: to += "null"; break;
        case json::kind::boolean: to += j.truth ? "true" : "false"; break;
        case json::kind::number:
            std::snprintf(number, sizeof number, "%.6g", j.number);
            to += number;
            break;
        case json::kind::text: write_text(to, j.text); break;
        case json::kind::list: {
            bool const lines = !j.list.empty() && j.list[0].is == json::kind::object;
            to += '[';
            for (std::size_t i = 0; i < j.list.size(); ++i) {
                if (lines) (to += i == 0 ? "\n" : ",\n") += indent;
                else if (i > 0) to += ", ";
                write(to, j.list[i], depth + 1);
            }
            if (lines) (to += '\n') += outdent;
            to += ']';
            break;
        }
        case json::kind::object: {
            // The rows of a result: one line each.
            bool const lines = depth == 0 || j["rows"].is != json::kind::null;
            to += '{';
            for (std::size_t i = 0; i < j.object.size(); ++i) {
                if (i > 0) to += lines ? "," : ", ";
                if (lines) (to += '\n') += indent;
                write_text(to, j.object[i].first);
                to += ": ";
                write(to, j.object[i].second, depth + 1);
            }
            if (lines) (to += '\n') += outdent;
            to += '}';
            break;
        }
    }
}

/// Reads one value; `good()` says whether all was well.
class json_reader {
public:
    explicit json_reader(std::string_view text) : text_(text) {}
    json read() {
        json j = value();
        skip();
        if (at_ != text_.size()) good_ = false;
        return j;
    }
    bool good() const { return good_; }

private:
    void skip() {
        while (at_ < text_.size() &&
               std::string_view{" \t\r\n"}.find(text_[at_]) != std::string_view::npos) {
            ++at_;
        }
    }
    bool take(char c) {
        skip();
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    bool word(std::string_view w) {
        if (text_.substr(at_, w.size()) != w) return false;
        at_ += w.size();
        return true;
    }
    std::string string() {
        std::string s;
        while (at_ < text_.size() && text_[at_] != '"') {
            if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
                ++at_;
                s += text_[at_] == 'n' ? '\n' : text_[at_];
            } else {
                s += text_[at_];
            }
            ++at_;
        }
        good_ = good_ && at_ < text_.size();
        ++at_;
        return s;
    }
    json value() {
        json j;
        if (!good_) return j;
        if (take('{')) {
            j.is = json::kind::object;
            while (good_ && !take('}')) {
                good_ = good_ && take('"');
                std::string key = good_ ? string() : std::string{};
                good_ = good_ && take(':');
                json inner = value();
                j.set(std::move(key), std::move(inner));
                take(',');
                if (at_ >= text_.size()) good_ = false;
            }
        } else if (take('[')) {
            j.is = json::kind::list;
            while (good_ && !take(']')) {
                j.list.push_back(value());
                take(',');
                if (at_ >= text_.size()) good_ = false;
            }
        } else if (take('"')) {
            j.is = json::kind::text;
            j.text = string();
        } else if (word("null")) {
        } else if (word("true") || word("false")) {
            j.is = json::kind::boolean;
            j.truth = text_[at_ - 2] == 'u';
        } else {
            std::string const rest{text_.substr(at_, 40)};
            char*             end = nullptr;
            j.is = json::kind::number;
            j.number = std::strtod(rest.c_str(), &end);
            if (end == rest.c_str()) good_ = false;
            at_ += static_cast<std::size_t>(end - rest.c_str());
        }
        return j;
    }

    std::string_view text_;
    std::size_t      at_ = 0;
    bool             good_ = true;
};

}  // namespace tools::bench
