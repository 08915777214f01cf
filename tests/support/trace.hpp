// SPDX-License-Identifier: BSL-1.0
#pragma once

// What happened, in order, as one text. Any thread.

#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace troupe_test {

class trace {
public:
    void add(std::string_view what) {
        std::lock_guard const held{lock_};
        if (!text_.empty()) text_ += ' ';
        text_ += what;
    }
    std::string text() const {
        std::lock_guard const held{lock_};
        return text_;
    }
    /// And forgets it.
    std::string take() {
        std::lock_guard const held{lock_};
        return std::exchange(text_, {});
    }

private:
    mutable std::mutex lock_;
    std::string        text_;
};

}  // namespace troupe_test
