// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/life.hpp"

#include "support/systems.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace test_life {

using namespace troupe_test;
using troupe::drop_cause;
using troupe::name;
using troupe::send_status;

/// Who has ended, in order; any thread.
class obituary {
public:
    void add(std::string const& who) {
        std::lock_guard const held{lock_};
        text_ += who;
        text_ += ' ';
    }
    std::string text() {
        std::lock_guard const held{lock_};
        return text_;
    }

private:
    std::mutex  lock_;
    std::string text_;
};

struct bear {
    std::string who;
};
struct end_child {
    std::size_t which;
};
struct end_yourself {};
struct ping {};

class member {
public:
    using protocol = troupe::protocol<void(bear), void(end_child), void(end_yourself), int(ping)>;
    member(obituary& o, std::string who) : obituary_(o), who_(std::move(who)) {}
    ~member() { obituary_.add(who_); }
    void on(bear const& b, troupe::context<member>& self) {
        children_.push_back(self.spawn<member>(obituary_, b.who));
    }
    void on(end_child e) { children_.at(e.which).send(end_yourself{}); }
    void on(end_yourself, troupe::context<member>& self) { self.stop(); }
    int  on(ping) { return 1; }

private:
    obituary&                        obituary_;
    std::string                      who_;
    std::vector<troupe::ref<member>> children_;
};

TEMPLATE_TEST_CASE("actors of a system end in the reverse order of their start", "",
                   TROUPE_TEST_SCHEDULERS) {
    obituary o;
    {
        fixture<TestType> f;
        for (char c = 'a'; c <= 'h'; ++c) {
            static_cast<void>(f.system.template spawn<member>(o, std::string(1, c)));
        }
    }
    CHECK(o.text() == "h g f e d c b a ");
}

// Several are put on the list of new children before its owner looks.
TEST_CASE("children that a root adopts all at once stand in the order of their start") {
    obituary o;
    {
        fixture<run_loop>                f;
        std::vector<troupe::ref<member>> all;
        for (char c = 'a'; c <= 'd'; ++c)
            all.push_back(f.system.spawn<member>(o, std::string(1, c)));
        f.system.run_until_idle();
        for (char c = 'e'; c <= 'h'; ++c)
            all.push_back(f.system.spawn<member>(o, std::string(1, c)));
        // One of those that nobody has linked yet, and one that was.
        f.system.stop(all[5]);
        f.system.stop(all[1]);
    }
    CHECK(o.text() == "f b h g e d c a ");
}

TEMPLATE_TEST_CASE("a child that has ended leaves its brothers and sisters in their order", "",
                   TROUPE_TEST_SCHEDULERS) {
    auto const family = [](std::vector<std::size_t> const& first) {
        obituary o;
        {
            fixture<TestType> f;
            auto const        a = f.system.template spawn<member>(o, "p");
            for (char c = '0'; c <= '4'; ++c) a.send(bear{std::string(1, c)});
            f.settle();
            for (std::size_t const i : first) {
                a.send(end_child{i});
                f.settle();
            }
            CHECK(f.settle().actors == 1 + 5 - first.size());
            a.send(bear{"new"});
            f.settle();
            f.system.stop(a);
            CHECK(f.settle().actors == 0);
        }
        return o.text();
    };
    CHECK(family({}) == "new 4 3 2 1 0 p ");
    CHECK(family({2}) == "2 new 4 3 1 0 p ");
    CHECK(family({0}) == "0 new 4 3 2 1 p ");
    CHECK(family({4}) == "4 new 3 2 1 0 p ");
    CHECK(family({1, 2}) == "1 2 new 4 3 0 p ");
    CHECK(family({0, 4}) == "0 4 new 3 2 1 p ");
    CHECK(family({3, 1, 2, 0, 4}) == "3 1 2 0 4 new p ");
}

struct down {
    int depth;
};
class generation {
public:
    using protocol = troupe::protocol<void(down)>;
    generation(std::atomic<int>& alive, std::atomic<int>& wrong) : alive_(alive), wrong_(wrong) {
        alive_.fetch_add(1);
    }
    ~generation() {
        // As many are left as are older.
        if (alive_.fetch_sub(1) != depth_) wrong_.fetch_add(1);
    }
    void on(down d, troupe::context<generation>& self) {
        depth_ = d.depth;
        if (d.depth == 10'000) return;
        self.spawn<generation>(alive_, wrong_).send(down{d.depth + 1});
    }

private:
    std::atomic<int>& alive_;
    std::atomic<int>& wrong_;
    int               depth_ = 0;
};

TEMPLATE_TEST_CASE("a chain of ten thousand generations ends, the youngest first", "",
                   TROUPE_TEST_KINDS) {
    std::atomic<int>  alive{0};
    std::atomic<int>  wrong{0};
    fixture<TestType> f;
    auto const        a = f.system.template spawn<generation>(alive, wrong);
    a.send(down{1});
    CHECK(f.settle().actors == 10'000);
    f.system.stop(a);
    CHECK(f.settle().actors == 0);
    CHECK(alive.load() == 0);
    CHECK(wrong.load() == 0);
}

// ---- what happens to messages

struct note {
    int what;
};
class diary {
public:
    using protocol = troupe::protocol<void(note)>;
    explicit diary(std::vector<int>& seen) : seen_(seen) {}
    void on(note n, troupe::context<diary>& self) {
        if (n.what < 0) {
            self.stop();
            // Too late: it is queued, and its actor will not handle it.
            self.ref().send(note{99});
        }
        seen_.push_back(n.what);  // the handler that runs comes to its end
    }

private:
    std::vector<int>& seen_;
};

TEMPLATE_TEST_CASE("an actor that stops ends its handler, and handles nothing after it", "",
                   TROUPE_TEST_DRIVEN) {
    std::vector<int>  seen;
    fixture<TestType> f;
    auto const        a = f.system.template spawn<diary>(seen);
    for (int const what : {1, 2, -1, 3, 4}) a.send(note{what});
    auto const books = f.settle();
    CHECK(seen == std::vector<int>{1, 2, -1});
    CHECK(books.handled == 3);
    CHECK(books.dropped_by(drop_cause::dead) == 3);
    CHECK(books.actors == 0);
}

TEMPLATE_TEST_CASE("an actor whose children are ending takes no message any more", "",
                   TROUPE_TEST_DRIVEN) {
    obituary          o;
    fixture<TestType> f;
    auto const        a = f.system.template spawn<member>(o, "p");
    for (int i = 0; i < 10; ++i) a.send(bear{"c"});
    f.settle();
    f.system.stop(a);
    int living = 0;
    while (f.system.poll_one()) {
        if (o.text().empty() || f.system.books().actors == 0) continue;
        ++living;
        CHECK(a.try_send(ping{}) == send_status::no_target);
    }
    CHECK(living > 0);  // it was seen between the first child's end and its own
    CHECK(f.settle().actors == 0);
}

// ---- what the end itself may do

class last_words {
public:
    using protocol = troupe::protocol<void(note)>;
    using target = troupe::protocol<void(note)>;
    last_words(troupe::ref<target> to, int words) : to_(to), words_(words) {}
    ~last_words() {
        for (int i = 0; i < words_; ++i) to_.send(note{i});
    }
    void on(note) {}

private:
    troupe::ref<target> to_;
    int                 words_;
};
class small_ear {
public:
    using protocol = troupe::protocol<void(note)>;
    using mailbox_type = troupe::bounded_mailbox<2>;
    explicit small_ear(std::vector<int>& seen) : seen_(seen) {}
    void on(note n) { seen_.push_back(n.what); }

private:
    std::vector<int>& seen_;
};

template <class Ref>
std::uint64_t ref_control(Ref const& r) {
    return troupe::detail::ref_access::cell_of(r)->control.load();
}

TEMPLATE_TEST_CASE("a destructor may send, to a full mailbox too, and is not muted by it", "",
                   TROUPE_TEST_DRIVEN) {
    std::vector<int>  seen;
    fixture<TestType> f;
    auto const        ear = f.system.template spawn<small_ear>(seen);
    auto const        a = f.system.template spawn<last_words>(ear, 10);
    auto const        before = f.settle();
    f.system.stop(a);
    auto const books = f.settle();
    CHECK(seen == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    CHECK(books.actors == 1);
    CHECK(books.blocks < before.blocks);  // nothing of its waits is left
    CHECK((ref_control(ear) & troupe::detail::control::waiters) == 0);
}

class echo {
public:
    using protocol = troupe::protocol<void(note)>;
    explicit echo(send_status& told) : told_(told) {}
    ~echo() {
        me_.send(note{1});
        told_ = me_.try_send(note{2});
    }
    void started(troupe::context<echo>& self) { me_ = self.ref(); }
    void on(note) {}

private:
    troupe::ref<echo> me_;
    send_status&      told_;
};

TEMPLATE_TEST_CASE("a destructor that sends to its own actor makes dead letters", "",
                   TROUPE_TEST_KINDS) {
    send_status       told = send_status::accepted;
    fixture<TestType> f;
    auto const        a = f.system.template spawn<echo>(told);
    f.system.stop(a);
    CHECK(f.settle().dropped_by(drop_cause::dead) == 2);
    CHECK(told == send_status::no_target);
}

// ---- the count

TEMPLATE_TEST_CASE("the actor that is gone is not counted, and its name is free before it is", "",
                   TROUPE_TEST_SCHEDULERS) {
    obituary          o;
    fixture<TestType> f;
    for (int round = 0; round < 50; ++round) {
        auto const a = f.system.template spawn<member>(name{"one"}, o, "x");
        CHECK(a.ask(ping{}).get() == 1);
        f.system.stop(a);
        await([&] {
            if constexpr (TestType::driven) f.system.poll_one();
            return f.system.books().actors == 0;
        });
    }
}

}  // namespace test_life
