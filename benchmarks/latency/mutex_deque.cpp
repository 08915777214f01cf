// SPDX-License-Identifier: BSL-1.0

// latency by hand: a thread with a mailbox, and a promise for each answer.

#include <future>

#include "../mutex_deque.hpp"
#include "pace.hpp"

namespace {

using namespace troupe_bench;

struct letter {
    enum class kind : std::uint8_t { stamp, question, end } what = kind::end;
    steady::time_point intended{};
    std::promise<bool> answer{};
};

/// A thread that handles letters until the end.
class recorder {
public:
    explicit recorder(delays& seen)
        : thread_{[this, &seen] {
              for (letter l = box.pop(); l.what != letter::kind::end; l = box.pop()) {
                  if (l.what == letter::kind::stamp) seen.add(l.intended);
                  else l.answer.set_value(true);
              }
          }} {}
    ~recorder() {
        box.push({});
        thread_.join();
    }

    mailbox<letter> box;

private:
    std::thread thread_;
};

}  // namespace

int main() {
    print_latencies("one_way", "mutex_deque", [](delays& seen, auto&& drive) {
        recorder to{seen};
        drive(
            [&](steady::time_point intended) { to.box.push({letter::kind::stamp, intended, {}}); });
    });
    print_latencies("ask", "mutex_deque", [](delays& seen, auto&& drive) {
        recorder to{seen};
        drive([&](steady::time_point intended) {
            std::promise<bool> promise;
            auto               answer = promise.get_future();
            to.box.push({letter::kind::question, intended, std::move(promise)});
            if (answer.get()) seen.add(intended);
        });
    });
}
