// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/ref.hpp"

#include "support/systems.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <type_traits>
#include <unordered_set>
#include <vector>

namespace test_ref {

using namespace troupe_test;

struct put {
    int n;
};
struct get {};
struct clear {};

class box {
public:
    using protocol = troupe::protocol<void(put), int(get), void(clear)>;
    void on(put p) { n_ = p.n; }
    int  on(get) const { return n_; }
    void on(clear) { n_ = 0; }

private:
    int n_ = 0;
};

class picky {
public:
    using protocol = troupe::protocol<void(put)>;
    using mailbox_type = troupe::bounded_mailbox<1, troupe::overflow::fail>;
    void on(put) {}
};

using reader = troupe::protocol<int(get)>;
using writer = troupe::protocol<void(put), void(clear)>;

// References are values.
static_assert(sizeof(troupe::ref<box>) == 16);
static_assert(std::is_trivially_copyable_v<troupe::ref<box>>);
static_assert(std::is_nothrow_default_constructible_v<troupe::ref<box>>);

// Narrowing goes one way.
static_assert(std::is_convertible_v<troupe::ref<box>, troupe::ref<reader>>);
static_assert(std::is_convertible_v<troupe::ref<box>, troupe::ref<writer>>);
static_assert(std::is_convertible_v<troupe::ref<box>, troupe::ref<troupe::protocol<>>>);
static_assert(std::is_convertible_v<troupe::ref<writer>, troupe::ref<troupe::protocol<void(put)>>>);
static_assert(!std::is_convertible_v<troupe::ref<reader>, troupe::ref<box>>);
static_assert(!std::is_convertible_v<troupe::ref<reader>, troupe::ref<writer>>);
static_assert(!std::is_constructible_v<troupe::ref<box>, troupe::ref<reader>>);
// The reply belongs to the signature.
static_assert(!std::is_convertible_v<troupe::ref<box>, troupe::ref<troupe::protocol<long(get)>>>);
static_assert(!std::is_convertible_v<troupe::ref<box>, troupe::ref<troupe::protocol<int(put)>>>);

// Who may refuse says so, and nobody forgets it on the way.
static_assert(std::is_same_v<decltype(troupe::ref<picky>{}.send(put{1})), troupe::send_status>);
static_assert(std::is_void_v<decltype(troupe::ref<box>{}.send(put{1}))>);
static_assert(!std::is_convertible_v<troupe::ref<picky>, troupe::ref<troupe::protocol<void(put)>>>);
static_assert(std::is_convertible_v<troupe::ref<picky>,
                                    troupe::ref<troupe::protocol<void(put)>, troupe::refusable>>);
static_assert(std::is_convertible_v<troupe::ref<box>, troupe::ref<box, troupe::refusable>>);
static_assert(!std::is_convertible_v<troupe::ref<box, troupe::refusable>, troupe::ref<box>>);

TEST_CASE("a reference that was narrowed reaches the same actor") {
    fixture<simulated>        f;
    auto const                a = f.system.spawn<box>();
    troupe::ref<reader> const r = a;
    troupe::ref<writer> const w = a;
    w.send(put{5});
    CHECK(r.ask(get{}).get() == 5);
    troupe::ref<troupe::protocol<void(clear)>> const narrower = w;
    narrower.send(clear{});
    CHECK(r.ask(get{}).get() == 0);
    CHECK(r.identity() == a.identity());
}

TEST_CASE("references compare, hash and order by identity, in the order of creation") {
    fixture<simulated>            f;
    std::vector<troupe::ref<box>> made;
    for (int i = 0; i < 100; ++i) made.push_back(f.system.spawn<box>());
    CHECK(std::is_sorted(made.begin(), made.end()));
    CHECK(std::adjacent_find(made.begin(), made.end()) == made.end());
    std::unordered_set<troupe::ref<box>> hashed(made.begin(), made.end());
    CHECK(hashed.size() == 100);
    CHECK(hashed.count(made[42]) == 1);
    std::map<troupe::ref<box>, int> ordered;
    for (int i = 0; i < 100; ++i) ordered[made[static_cast<std::size_t>(i)]] = i;
    CHECK(ordered.size() == 100);
    CHECK(ordered.at(made[99]) == 99);
    troupe::ref<box> copy = made[3];
    CHECK(copy == made[3]);
    CHECK(copy != made[4]);
    CHECK((copy <=> made[4]) == std::strong_ordering::less);
    CHECK(std::hash<troupe::ref<box>>{}(copy) == std::hash<troupe::ref<box>>{}(made[3]));
    CHECK(hashed.count(troupe::ref<box>{}) == 0);
}

TEST_CASE("a null reference is false, equal to another, and before every actor") {
    fixture<simulated>     f;
    troupe::ref<box> const none;
    auto const             a = f.system.spawn<box>();
    CHECK_FALSE(none);
    CHECK(a);
    CHECK(none == troupe::ref<box>{});
    CHECK(none != a);
    CHECK(none < a);
    CHECK(none.identity() == 0);
    troupe::ref<reader> const narrowed = none;
    CHECK_FALSE(narrowed);
}

class nursery {
public:
    using protocol = troupe::protocol<troupe::ref<box>(get)>;
    troupe::ref<box> on(get, troupe::context<nursery>& self) { return self.spawn<box>(); }
};

TEMPLATE_TEST_CASE("a reference to a dead actor does not reach its successor in the same cell", "",
                   one_worker, run_loop, simulated) {
    fixture<TestType> f;
    auto const cell_of = [](auto const& r) { return troupe::detail::ref_access::cell_of(r); };
    auto const n = f.system.template spawn<nursery>();
    auto const old = n.ask(get{}).get();
    f.system.stop(old);
    f.settle();
    std::vector<troupe::ref<box>> next;
    bool                          reused = false;
    for (int i = 0; i < 500 && !reused; ++i) {
        next.push_back(n.ask(get{}).get());
        reused = cell_of(next.back()) == cell_of(old);
    }
    REQUIRE(reused);
    CHECK(next.back() != old);
    CHECK(old < next.back());
    CHECK(old.try_send(put{7}) == troupe::send_status::no_target);
    old.send(put{8});
    CHECK(old.ask(get{}).result().error().code() == troupe::ask_errc::target_gone);
    f.system.stop(old);  // nor does a stop
    CHECK(next.back().ask(get{}).get() == 0);
    CHECK(f.settle().dropped_by(troupe::drop_cause::dead) == 3);
}

TEST_CASE("an override of refusability at the spawn shows in the reference") {
    fixture<simulated> f;
    auto const refuses = f.system.spawn<box, troupe::bounded_mailbox<1, troupe::overflow::fail>>();
    STATIC_REQUIRE(std::is_same_v<decltype(refuses), troupe::ref<box, troupe::refusable> const>);
    CHECK(refuses.send(put{1}) == troupe::send_status::accepted);
    CHECK(refuses.send(put{2}) == troupe::send_status::full);
    auto const keeps = f.system.spawn<picky, troupe::unbounded_mailbox>();
    STATIC_REQUIRE(std::is_same_v<decltype(keeps), troupe::ref<picky, troupe::sure> const>);
    STATIC_REQUIRE(std::is_void_v<decltype(keeps.send(put{1}))>);
    auto const plain =
        f.system.spawn<box, troupe::bounded_mailbox<3, troupe::overflow::drop_oldest>>();
    STATIC_REQUIRE(std::is_same_v<decltype(plain), troupe::ref<box> const>);
    CHECK(f.settle().dropped_by(troupe::drop_cause::refused) == 1);
}

}  // namespace test_ref
