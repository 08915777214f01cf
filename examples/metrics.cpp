// SPDX-License-Identifier: BSL-1.0
// A shop that shows its numbers as Prometheus reads them: those of the library and two of its own.
// An HTTP server would answer a scrape with the same two lines: collect(), and write().

#include <troupe/troupe.hpp>

#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>

struct export_choices : troupe::prometheus_defaults {
    static constexpr std::string_view prefix = "shop";
};
struct config : troupe::defaults {
    using metrics_type = troupe::basic_prometheus_sink<export_choices>;
    using log_type = troupe::null_log;
};

struct order {
    int cents;
};
struct revenue {};

class till {
public:
    using protocol = troupe::protocol<void(order), long(revenue)>;

    explicit till(troupe::metric_counter& orders) : orders_(orders) {}
    void on(order o) {
        if (o.cents <= 0) throw std::invalid_argument{"an order of nothing"};
        orders_.add();
        cents_ += o.cents;
    }
    long on(revenue) const { return cents_; }

private:
    troupe::metric_counter& orders_;
    long                    cents_ = 0;
};

int main() {
    troupe::basic_system<config> system;
    // A wrong name, or one too many, is an error with words.
    auto const orders = system.metrics().counter("orders_total", "Orders taken.", {"till", "1"});
    if (!orders) {
        std::fprintf(stderr, "%s\n", orders.error().what());
        return 1;
    }
    auto const t = system.spawn<till>(*orders.value());
    for (int i = 1; i <= 1000; ++i) t.send(order{i});
    if (t.ask(revenue{}).get() != 500'500) return 1;
    t.send(order{0});  // fails, and that is a number, too
    system.wait_idle();
    t.send(order{1});  // to nobody

    system.collect();
    std::string text;
    system.metrics().write(text);
    std::fputs(text.c_str(), stdout);
}
