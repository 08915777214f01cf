// SPDX-License-Identifier: BSL-1.0
// A service that logs as programs that collect logs want it: JSON on the standard output, with its
// labels, without secrets; and what concerns people on the standard error stream.

#include <troupe/troupe.hpp>

#include <stdexcept>
#include <string>

using troupe::log_level;

struct labels {
    static constexpr char const* service = "bank";
    static constexpr char const* version = "1.2.0";
    static constexpr char const* environment = "example";
};

struct login {
    std::string                 user;
    troupe::secret<std::string> password;
};
struct transfer {
    std::string to;
    long        cents;
};

// The door of the service: its calls are told, each with how long it took.
class teller {
public:
    using protocol = troupe::protocol<bool(login), void(transfer)>;
    static constexpr log_level log_floor = log_level::info;

    explicit teller(troupe::secret<std::string> password) : password_(std::move(password)) {}
    bool on(login const& l, troupe::context<teller>& self) {
        bool const good = l.password == password_;
        self.log(good ? log_level::info : log_level::warning, "login",
                 {{"user", l.user}, {"with", l.password}, {"good", good}});
        return good;
    }
    void on(transfer const& t, troupe::context<teller>& self) {
        if (t.cents <= 0) throw std::invalid_argument{"nothing to transfer\nto " + t.to};
        self.log<log_level::debug>("below the floor of this class: not in the program");
        self.log(log_level::info, "transferred",
                 {{"to", t.to}, {"cents", t.cents}, {"api_key", "never shown"}});
    }

private:
    troupe::secret<std::string> password_;
};

struct config : troupe::defaults {
    using scheduler_type = troupe::run_loop_scheduler;
    using log_type = troupe::tee_log<troupe::production_log_of<labels>, troupe::console_log>;
};

int main() {
    troupe::basic_system<config> system;
    system.log(log_level::info, "open", {{"tellers", 1}});
    auto const t =
        system.spawn<teller>(troupe::name{"teller"}, troupe::secret<std::string>{"open sesame"});
    t.ask(login{"bob", troupe::secret<std::string>{"hunter2"}}).get();
    t.send(transfer{"alice \"the rich\"\x1b[31m", 500});
    t.send(transfer{"eve", -1});
    system.run_until_idle();
    t.send(transfer{"nobody", 1});  // a dead letter
}
