// SPDX-License-Identifier: BSL-1.0
#include "troupe/memory/page_arena.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace test_page_arena {

using namespace troupe::detail;

bool is_zero(page const& p) {
    return std::all_of(p.memory, p.memory + page_bytes,
                       [](std::byte b) { return b == std::byte{}; });
}

/// Pages are never freed by their owner; a test gives the memory back itself.
struct arena_of_test {
    page_arena         arena;
    root_token         token{};
    std::vector<page*> all;

    page* take() {
        page* const p = arena.take(token);
        if (p != nullptr && std::find(all.begin(), all.end(), p) == all.end()) all.push_back(p);
        return p;
    }
    ~arena_of_test() {
        for (page* const p : all) {
#if defined(__linux__)
            munmap(p->memory, page_bytes);
#else
            ::operator delete(p->memory, std::align_val_t{cache_line});
#endif
            delete p;
        }
    }
};

TEST_CASE("a fresh page is zeroed, aligned, and not constructed") {
    arena_of_test a;
    page* const   p = a.take();
    REQUIRE(p != nullptr);
    CHECK(is_zero(*p));
    CHECK_FALSE(p->constructed);
    CHECK(reinterpret_cast<std::uintptr_t>(p->memory) % cache_line == 0);
    a.arena.give(p, a.token);
}

TEST_CASE("a page that was given is taken again, with its bytes and its mark") {
    arena_of_test a;
    page* const   p = a.take();
    std::memset(p->memory, 7, page_bytes);
    p->constructed = true;
    a.arena.give(p, a.token);
    page* const again = a.take();
    CHECK(again == p);
    CHECK(again->constructed);
    CHECK(again->memory[100] == std::byte{7});
}

TEST_CASE("pages beyond the warm ones give their memory back and stay readable as zero") {
    arena_of_test      a;
    std::vector<page*> out;
    for (int i = 0; i < 20; ++i) {
        out.push_back(a.take());
        REQUIRE(out.back() != nullptr);
        std::memset(out.back()->memory, 7, page_bytes);
    }
    for (page* const p : out) a.arena.give(p, a.token);
#if defined(__linux__)
    CHECK(std::count_if(out.begin(), out.end(), [](page* p) { return is_zero(*p); }) == 4);
#endif
    // All of them come back, each once.
    std::vector<page*> again;
    for (int i = 0; i < 20; ++i) again.push_back(a.take());
    std::sort(out.begin(), out.end());
    std::sort(again.begin(), again.end());
    CHECK(out == again);
}

}  // namespace test_page_arena
