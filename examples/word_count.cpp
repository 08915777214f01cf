// SPDX-License-Identifier: BSL-1.0

// Counts words over files and folders, in memory that does not grow with the input.
//
//     walker  <-- "next file?" --  readers  == batches of words ==>  counters  -->  merger
//
// Files are pulled: a reader asks the walker for one when it is done with the last, so paths never
// pile up and one large file holds up one reader only. Words are pushed: each word has one counter,
// found by its hash, and goes there in a batch. When a counter falls behind, its mailbox fills and
// the readers that write to it are suspended, not their threads. At any time there are at most
// (readers + mailbox capacity) x counters batches.

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include <troupe/troupe.hpp>

namespace {

namespace fs = std::filesystem;

constexpr std::size_t chunk_bytes = 64 * 1024;  // what a reader takes from a file at once
constexpr std::size_t batch_bytes = 4 * 1024;   // a batch with so many goes to its counter

/// A count that leaves out words is wrong: what is not taken ends the job.
void require(troupe::send_status status) {
    if (status == troupe::send_status::accepted) return;
    throw std::runtime_error("a message was not taken: " + std::string(to_string(status)));
}

// ---- the console: the only one who writes to stderr while the job runs

struct trouble {
    std::string path;
    std::string why;
};
struct progress {
    std::uint64_t files;
    std::uint64_t bytes;
};
struct summary {};
struct totals {
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;
    std::uint64_t unreadable = 0;
};

class console {
public:
    using protocol = troupe::protocol<void(trouble), void(progress), totals(summary)>;
    using mailbox_type = troupe::bounded_mailbox<64>;

    explicit console(bool terminal) : terminal_(terminal) {}

    void on(trouble const& t) {
        ++totals_.unreadable;
        clear_line();
        std::fprintf(stderr, "word_count: %s: %s\n", t.path.c_str(), t.why.c_str());
    }
    void on(progress p, troupe::context<console>& self) {
        totals_.files += p.files;
        totals_.bytes += p.bytes;
        if (!terminal_ || self.now() - shown_ < std::chrono::milliseconds{100}) return;
        shown_ = self.now();
        std::fprintf(stderr, "\r%ju files, %ju KiB", std::uintmax_t{totals_.files},
                     std::uintmax_t{totals_.bytes / 1024});
    }
    totals on(summary) {
        clear_line();
        return totals_;
    }

private:
    void clear_line() const {
        if (terminal_) std::fputs("\r\033[K", stderr);
    }

    bool const         terminal_;
    totals             totals_;
    troupe::time_point shown_;
};

// ---- the walker: knows where it stands in the folders, and nothing else

struct next_file {};

class walker {
public:
    using protocol = troupe::protocol<std::optional<fs::path>(next_file)>;

    /// `choosy`: does not enter folders called build, nor those that begin with a dot.
    walker(troupe::ref<console> out, std::vector<fs::path> roots, bool choosy)
        : console_(out), roots_(std::move(roots)), choosy_(choosy) {}

    /// The next regular file; nothing when there is none left. What is named by the user is
    /// followed if it is a link; links inside folders are not, so a loop cannot catch us.
    troupe::task<std::optional<fs::path>> on(next_file) {
        std::error_code error;
        for (;;) {
            fs::path path;
            bool     named = false;
            if (!open_.empty()) {
                if (open_.back() == fs::directory_iterator{}) {
                    open_.pop_back();
                    continue;
                }
                path = open_.back()->path();
                open_.back().increment(error);
                if (error) {
                    open_.pop_back();
                    co_await tell(path.parent_path(), error.message());
                }
            } else if (next_root_ < roots_.size()) {
                path = roots_[next_root_++];
                named = true;
            } else {
                co_return std::nullopt;
            }

            fs::file_type const type = fs::status(path, error).type();
            if (error) {  // not there, not allowed, or a link that leads nowhere
                co_await tell(path, error.message());
            } else if (!named && fs::is_symlink(path, error)) {
                continue;  // what it leads to is counted where it is
            } else if (type == fs::file_type::regular) {
                co_return path;
            } else if (type != fs::file_type::directory) {
                co_await tell(path, "not a regular file");
            } else if (named || !choosy_ || wanted(path.filename().native())) {
                fs::directory_iterator folder{path, error};
                if (error) co_await tell(path, error.message());
                else open_.push_back(std::move(folder));
            }
        }
    }

private:
    static bool wanted(std::string_view folder) {
        return folder != "build" && !folder.starts_with('.');
    }
    troupe::task<void> tell(fs::path const& path, std::string why) {
        require(co_await console_.async_send<trouble>(path.string(), std::move(why)));
    }

    troupe::ref<console>                console_;
    std::vector<fs::path>               roots_;
    bool                                choosy_;
    std::size_t                         next_root_ = 0;
    std::vector<fs::directory_iterator> open_;  // the folders we stand in, outermost first
};

// ---- the counters: each owns the words whose hash leads to it

struct words {
    std::string text;  // each word with a newline behind it
};
struct hand_over {};

struct word_hash : std::hash<std::string_view> {
    using is_transparent = void;
};
using tally = std::unordered_map<std::string, std::uint64_t, word_hash, std::equal_to<>>;

class counter {
public:
    using protocol = troupe::protocol<void(words), tally(hand_over)>;
    using mailbox_type = troupe::bounded_mailbox<16>;  // batches; more make the readers wait

    void on(words const& batch) {
        for (std::string_view rest = batch.text; !rest.empty();) {
            std::string_view const word = rest.substr(0, rest.find('\n'));
            rest.remove_prefix(word.size() + 1);
            if (auto const known = counts_.find(word); known != counts_.end()) ++known->second;
            else counts_.emplace(word, 1);
        }
    }
    tally on(hand_over) { return std::exchange(counts_, {}); }

private:
    tally counts_;
};

// ---- the readers: cut files into words

struct read_everything {};

class reader {
public:
    using protocol = troupe::protocol<void(read_everything)>;

    reader(troupe::ref<console> out, troupe::ref<walker> from,
           std::vector<troupe::ref<counter>> counters)
        : console_(out),
          walker_(from),
          counters_(std::move(counters)),
          batches_(counters_.size()),
          chunk_(chunk_bytes) {}

    troupe::task<void> on(read_everything) {
        while (auto const path = co_await walker_.ask<next_file>()) co_await read(*path);
        for (std::size_t i = 0; i < counters_.size(); ++i) co_await flush(i);
    }

private:
    troupe::task<void> read(fs::path const& path) {
        std::unique_ptr<std::FILE, int (*)(std::FILE*)> const file{std::fopen(path.c_str(), "rb"),
                                                                   &std::fclose};
        std::error_code error{file ? 0 : errno, std::generic_category()};
        while (file) {
            std::size_t const size = std::fread(chunk_.data(), 1, chunk_.size(), file.get());
            if (std::ferror(file.get()) != 0) error = {errno, std::generic_category()};
            for (std::size_t i = 0; i < size; ++i) {
                if (char const c = lower(chunk_[i]); c != 0) word_ += c;
                else if (auto const full = end_word()) co_await flush(*full);
            }
            if (size == 0) break;
            require(co_await console_.async_send(progress{0, size}));
        }
        if (auto const full = end_word()) co_await flush(*full);
        if (error) require(co_await console_.async_send<trouble>(path.string(), error.message()));
        else require(co_await console_.async_send(progress{1, 0}));
    }

    /// Puts the word, if there is one, into its batch; which batch is full now, if one is.
    std::optional<std::size_t> end_word() {
        if (word_.empty()) return std::nullopt;
        std::size_t const to = word_hash{}(word_) % counters_.size();
        (batches_[to] += word_) += '\n';
        word_.clear();
        return batches_[to].size() < batch_bytes ? std::nullopt : std::optional{to};
    }

    troupe::task<void> flush(std::size_t to) {
        require(co_await counters_[to].async_send<words>(std::exchange(batches_[to], {})));
        batches_[to].reserve(batch_bytes + 256);  // and room for the last word
    }

    /// The letter or digit in lower case; 0 for everything else.
    static char lower(char c) {
        if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '\0';
    }

    troupe::ref<console>              console_;
    troupe::ref<walker>               walker_;
    std::vector<troupe::ref<counter>> counters_;
    std::vector<std::string>          batches_;  // one per counter
    std::vector<char>                 chunk_;
    std::string                       word_;  // lives on from one chunk to the next
};

// ---- the merger: makes one list of what the counters have

struct entry {
    std::string   word;
    std::uint64_t count;
};
struct merge {};

class merger {
public:
    using protocol = troupe::protocol<std::vector<entry>(merge)>;

    explicit merger(std::vector<troupe::ref<counter>> counters) : counters_(std::move(counters)) {}

    troupe::task<std::vector<entry>> on(merge) {
        std::vector<entry> all;
        for (troupe::ref<counter> const from : counters_) {
            tally const part = co_await from.ask<hand_over>();
            for (auto const& [word, count] : part) all.push_back({word, count});
        }
        co_return all;
    }

private:
    std::vector<troupe::ref<counter>> counters_;
};

// ---- the program around them

struct arguments {
    std::vector<fs::path> roots;
    bool                  chosen_by_user = true;
    bool                  all = false;
    bool                  stats = false;
};

constexpr char usage[] =
    "usage: word_count [--all] [--stats] [FILE|FOLDER...]\n"
    "  Counts words, [A-Za-z0-9]+ in lower case, and prints the twenty most frequent.\n"
    "  Without names: README.md docs include examples tests tools benchmarks, as far as they are\n"
    "  here, without folders called build or beginning with a dot.\n"
    "  --all    every word, as lines `count word` sorted by word\n"
    "  --stats  files, bytes, words and peak memory, on stderr\n"
    "  What cannot be read is named on stderr and counted; the exit code stays 0.\n";

/// Nothing: the arguments make no sense.
std::optional<arguments> parse(int count, char** values) {
    arguments given;
    bool      options = true;
    for (int i = 1; i < count; ++i) {
        std::string_view const value = values[i];
        if (!options || !value.starts_with('-')) given.roots.emplace_back(value);
        else if (value == "--") options = false;
        else if (value == "--all") given.all = true;
        else if (value == "--stats") given.stats = true;
        else return std::nullopt;
    }
    if (!given.roots.empty()) return given;
    given.chosen_by_user = false;
    std::error_code error;
    for (auto const* name :
         {"README.md", "docs", "include", "examples", "tests", "tools", "benchmarks"}) {
        if (fs::exists(name, error)) given.roots.emplace_back(name);
    }
    return given.roots.empty() ? std::nullopt : std::optional{given};
}

void print(std::vector<entry>& found, bool all) {
    auto const by_word = [](entry const& a, entry const& b) { return a.word < b.word; };
    auto const by_count = [](entry const& a, entry const& b) {
        return a.count != b.count ? a.count > b.count : a.word < b.word;
    };
    if (all) {
        std::sort(found.begin(), found.end(), by_word);
    } else {
        std::size_t const shown = std::min<std::size_t>(found.size(), 20);
        std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(shown),
                          found.end(), by_count);
        found.resize(shown);
    }
    for (entry const& e : found) {
        std::printf(all ? "%ju %s\n" : "%10ju  %s\n", std::uintmax_t{e.count}, e.word.c_str());
    }
}

int run(arguments const& given) {
    unsigned const some = std::clamp(std::thread::hardware_concurrency(), 2u, 8u);

    troupe::system system;
    auto const     out = system.spawn<console>(isatty(STDERR_FILENO) == 1);
    auto const     files = system.spawn<walker>(out, given.roots, !given.chosen_by_user);
    std::vector<troupe::ref<counter>> counters;
    for (unsigned i = 0; i < some; ++i) counters.push_back(system.spawn<counter>());
    auto const all = system.spawn<merger>(counters);

    using reading = decltype(troupe::ref<reader>{}.ask(read_everything{}));
    std::vector<reading> readings;
    for (unsigned i = 0; i < some; ++i) {
        auto const worker = system.spawn<reader>(out, files, counters);
        readings.push_back(worker.ask(read_everything{}).start());
    }
    for (reading& r : readings) r.get();  // all words have been handed to the counters

    auto              found = all.ask(merge{}).get();
    totals const      sum = out.ask(summary{}).get();
    std::size_t const different = found.size();
    print(found, given.all);
    if (sum.unreadable != 0) {
        std::fprintf(stderr, "word_count: %ju could not be read\n", std::uintmax_t{sum.unreadable});
    }
    if (given.stats) {
        rusage used{};
        getrusage(RUSAGE_SELF, &used);
        std::fprintf(stderr, "files %ju bytes %ju words %zu unreadable %ju peak_kib %ld\n",
                     std::uintmax_t{sum.files}, std::uintmax_t{sum.bytes}, different,
                     std::uintmax_t{sum.unreadable}, used.ru_maxrss);
    }
    if (std::fflush(stdout) == 0) return 0;
    std::perror("word_count: stdout");
    return 1;
}

}  // namespace

int main(int count, char** values) {
    std::optional<arguments> const given = parse(count, values);
    if (!given) {
        std::fputs(usage, stderr);
        return 2;
    }
    try {
        return run(*given);
    } catch (std::exception const& e) {
        std::fprintf(stderr, "word_count: %s\n", e.what());
        return 1;
    }
}
