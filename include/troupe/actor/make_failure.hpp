// SPDX-License-Identifier: BSL-1.0
#pragma once

// How a failure is made: its words and its path are put together on the stack, then the record is
// written, once, and the log and the metrics sink are told. Where the pool has no block the log has
// the words all the same. Nothing comes from the heap, unless an error is looked at that is not the
// one being handled, as one that is nested in it: that can only be done by throwing it.

#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <string_view>
#include <typeinfo>

#include "troupe/actor/failure.hpp"
#include "troupe/actor/logging.hpp"
#include "troupe/actor/path.hpp"

#if TROUPE_HAS_EXCEPTION_TYPES
#include <cxxabi.h>
#endif

namespace troupe::inline TROUPE_ABI::detail {

static_assert(failure_path_max == path_max);

/// What is known where something has failed. The first two must be given; texts need live no longer
/// than the call, but `message`, which is the name of a type.
struct failure_facts {
    cell&              who;  // the caller is its owner, or spawns it
    failed_in          where;
    std::string_view   message{};
    std::string_view   words{};  // what was not thrown; else they stand before the words of `error`
    std::exception_ptr error{};
    /// The same, where it was caught as one: saves throwing it again.
    std::exception const* thrown = nullptr;
    failure               cause{};
    std::uint32_t         attempt = 0;
    bool                  shared_with_asker = false;  // its asker gets `error` too
    cell const*           parent = nullptr;           // of one that was not given its parent yet
    std::uint64_t         incarnation = 0;            // of one whose cell does not say it any more
};

/// What a failure says of itself, in a fixed place and cut at the end, and what exactly was thrown.
class failure_words {
public:
    explicit failure_words(failure_facts const& facts) noexcept;

    std::string_view view() const noexcept { return {text_, length_}; }
    /// For a log, which does not show causes otherwise: whose failure it was, and its words.
    void add_cause(failure const& cause) noexcept {
        say(cause.path());
        say(cause.what());
    }
    /// Null: nothing was thrown, or it is not known.
    std::type_info const* type() const noexcept { return type_; }

private:
    static constexpr std::string_view no_words = "not a std::exception";

    void say(std::string_view part) noexcept;
    void say(std::exception const& thrown) noexcept {
        char const* const what = thrown.what();
        if (what != nullptr) say(std::string_view{what});
    }
    std::exception_ptr        say_one(std::exception_ptr const& thrown, bool outermost) noexcept;
    static std::exception_ptr nested_in(std::exception const& handled) noexcept;
    void                      note_type_of_handled() noexcept;
    void                      append(std::string_view part) noexcept;

    std::size_t           length_ = 0;
    bool                  full_ = false;
    std::type_info const* type_ = nullptr;
    char                  text_[failure_words_max];
};

TROUPE_COLD inline failure_words::failure_words(failure_facts const& facts) noexcept {
    say(facts.words);
    std::exception_ptr next = facts.error;
    bool               outermost = true;
#if TROUPE_HAS_EXCEPTION_TYPES
    if (facts.thrown != nullptr) {
        if (facts.error == std::current_exception()) note_type_of_handled();
        say(*facts.thrown);
        next = nested_in(*facts.thrown);
        outermost = false;
    }
#endif
    // Bounded, should a chain without words lead back to itself: each level else has a byte.
    for (std::size_t level = 0; next != nullptr && !full_ && level < failure_words_max; ++level) {
        next = say_one(next, outermost);
        outermost = false;
    }
}

/// Gives what is nested in it.
TROUPE_COLD inline std::exception_ptr
failure_words::say_one([[maybe_unused]] std::exception_ptr const& thrown,
                       [[maybe_unused]] bool                      outermost) noexcept {
#if TROUPE_HAS_EXCEPTIONS
    bool const handled = thrown == std::current_exception();
    try {
        if (handled) throw;  // allocates nothing; the other does
        std::rethrow_exception(thrown);
    } catch (std::exception const& e) {
        if (outermost) note_type_of_handled();
        say(e);
        return nested_in(e);
    } catch (std::nested_exception const& e) {
        if (outermost) note_type_of_handled();
        say(no_words);
        return e.nested_ptr();
    } catch (...) {
        if (outermost) note_type_of_handled();
        say(no_words);
    }
#endif
    return {};
}

inline std::exception_ptr
failure_words::nested_in([[maybe_unused]] std::exception const& handled) noexcept {
#if TROUPE_HAS_EXCEPTION_TYPES
    auto const* const outer = dynamic_cast<std::nested_exception const*>(&handled);
    return outer == nullptr ? std::exception_ptr{} : outer->nested_ptr();
#elif TROUPE_HAS_EXCEPTIONS
    try {
        throw;
    } catch (std::nested_exception const& e) { return e.nested_ptr(); } catch (...) {
        return {};
    }
#else
    return {};
#endif
}

inline void failure_words::note_type_of_handled() noexcept {
#if TROUPE_HAS_EXCEPTION_TYPES
    type_ = abi::__cxa_current_exception_type();
#endif
}

inline void failure_words::say(std::string_view part) noexcept {
    if (part.empty()) return;
    if (length_ != 0) append(": ");
    append(part);
}

TROUPE_COLD inline void failure_words::append(std::string_view part) noexcept {
    if (full_) return;
    std::size_t const room = failure_words_max - length_;
    length_ += part.copy(text_ + length_, room);
    if (part.size() <= room) return;
    full_ = true;
    std::size_t end = length_ - text_cut.size();
    while (end != 0 && inside_character(text_[end])) --end;
    length_ = end + text_cut.copy(text_ + end, text_cut.size());
}

/// A record to be filled, or null.
inline failure_record* take_failure_record(core& home, worker* w) noexcept {
    void* const memory = home.take_block(w, failure_class);
    if (memory == nullptr) return nullptr;
    home.hold();
    return new (memory) failure_record{home};
}

/// The chain that begins with `r`, counted, but `most` of it at most. Others may hold all of a
/// chain, so the near part is written again, without the far end; it ends earlier where memory has
/// run out.
TROUPE_COLD inline failure_record* keep_chain(core& home, worker* w, failure_record* r,
                                              unsigned most) noexcept {
    if (r == nullptr || most == 0) return nullptr;
    if (r->causes < most) {
        r->hold();
        return r;
    }
    failure_record* const copy = take_failure_record(home, w);
    if (copy == nullptr) return nullptr;
    // Two records have the error now: see failure_record::end(). relaxed: as there
    r->shared.store(true, memory_order_relaxed);
    copy->shared.store(true, memory_order_relaxed);
    copy->told = r->told;
    copy->put(copy->path, copy->path_length, {r->path, r->path_length});
    copy->put(copy->words, copy->words_length, {r->words, r->words_length});
    copy->set_cause(keep_chain(home, w, r->cause, most - 1));
    return copy;
}

/// None: the pool has no block. `w` is the calling worker of this system, or null. The caller is
/// inside of the system and holds no lock.
TROUPE_COLD inline failure make_failure(core& home, worker* w, failure_facts const& facts,
                                        failure_words const& said) noexcept {
    failure_record* const r = take_failure_record(home, w);
    if (r == nullptr) return {};
    cell& c = facts.who;
    // relaxed: the caller owns the actor, and nobody else has the record yet
    std::uint64_t const incarnation =
        facts.incarnation != 0 ? facts.incarnation : c.incarnation.load(memory_order_relaxed);
    r->told = {
        facts.where,   facts.attempt, &c,          incarnation, c.ops.load(memory_order_relaxed),
        facts.message, home.now(),    facts.error, said.type()};
    r->put(r->path, r->path_length, actor_path{c, facts.parent}.view());
    r->put(r->words, r->words_length, said.view());
    // relaxed: as above
    r->shared.store(facts.shared_with_asker, memory_order_relaxed);
    r->set_cause(keep_chain(home, w, failure_access::record_of(facts.cause), failure_causes_max));
    return failure_access::adopt(r);
}
inline failure make_failure(core& home, worker* w, failure_facts const& facts) noexcept {
    return make_failure(home, w, facts, failure_words{facts});
}

/// As make_failure(), and tells the log and the metrics sink: each once, and also where there was
/// no block. For one thing that has gone wrong this is called once, whatever follows from it.
TROUPE_COLD inline failure tell_failure(core& home, worker* w, failure_facts const& facts,
                                        log_event event = log_event::actor_failed) noexcept {
    failure_words said{facts};
    failure       made = make_failure(home, w, facts, said);
    said.add_cause(facts.cause);
    home.tell(event, {.who = &facts.who,
                      .message = facts.message,
                      .detail = said.view(),
                      .why = made ? &made : nullptr,
                      .fields = {{"where", facts.where}, {"attempt", facts.attempt}}});
    home.tell_failed(made);
    return made;
}

}  // namespace troupe::inline TROUPE_ABI::detail
