// SPDX-License-Identifier: BSL-1.0
#include "troupe/testing/signal_box.hpp"

#include "support/catch.hpp"

#include <thread>

namespace test_signal_box {

using namespace std::chrono_literals;
using troupe::signal_box;

TEST_CASE("a box counts the signals on each of its lines") {
    signal_box box;
    auto const a = box.new_line();
    auto const b = box.new_line();
    auto const before = box.heard(a);
    box.signal(a)();
    box.signal(a)();
    CHECK(box.heard(a) == before + 2);
    auto const other = box.heard(b);
    box.signal(b)();
    CHECK(box.heard(b) == other + 1);
    CHECK(box.heard(a) == before + 2);
}

TEST_CASE("a signal wakes who sleeps, also one that comes before") {
    signal_box  box;
    auto const  line = box.new_line();
    auto const  before = box.heard(line);
    auto const  signal = box.signal(line);
    std::thread other{[signal] { signal(); }};
    while (box.heard(line) == before) box.sleep(1h);  // an hour would be noticed
    other.join();
    signal();
    box.sleep(1h);
    CHECK(box.heard(line) == before + 2);
}

TEST_CASE("a signal may come after its box has gone, and a box of the same thread is another") {
    troupe::transport_signal late;
    {
        signal_box box;
        late = box.signal(box.new_line());
    }
    late();
    signal_box one;
    signal_box two;
    auto const before = two.heard(0);
    one.signal(0)();
    CHECK(two.heard(0) == before);
    late();
}

}  // namespace test_signal_box
