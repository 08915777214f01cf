// SPDX-License-Identifier: BSL-1.0
#include "troupe/testing/conformance/pool.hpp"

#include "support/catch.hpp"

#include "troupe/memory/pools.hpp"
#include "troupe/testing/archetype/pool.hpp"

#include <memory>

namespace test_conformance_pool {

using troupe::check_pool;
using troupe::conformance_report;
using troupe::fixed_pool;
using troupe::heap_pool;
using troupe::pool_archetype;
using troupe::slab_pool;

void keeps(conformance_report const& report) {
    INFO(report.text());
    CHECK(report);
}

// clang-format off
TEST_CASE("slab_pool is a pool")         { keeps(check_pool<slab_pool>()); }
TEST_CASE("heap_pool is a pool")         { keeps(check_pool<heap_pool>()); }
TEST_CASE("fixed_pool is a pool")        { keeps(check_pool<fixed_pool<1024 * 1024>>()); }
TEST_CASE("a small fixed_pool is a pool") { keeps(check_pool<fixed_pool<64 * 1024>>()); }
TEST_CASE("pool_archetype is a pool")    { keeps(check_pool<pool_archetype>()); }
// clang-format on

// ---- what is none, and the rule that says so

enum class fault {
    none,
    crooked,
    overlaps,
    scribbles,
    gives_first_again,
    keeps_all,
    gives_nothing
};

/// A mebibyte that is given out in pieces of equal size, with a fault.
template <fault Fault>
class faulty {
public:
    static constexpr std::size_t chains_kept = 1;

    void* acquire(std::size_t bytes) noexcept {
        if (Fault == fault::gives_nothing || bytes > piece) return nullptr;
        for (std::size_t i = 0; i < pieces; ++i) {
            if (used_[i]) continue;
            used_[i] = true;
            if (Fault == fault::crooked) return at(i) + 8;
            if (Fault == fault::overlaps && i == 7) return at(6) + 16;
            return at(i);
        }
        return Fault == fault::gives_first_again ? at(0) : nullptr;
    }
    void release(void* block, std::size_t) noexcept {
        if (Fault == fault::keeps_all) return;
        auto const i = static_cast<std::size_t>(static_cast<unsigned char*>(block) - at(0)) / piece;
        used_[i] = false;
        if (Fault == fault::scribbles && i + 1 < pieces) at(i + 1)[0] = 0xff;
    }

private:
    static constexpr std::size_t piece = 2048;
    static constexpr std::size_t pieces = 512;
    struct alignas(64) memory {
        unsigned char bytes[piece * pieces + 64];
    };
    unsigned char*          at(std::size_t i) noexcept { return memory_->bytes + i * piece; }
    std::unique_ptr<memory> memory_ = std::make_unique<memory>();
    bool                    used_[pieces] = {};
};

TEST_CASE("each fault of a pool breaks its rule") {
    keeps(check_pool<faulty<fault::none>>());
    CHECK(check_pool<faulty<fault::gives_nothing>>().broken(1));
    CHECK(check_pool<faulty<fault::crooked>>().broken(1));
    CHECK(check_pool<faulty<fault::overlaps>>().broken(2));
    CHECK(check_pool<faulty<fault::scribbles>>().broken(3));
    CHECK(check_pool<faulty<fault::gives_first_again>>().broken(4));
    CHECK_FALSE(check_pool<faulty<fault::gives_first_again>>().broken(3));
    CHECK(check_pool<faulty<fault::keeps_all>>().broken(5));
    CHECK_FALSE(check_pool<faulty<fault::keeps_all>>().broken(2));
}

}  // namespace test_conformance_pool
