// SPDX-License-Identifier: BSL-1.0
#pragma once

// What went wrong, as one value: the same for those who decide, for those who watch, for the log
// and for the metrics sink. It stands in a record, one block of the system's pool, that is written
// once (actor/make_failure.hpp) and then only read and counted. The last copy gives the block back.

#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include "troupe/actor/any_ref.hpp"
#include "troupe/actor/core.hpp"
#include "troupe/base/counted_handle.hpp"
#include "troupe/base/errors.hpp"
#include "troupe/base/time.hpp"
#include "troupe/config/exceptions.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/memory/size_class.hpp"
#include "troupe/sync/atomic.hpp"

namespace troupe::inline TROUPE_ABI {

/// Where something went wrong.
enum class failed_in : std::uint8_t {
    handler,
    signal,       ///< on(terminated)
    constructor,  ///< of a restart; at the first start it is a spawn_error
    child,        ///< a declared child did not start, at a restart
    started,      ///< at a restart
    restarting,   ///< the hook; the restart goes on
    stopping,     ///< the hook threw or was cut at its deadline; the stop goes on
    stopped,      ///< the hook; the stop goes on
    hand_back,    ///< the message is a dead letter; the stop goes on
    decider,      ///< on_failure threw; the verdict is `escalate`
    link,         ///< a linked actor has failed; `cause()` is its failure
    budget,       ///< more restarts than allowed; `cause()` is the last failure
    exit,         ///< no failure: a permanent child has ended itself
};

constexpr std::string_view to_string(failed_in where) noexcept {
    switch (where) {
        case failed_in::handler: return "handler";
        case failed_in::signal: return "signal";
        case failed_in::constructor: return "constructor";
        case failed_in::child: return "child";
        case failed_in::started: return "started";
        case failed_in::restarting: return "restarting";
        case failed_in::stopping: return "stopping";
        case failed_in::stopped: return "stopped";
        case failed_in::hand_back: return "hand_back";
        case failed_in::decider: return "decider";
        case failed_in::link: return "link";
        case failed_in::budget: return "budget";
        case failed_in::exit: return "exit";
    }
    return "?";
}

namespace detail {

/// The longest texts of a failure, in bytes. What is longer is cut and has "..." there.
inline constexpr std::size_t failure_path_max = 63;
inline constexpr std::size_t failure_words_max = 223;
/// How many causes stand behind a failure at most. Escalation through n generations would keep n.
inline constexpr unsigned failure_causes_max = 4;

/// Everything but the texts that are copied. The names are those of types, which stay.
struct failure_story {
    failed_in             where = failed_in::handler;
    std::uint32_t         attempt = 0;
    cell*                 who = nullptr;
    std::uint64_t         incarnation = 0;
    cell_ops const*       actor = nullptr;
    std::string_view      message{};
    time_point            time{};
    std::exception_ptr    error{};
    std::type_info const* type = nullptr;  // of the error, exactly; null: not known
};

/// One failure. Written before the first copy of its handle leaves the thread that makes it, read
/// by any; but for the count, and for `shared`.
struct failure_record {
    explicit failure_record(core& from) noexcept : home(from) {}

    atomic<std::uint32_t> holders{1};
    atomic<bool>          shared{false};  // somebody else has the error too: see end()
    std::uint8_t          causes = 0;     // how many stand behind it
    std::uint8_t          path_length = 0;
    std::uint8_t          words_length = 0;
    core&                 home;  // held; its pool gets the block back
    failure_record*       cause = nullptr;
    failure_story         told;
    char                  path[failure_path_max + 1];
    char                  words[failure_words_max + 1];

    void hold() noexcept {
        holders.fetch_add(1, memory_order_relaxed);  // relaxed: the caller has a copy
    }
    static void let_go(failure_record* r) noexcept;
    void        end() noexcept;
    /// Takes over one count of it.
    void set_cause(failure_record* r) noexcept {
        cause = r;
        causes = r == nullptr ? std::uint8_t{0} : static_cast<std::uint8_t>(r->causes + 1);
    }

    template <std::size_t Size>
    static void put(char (&to)[Size], std::uint8_t& length, std::string_view text) noexcept {
        put(to, Size - 1, length, text);
    }
    TROUPE_COLD static void put(char* to, std::size_t room, std::uint8_t& length,
                                std::string_view text) noexcept {
        length = static_cast<std::uint8_t>(text.copy(to, room));
        to[length] = '\0';
    }
};

inline constexpr std::uint8_t failure_class = size_class_of(sizeof(failure_record));
#if !defined(TROUPE_MODEL)
static_assert(sizeof(failure_record) <= 384 && failure_words_max <= UINT8_MAX);
#endif

/// One copy less of this and, if it was the last, of its causes.
TROUPE_COLD inline void failure_record::let_go(failure_record* r) noexcept {
    // acq_rel: the last one sees what all others have read, and takes it away
    while (r != nullptr && r->holders.fetch_sub(1, memory_order_acq_rel) == 1) {
        failure_record* const next = r->cause;
        r->end();
        r = next;
    }
}

/// Nobody holds it: from any thread, also when its system has ended.
TROUPE_COLD inline void failure_record::end() noexcept {
    core& from = home;
    if constexpr (TROUPE_HAS_TSAN == 1) {
        // The error is not let go of when others have it: the runtime's own count says who is the
        // last and destroys it, but it is not compiled with ThreadSanitizer, which would take that
        // for a race. The copy made here is never destroyed.
        // relaxed: let_go() has ordered it
        alignas(std::exception_ptr) std::byte kept[sizeof(std::exception_ptr)];
        if (shared.load(memory_order_relaxed)) new (kept) std::exception_ptr(told.error);
    }
    this->~failure_record();
    from.give_block(from.worker_here(), this, failure_class);
    from.release();
}

template <class Error>
inline constexpr bool is_type_of_an_error = std::is_object_v<Error> && !std::is_array_v<Error> &&
                                            !std::is_const_v<Error> && !std::is_volatile_v<Error>;

template <class Actor>
inline constexpr bool is_class_of_an_actor =
    std::is_class_v<Actor> && !is_protocol<Actor> && actor_names_a_protocol<Actor> &&
    !std::is_const_v<Actor> && !std::is_volatile_v<Actor>;

/// What a handler for another type may catch too.
template <class Error>
consteval bool catches_other_types() {
    if constexpr (std::is_class_v<Error>) return !std::is_final_v<Error>;
    else return std::is_pointer_v<Error> || std::is_member_pointer_v<Error>;
}

/// By throwing it again.
template <class Error>
TROUPE_COLD bool is_caught_as([[maybe_unused]] std::exception_ptr const& error) noexcept {
#if TROUPE_HAS_EXCEPTIONS
    try {
        std::rethrow_exception(error);
    } catch (Error const&) { return true; } catch (...) {
        return false;
    }
#else
    return false;
#endif
}

}  // namespace detail

/// A handle to a record in the pool of the system; copying counts and allocates nothing. Any thread
/// may use any copy. A copy keeps the memory of the system, not the system. None where there was no
/// memory for the record: then texts are empty and numbers zero.
class failure {
public:
    /// None.
    constexpr failure() noexcept = default;
    failure(failure const& other) noexcept : record_(other.record_) {
        if (record_ != nullptr) record_->hold();
    }
    failure(failure&& other) noexcept : record_(std::exchange(other.record_, nullptr)) {}
    // Not one that takes a value: for `f = {}` in a template clang 16 does not destroy it.
    failure& operator=(failure const& other) noexcept { return *this = failure{other}; }
    failure& operator=(failure&& other) noexcept {
        failure taken{std::move(other)};
        std::swap(record_, taken.record_);
        return *this;
    }
    ~failure() {
        if (record_ != nullptr) detail::failure_record::let_go(record_);
    }
    explicit operator bool() const noexcept { return record_ != nullptr; }

    /// What was thrown is an `Error`, or has it as a base class. The exact type costs a comparison,
    /// a base class throws it once more, which may allocate from the heap.
    template <class Error>
    bool is() const noexcept;
    /// What was thrown, to be read only: its asker may have it too. Empty where nothing was thrown.
    std::exception_ptr error() const noexcept;

    failed_in where() const noexcept { return told(&detail::failure_story::where); }
    /// Its words, with those of nested exceptions: "no account: disk full". At most 223 bytes, cut
    /// at the end; a zero byte stands behind them. All texts live as long as a copy.
    std::string_view what() const noexcept {
        return record_ == nullptr ? "" : std::string_view{record_->words, record_->words_length};
    }
    /// The type of the message; empty outside of handlers.
    std::string_view message() const noexcept { return told(&detail::failure_story::message); }
    /// The type of the actor.
    std::string_view actor() const noexcept {
        return record_ == nullptr ? "" : record_->told.actor->actor_name;
    }
    /// "bank/ledger", "bank/teller#17": without a name an actor is its type, without namespaces,
    /// and its number. At most 63 bytes, cut in front; a zero byte stands behind them.
    std::string_view path() const noexcept {
        return record_ == nullptr ? "" : std::string_view{record_->path, record_->path_length};
    }
    any_ref who() const noexcept {
        if (record_ == nullptr) return {};
        return detail::ref_access::make<any_ref>(*record_->told.who, record_->told.incarnation);
    }
    /// 0: the object of the spawn; n: the n-th restart.
    std::uint32_t attempt() const noexcept { return told(&detail::failure_story::attempt); }
    /// On the system's clock.
    time_point time() const noexcept { return told(&detail::failure_story::time); }
    /// What led to it: the failure of a child (escalate, budget), of a linked actor, of what the
    /// decider was asked about. None: it began here. Of a longer chain the last 4 are kept.
    failure cause() const noexcept;

    /// The actor that failed is an `Actor`.
    template <class Actor>
    bool came_from() const noexcept {
        static_assert(detail::is_class_of_an_actor<Actor>,
                      "troupe: name the class of the actor, as for spawn: came_from<teller>() (and "
                      "define it before)");
        return record_ != nullptr && record_->told.actor->actor == detail::id_of<Actor>;
    }

private:
    friend struct detail::failure_access;
    /// Takes over one count.
    explicit failure(detail::failure_record* record) noexcept : record_(record) {}

    template <class Value>
    Value told(Value detail::failure_story::* what) const noexcept {
        return record_ == nullptr ? Value{} : record_->told.*what;
    }

    detail::failure_record* record_ = nullptr;
};

namespace detail {

struct failure_access {
    static failure         adopt(failure_record* r) noexcept { return failure{r}; }
    static failure_record* record_of(failure const& f) noexcept { return f.record_; }

    static constexpr counted_handle::operations counted = {
        [](void* r) noexcept { static_cast<failure_record*>(r)->hold(); },
        [](void* r) noexcept { failure_record::let_go(static_cast<failure_record*>(r)); }};
    /// The error of a spawn tells this failure from now on.
    static void attach(spawn_error& to, failure const& why) noexcept {
        to.why_ = counted_handle{why.record_, counted};
    }
    static failure attached(spawn_error const& to) noexcept {
        auto* const r = static_cast<failure_record*>(to.why_.get());
        if (r != nullptr) r->hold();
        return failure{r};
    }
};

}  // namespace detail

template <class Error>
bool failure::is() const noexcept {
    static_assert(detail::is_type_of_an_error<Error>,
                  "troupe: ask for the type that is thrown, without const and reference: "
                  "is<std::runtime_error>()");
    if (record_ == nullptr || record_->told.error == nullptr) return false;
#if TROUPE_HAS_EXCEPTION_TYPES
    if (std::type_info const* const exact = record_->told.type) {
        if (*exact == typeid(Error)) return true;
        if constexpr (!detail::catches_other_types<Error>()) return false;
    }
#endif
    return detail::is_caught_as<Error>(record_->told.error);
}

inline std::exception_ptr failure::error() const noexcept {
    if constexpr (TROUPE_HAS_TSAN == 1) {
        // relaxed: read by the last one, whom let_go() orders after this
        if (record_ != nullptr) record_->shared.store(true, detail::memory_order_relaxed);
    }
    return told(&detail::failure_story::error);
}

inline failure failure::cause() const noexcept {
    if (record_ == nullptr || record_->cause == nullptr) return {};
    record_->cause->hold();
    return failure{record_->cause};
}

inline failure spawn_error::failure() const noexcept {
    return detail::failure_access::attached(*this);
}

static_assert(sizeof(failure) == sizeof(void*));
static_assert(std::is_nothrow_copy_assignable_v<failure>);

}  // namespace troupe::inline TROUPE_ABI
