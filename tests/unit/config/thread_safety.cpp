// SPDX-License-Identifier: BSL-1.0
#include "troupe/config/thread_safety.hpp"

#include "support/catch.hpp"

#include <string>

#define TEST_THREAD_SAFETY_TEXT_(...) #__VA_ARGS__
#define TEST_THREAD_SAFETY_TEXT(...) TEST_THREAD_SAFETY_TEXT_(__VA_ARGS__)

namespace test_thread_safety {

// What Clang refuses is tried in compile_fail/config and in tests/thread_safety.
class TROUPE_CAPABILITY("key") key {};

class TROUPE_SCOPED_CAPABILITY holder {
public:
    explicit holder(key& k) TROUPE_ACQUIRE(k) : held_(k) {}
    ~holder() TROUPE_RELEASE() {}

private:
    [[maybe_unused]] key& held_;
};

class box {
public:
    int take() TROUPE_EXCLUDES(key_) {
        holder const held{key_};
        return take_held();
    }
    int look_alone() const TROUPE_NO_THREAD_SAFETY_ANALYSIS { return inside_; }

private:
    int take_held() TROUPE_REQUIRES(key_) { return --inside_; }

    key key_;
    int inside_ TROUPE_GUARDED_BY(key_) = 2;
};
struct plain_box {
    key key_;
    int inside_ = 2;
};

TEST_CASE("what is guarded is laid out and used as without a word") {
    STATIC_REQUIRE(sizeof(box) == sizeof(plain_box));
    box b;
    CHECK(b.take() == 1);
    CHECK(b.look_alone() == 1);
}

TEST_CASE("there are words where there is Clang, and none elsewhere") {
    std::string const words = TEST_THREAD_SAFETY_TEXT(TROUPE_GUARDED_BY(key_));
#if defined(__clang__)
    CHECK_THAT(words, troupe_test::contains("guarded_by(key_)"));
#else
    CHECK(words.empty());
#endif
}

}  // namespace test_thread_safety
