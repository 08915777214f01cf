// SPDX-License-Identifier: BSL-1.0
#pragma once

// The conformance suite of a pool. What the library does with it, it does here too: through the
// depot, with the block sizes of the library. More: docs/reference/pool.md

#include <cstring>

#include "troupe/memory/depot.hpp"
#include "troupe/testing/conformance/report.hpp"

namespace troupe::inline TROUPE_ABI {

inline constexpr conformance_rule pool_rules[] = {
    {1, "`acquire` gives null or memory that is aligned to 16 bytes"},
    {2, "blocks in use do not overlap, and every byte of them may be written"},
    {3, "`release` and a later `acquire` leave the other blocks in use as they are"},
    {4, "a pool that has no more gives null, and what is in use stays whole"},
    {5, "after null, as much as came back can be had again"},
    {6, "`chains_kept` free chains of a size are kept, and `release` gets the rest"},
};

namespace detail {

struct pool_block {
    unsigned char* at;
    std::size_t    bytes;
    unsigned char  mark;

    void fill() const noexcept { std::memset(at, mark, bytes); }
    bool is_whole() const noexcept {
        for (std::size_t i = 0; i < bytes; ++i) {
            if (at[i] != mark) return false;
        }
        return true;
    }
    bool overlaps(pool_block const& other) const noexcept {
        return at < other.at + other.bytes && other.at < at + bytes;
    }
};

template <class Pool>
class pool_trial {
public:
    explicit pool_trial(conformance_report& report) : report_(report) {}
    ~pool_trial() {
        while (!blocks_.empty()) give(blocks_.size() - 1);
    }
    pool_trial(pool_trial const&) = delete;
    pool_trial& operator=(pool_trial const&) = delete;

    /// False: there is no more.
    bool take(std::size_t bytes) {
        void* const memory = pool_.acquire(bytes);
        if (memory == nullptr) return false;
        report_.check(1, reinterpret_cast<std::uintptr_t>(memory) % block_alignment == 0);
        blocks_.push_back({static_cast<unsigned char*>(memory), bytes, next_mark_++});
        return true;
    }
    void give(std::size_t i) {
        pool_.release(blocks_[i].at, blocks_[i].bytes);
        blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    bool apart() const {
        for (std::size_t i = 0; i < blocks_.size(); ++i) {
            for (std::size_t j = 0; j < i; ++j) {
                if (blocks_[i].overlaps(blocks_[j])) return false;
            }
        }
        return true;
    }
    bool whole() const {
        for (pool_block const& b : blocks_) {
            if (!b.is_whole()) return false;
        }
        return true;
    }
    void fill(std::size_t from = 0) const {
        for (std::size_t i = from; i < blocks_.size(); ++i) blocks_[i].fill();
    }
    std::size_t count() const { return blocks_.size(); }

private:
    Pool                    pool_;
    std::vector<pool_block> blocks_;
    unsigned char           next_mark_ = 1;
    conformance_report&     report_;
};

template <class Pool>
class counted_source final : public block_source {
public:
    void* acquire(std::size_t bytes) noexcept override {
        void* const block = pool_.acquire(bytes);
        acquired += block != nullptr;
        return block;
    }
    void release(void* block, std::size_t bytes) noexcept override {
        ++released;
        pool_.release(block, bytes);
    }
    std::size_t chains_kept() const noexcept override { return Pool::chains_kept; }

    std::size_t acquired = 0;
    std::size_t released = 0;

private:
    Pool pool_;
};

/// Chains that were taken from a depot, and go back.
class taken_chains {
public:
    taken_chains(depot& from, std::size_t size_class) : from_(from), size_class_(size_class) {}
    ~taken_chains() { give_back(); }
    taken_chains(taken_chains const&) = delete;
    taken_chains& operator=(taken_chains const&) = delete;

    /// How many blocks; fewer than asked for when the pool has no more.
    std::size_t take(std::size_t most) {
        std::size_t blocks = 0;
        while (blocks < most) {
            free_block* const chain = from_.take(size_class_, root_token{});
            if (chain == nullptr) break;
            blocks += chain->count;
            chains_.push_back(chain);
        }
        return blocks;
    }
    void give_back() {
        for (free_block* const chain : chains_) from_.give(size_class_, chain, root_token{});
        chains_.clear();
    }

private:
    depot&                   from_;
    std::size_t const        size_class_;
    std::vector<free_block*> chains_;
};

}  // namespace detail

/// `bytes_max`: a pool that has not given null after so many bytes is taken for one without end,
/// and rules 4 and 5 are excused.
template <class Pool>
conformance_report check_pool(std::size_t bytes_max = std::size_t{16} << 20) {
    static_assert(explain_pool<Pool>());
    using namespace detail;
    conformance_report report{pool_rules};
    {
        pool_trial<Pool> trial{report};
        for (std::size_t const bytes : block_sizes) {
            for (std::size_t i = 0; i < 1 + 2048 / bytes; ++i) trial.take(bytes);
        }
        report.check(1, trial.count() != 0, "it gives nothing");
        report.check(2, trial.apart());
        trial.fill();
        report.check(2, trial.whole(), "what was written is not there");
        for (std::size_t i = trial.count() / 2; i > 0; --i) trial.give(i);
        report.check(3, trial.whole(), "after `release`");
        std::size_t const kept = trial.count();
        for (std::size_t const bytes : block_sizes) trial.take(bytes);
        report.check(3, trial.apart(), "a block in use was given again");
        trial.fill(kept);
        report.check(3, trial.whole(), "after `acquire`");
    }
    {
        constexpr std::size_t bytes = 1024;
        pool_trial<Pool>      trial{report};
        std::size_t           taken = 0;
        while (taken < bytes_max && trial.take(bytes)) taken += bytes;
        trial.fill();
        report.check(4, trial.whole(), "a block in use was given again");
        if (taken < bytes_max) {
            std::size_t const before = trial.count();
            for (int i = 0; i < 3; ++i) trial.take(block_bytes_max);
            trial.fill(before);
            report.check(4, trial.whole());
        } else {
            report.excuse(4, "it does not come to an end");
        }
    }
    if (report.broken(1) || report.broken(2) || report.broken(3) || report.broken(4)) {
        // The library would stumble over its blocks.
        report.excuse(5, "the blocks are not sound");
        report.excuse(6, "the blocks are not sound");
        return report;
    }
    constexpr std::size_t size_class = size_class_of(1024);
    {
        counted_source<Pool> source;
        depot                all{source};
        taken_chains         chains{all, size_class};
        std::size_t const    most = bytes_max / block_sizes[size_class];
        std::size_t const    had = chains.take(most);
        if (had < most) {
            chains.give_back();
            report.check(5, chains.take(had) == had);
        } else {
            report.excuse(5, "it does not come to an end");
        }
    }
    if constexpr (Pool::chains_kept < 4096) {
        counted_source<Pool> source;
        {
            depot                 all{source};
            taken_chains          chains{all, size_class};
            constexpr std::size_t more = 3;
            constexpr std::size_t length = chain_length(size_class);
            std::size_t const     had = chains.take((Pool::chains_kept + more) * length);
            chains.give_back();
            if (had == (Pool::chains_kept + more) * length) {
                report.check(6, source.released == more * length);
            } else {
                report.excuse(6, "it has too little memory for so many");
            }
        }
        report.check(6, source.released == source.acquired, "not everything came back at the end");
    } else {
        report.excuse(6, "all are kept");
    }
    return report;
}

}  // namespace troupe::inline TROUPE_ABI
