// SPDX-License-Identifier: BSL-1.0
#pragma once

// Plots as SVG: bars that lie, in groups, with whiskers from the least to the most; and panels with
// lines. Every plot has a title, axes with units, and a legend.

#include <cmath>
#include <map>

#include "results.hpp"

namespace tools::bench {

/// An image that is written from top to bottom.
class svg {
public:
    svg(double width, double height) : width_(width), height_(height) {}

    void rect(double x, double y, double w, double h, std::string const& style) {
        add("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"1.5\" %s/>\n", x, y, w,
            h, style.c_str());
    }
    void line(double x1, double y1, double x2, double y2, std::string const& style) {
        add("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>\n", x1, y1, x2, y2,
            style.c_str());
    }
    void circle(double x, double y, double r, std::string const& style) {
        add("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" %s/>\n", x, y, r, style.c_str());
    }
    void path(std::vector<std::pair<double, double>> const& points, std::string const& style) {
        std::string d;
        for (auto const& [x, y] : points) {
            char point[64];
            std::snprintf(point, sizeof point, "%s%.1f %.1f", d.empty() ? "M" : " L", x, y);
            d += point;
        }
        body_ += "<path d=\"" + d + "\" fill=\"none\" " + style + "/>\n";
    }
    /// `anchor`: start, middle or end.
    void text(double x, double y, std::string const& words, char const* anchor = "start",
              char const* style = "") {
        std::string safe;
        for (char const c : words) {
            if (c == '<') safe += "&lt;";
            else if (c == '&') safe += "&amp;";
            else safe += c;
        }
        add("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" %s>", x, y, anchor, style);
        body_ += safe + "</text>\n";
    }
    std::string whole(std::string const& title) const {
        char head[600];
        std::snprintf(head, sizeof head,
                      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
                      "viewBox=\"0 0 %.0f %.0f\" font-family=\"DejaVu Sans, Helvetica, Arial, "
                      "sans-serif\" font-size=\"12\" fill=\"#222\">\n",
                      width_, height_, width_, height_);
        return std::string{head} + "<title>" + title +
               "</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n" + body_ +
               "</svg>\n";
    }

private:
    template <class... Values>
    void add(char const* format, Values... values) {
        char text[400];
        std::snprintf(text, sizeof text, format, values...);
        body_ += text;
    }

    double      width_, height_;
    std::string body_;
};

/// Ours in blue, rivals in colours of their own, limits without one.
inline std::string colour_of(std::string const& peer) {
    static std::map<std::string, std::string> const known = {
        {"stealing_1", "#86b4e0"},  {"stealing_2", "#2c6fb3"},  {"stealing_4", "#12416f"},
        {"run_loop", "#38a3a5"},    {"caf_1", "#f4b56a"},       {"caf_2", "#dd7c1b"},
        {"caf", "#dd7c1b"},         {"go_1", "#a8cf8e"},        {"go_2", "#5b9a3c"},
        {"go", "#5b9a3c"},          {"mutex_deque", "#9b8f86"}, {"mutex_deque_2", "#9b8f86"},
        {"two_systems", "#7b5ea7"}, {"troupe", "#2c6fb3"},      {"constant", "#2c6fb3"},
        {"limit", "#555555"},
    };
    if (auto const found = known.find(peer); found != known.end()) return found->second;
    if (family_of(peer) == family::limit) return "#555555";
    if (starts_with(peer, "caf")) return "#dd7c1b";
    if (starts_with(peer, "go")) return "#5b9a3c";
    return "#7b5ea7";
}
/// Limits are hollow: nobody's bar, the edge of what the machine can do.
inline std::string fill_of(std::string const& peer) {
    if (family_of(peer) == family::limit) {
        std::string const tint = peer.find("48") != std::string::npos   ? "#dddddd"
                                 : peer.find("64") != std::string::npos ? "#c4c4c4"
                                                                        : "#f5f5f5";
        return "fill=\"" + tint + "\" stroke=\"#555\" stroke-width=\"1\" stroke-dasharray=\"3 2\"";
    }
    return "fill=\"" + colour_of(peer) + "\"";
}

/// A number at an axis: no more digits than it needs.
inline std::string tick_text(double n) {
    if (n >= 10) return shown(n).substr(0, shown(n).find('.'));
    char text[40];
    std::snprintf(text, sizeof text, "%g", n);
    return text;
}

/// From values to places on an axis; ticks at round numbers.
class scale {
public:
    scale(double least, double most, bool logarithmic, double from, double to)
        : log_(logarithmic), from_(from), to_(to) {
        if (log_) {
            low_ = std::floor(std::log10(least) + 1e-9);
            high_ = std::ceil(std::log10(most) - 1e-9);
            if (high_ <= low_) high_ = low_ + 1;
            for (double e = low_; e <= high_; ++e) ticks.push_back(std::pow(10, e));
        } else {
            double step = std::pow(10, std::floor(std::log10(most / 4)));
            for (double const times : {1., 2., 5., 10.}) {
                if (most / (step * times) <= 6) {
                    step *= times;
                    break;
                }
            }
            high_ = std::ceil(most / step - 1e-9) * step;
            for (double at = 0; at <= high_ * 1.001; at += step) ticks.push_back(at);
        }
    }
    double operator()(double value) const {
        double const at = log_ ? std::log10(value) : value;
        return from_ + (to_ - from_) * (at - low_) / (high_ - low_);
    }

    std::vector<double> ticks;

private:
    bool   log_;
    double low_ = 0, high_ = 1;
    double from_, to_;
};

/// Legend entries from left to right, in as many lines as they need; the height they took.
inline double legend(svg& to, double x, double y, double width,
                     std::vector<std::string> const& peers, bool lines = false,
                     bool by_threads = false) {
    double at = x, row = y;
    for (std::string const& peer : peers) {
        std::string words = readable(peer);
        if (by_threads) words = words.substr(0, words.find(','));

        double const wide = 34 + 6.9 * static_cast<double>(words.size());
        if (at + wide > x + width && at > x) {
            at = x;
            row += 20;
        }
        if (lines) {
            to.line(at, row + 6, at + 16, row + 6,
                    "stroke=\"" + colour_of(peer) + "\" stroke-width=\"2.5\"");
            to.circle(at + 8, row + 6, 3.2, "fill=\"" + colour_of(peer) + "\"");
        } else {
            to.rect(at, row, 13, 12, fill_of(peer));
        }
        to.text(at + 20, row + 10.5, words);
        at += wide;
    }
    return row - y + 20;
}

/// Ours first, then the rivals, then the limits.
inline bool stands_before(std::string const& a, std::string const& b) {
    if (family_of(a) != family_of(b)) return family_of(a) < family_of(b);
    static std::vector<std::string> const order = {
        "stealing_1", "stealing_2", "stealing_4", "run_loop", "caf_1",      "caf_2",
        "caf",        "go_1",       "go_2",       "go",       "mutex_deque"};
    auto const at_a = std::find(order.begin(), order.end(), a);
    auto const at_b = std::find(order.begin(), order.end(), b);
    return at_a != at_b ? at_a < at_b : a < b;
}

inline void remember(std::vector<std::string>& peers, std::string const& peer) {
    if (std::find(peers.begin(), peers.end(), peer) == peers.end()) peers.push_back(peer);
}

/// Bars in groups.
struct bar_plot {
    struct bar {
        std::string peer;
        double      value, least, most;
    };
    struct group {
        std::string      label;
        std::vector<bar> bars;
    };

    std::string        title;
    std::string        axis;  // what, and its unit
    bool               logarithmic = false;
    std::vector<group> groups;

    std::string draw() const {
        constexpr double         width = 920, left = 210, right = 150, thick = 13, gap = 3;
        std::vector<std::string> peers;
        double                   height = 0, least = HUGE_VAL, most = 0;
        for (group const& g : groups) {
            height += static_cast<double>(g.bars.size()) * (thick + gap) + 16;
            for (bar const& b : g.bars) {
                remember(peers, b.peer);
                least = std::min(least, b.value);
                most = std::max(most, b.most);
            }
        }
        if (groups.empty()) return {};
        std::sort(peers.begin(), peers.end(), stands_before);
        svg          measuring{0, 0};
        double const legend_height = legend(measuring, 24, 0, width - 48, peers);
        double const top = 56 + legend_height;
        svg          s{width, top + height + 58};
        s.text(24, 32, title, "start", "font-size=\"17\" font-weight=\"bold\"");
        legend(s, 24, 48, width - 48, peers);
        scale const x{least / 1.5, most, logarithmic, left, width - right};
        for (double const tick : x.ticks) {
            s.line(x(tick), top, x(tick), top + height, "stroke=\"#e2e2e2\"");
            s.text(x(tick), top + height + 18, tick_text(tick), "middle", "fill=\"#555\"");
        }
        s.line(left, top + height, width - right, top + height, "stroke=\"#555\"");
        s.text((left + width - right) / 2, top + height + 42,
               axis + (logarithmic ? " (logarithmic)" : ""), "middle");
        double y = top + 8;
        for (group const& g : groups) {
            double const middle = y + static_cast<double>(g.bars.size()) * (thick + gap) / 2;
            s.text(left - 12, middle + 3, g.label, "end", "font-weight=\"bold\"");
            for (bar const& b : g.bars) {
                double const end = x(b.value);
                s.rect(left, y, std::max(end - left, 1.0), thick, fill_of(b.peer));
                double label = end;
                if (b.most > b.least) {
                    double const      low = logarithmic ? std::max(b.least, x.ticks[0]) : b.least;
                    std::string const thin = "stroke=\"#222\" stroke-width=\"1\"";
                    s.line(x(low), y + thick / 2, x(b.most), y + thick / 2, thin);
                    s.line(x(low), y + 3.5, x(low), y + thick - 3.5, thin);
                    s.line(x(b.most), y + 3.5, x(b.most), y + thick - 3.5, thin);
                    label = x(b.most);
                }
                s.text(label + 6, y + thick - 2.5, shown(b.value), "start", "font-size=\"11\"");
                y += thick + gap;
            }
            y += 16;
        }
        s.line(left, top, left, top + height, "stroke=\"#555\"");
        return s.whole(title);
    }
};

/// Small plots with lines, two or three in a row, which share their axes.
struct line_plot {
    struct series {
        std::string         peer;
        std::vector<double> values;  // one per step; NAN where there is none
    };
    struct panel {
        std::string         label;
        std::vector<series> lines;
    };

    std::string              title;
    std::string              x_axis, y_axis;
    std::vector<std::string> steps;  // along x
    bool                     logarithmic = false;
    std::vector<panel>       panels;
    std::vector<double>      ideal;               // a dotted line, if there is one
    bool                     by_threads = false;  // the legend leaves the number of threads out

    std::string draw() const {
        if (panels.empty()) return {};
        constexpr double         width = 920, cell = 290, high = 190, left = 64, top_gap = 34;
        std::vector<std::string> peers;
        double                   least = HUGE_VAL, most = 0;
        for (panel const& p : panels) {
            for (series const& l : p.lines) {
                remember(peers, l.peer);
                for (double const v : l.values) {
                    if (std::isnan(v)) continue;
                    least = std::min(least, v);
                    most = std::max(most, v);
                }
            }
        }
        for (double const v : ideal) most = std::max(most, v);
        svg          measuring{0, 0};
        double const legend_height = legend(measuring, 24, 0, width - 48, peers, true, by_threads);
        double const top = 56 + legend_height;
        std::size_t const rows = (panels.size() + 2) / 3;
        svg               s{width, top + static_cast<double>(rows) * (high + top_gap + 44) + 16};
        s.text(24, 32, title, "start", "font-size=\"17\" font-weight=\"bold\"");
        legend(s, 24, 48, width - 48, peers, true, by_threads);
        for (std::size_t i = 0; i < panels.size(); ++i) {
            double const x0 = left + static_cast<double>(i % 3) * cell;
            double const y0 = top + static_cast<double>(i / 3) * (high + top_gap + 44) + top_gap;
            double const x1 = x0 + cell - 66, y1 = y0 + high;
            scale const  y{least, most, logarithmic, y1, y0};
            auto const   x = [&](std::size_t step) {
                double const n = static_cast<double>(steps.size());
                return x0 + (x1 - x0) * (static_cast<double>(step) + 0.5) / n;
            };
            s.text((x0 + x1) / 2, y0 - 10, panels[i].label, "middle", "font-weight=\"bold\"");
            for (double const tick : y.ticks) {
                s.line(x0, y(tick), x1, y(tick), "stroke=\"#e2e2e2\"");
                s.text(x0 - 6, y(tick) + 4, tick_text(tick), "end",
                       "fill=\"#555\" font-size=\"11\"");
            }
            if (i % 3 == 0) {
                char turned[80];
                std::snprintf(turned, sizeof turned, "transform=\"rotate(-90 %.1f %.1f)\"", x0 - 48,
                              (y0 + y1) / 2);
                s.text(x0 - 48, (y0 + y1) / 2, y_axis + (logarithmic ? " (logarithmic)" : ""),
                       "middle", turned);
            }
            for (std::size_t step = 0; step < steps.size(); ++step) {
                s.text(x(step), y1 + 16, steps[step], "middle", "fill=\"#555\" font-size=\"11\"");
            }
            s.text((x0 + x1) / 2, y1 + 34, x_axis, "middle");
            s.line(x0, y1, x1, y1, "stroke=\"#555\"");
            s.line(x0, y0, x0, y1, "stroke=\"#555\"");
            if (!ideal.empty()) {
                std::vector<std::pair<double, double>> points;
                for (std::size_t k = 0; k < ideal.size(); ++k)
                    points.emplace_back(x(k), y(ideal[k]));
                s.path(points, "stroke=\"#999\" stroke-dasharray=\"2 4\"");
            }
            for (series const& l : panels[i].lines) {
                std::vector<std::pair<double, double>> points;
                for (std::size_t k = 0; k < l.values.size(); ++k) {
                    if (!std::isnan(l.values[k])) points.emplace_back(x(k), y(l.values[k]));
                }
                s.path(points, "stroke=\"" + colour_of(l.peer) + "\" stroke-width=\"2\"");
                for (auto const& [px, py] : points) {
                    s.circle(px, py, 3.2, "fill=\"" + colour_of(l.peer) + "\"");
                }
            }
        }
        return s.whole(title);
    }
};

}  // namespace tools::bench
