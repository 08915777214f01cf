#!/bin/sh
# recipes.sh ROOT: tools/check recipes passes a kind that has all its pieces and names each one that is missing.
set -eu
root=$1
sh -c '. "${0%/*}/lib.sh" && tool recipes' "$root/tools/test"
recipes=$root/build/tools/recipes
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

file() { # PATH, the text on standard input
    mkdir -p "$(dirname "$dir/$1")"
    cat >"$dir/$1"
}
fresh() { # a kind `lamp` with two models, whole
    rm -rf "${dir:?}"/*
    file tools/recipes.txt <<'END'
# a comment
kind lamp: default dark
    model dark:  port/lamp.hpp
    model torch: room/torch.hpp   # by the way
END
    file include/troupe/port/lamp.hpp <<'END'
template <class Lamp>
concept lamp_shines = requires(Lamp& l) { l.shine(); };
template <class Lamp>
concept lamp_has_a_name = requires { Lamp::name; };
template <class Lamp>
concept lamp = lamp_shines<Lamp> && lamp_has_a_name<Lamp>;
template <class Lamp>
consteval bool explain_lamp() {
    static_assert(lamp_shines<Lamp>, "troupe: add `void shine(int)` to "
                                     "the lamp");
    static_assert(lamp_has_a_name<Lamp>, "troupe: add `name = \"...\"` to the lamp");
    return true;
}
struct dark {};
static_assert(lamp<dark>);
END
    file include/troupe/room/torch.hpp <<'END'
template <int N> struct torch {};
static_assert(lamp<torch<1>>);
END
    file include/troupe/testing.hpp <<'END'
#include "troupe/testing/archetype/lamp.hpp"
#include "troupe/testing/conformance/lamp.hpp"
END
    file include/troupe/testing/archetype/lamp.hpp <<'END'
struct lamp_archetype {};
static_assert(lamp<lamp_archetype>);
END
    file include/troupe/testing/conformance/lamp.hpp <<'END'
inline constexpr conformance_rule lamp_rules[] = {
    {1, "it gives `light`"},
    {2, "it says \"I am on\" when "
        "it is on"},
};
template <class Lamp>
conformance_report check_lamp() {
    conformance_report report{lamp_rules};
    report.check(1, true);
    report.excuse(2, "why");
    report.check(true ? 1 : 2, true);
    return report;
}
END
    file tests/conformance/lamp.cpp <<'END'
using troupe::lamp_archetype;
TEST_CASE("all") { check_lamp<dark>(); check_lamp<torch<2>>(); check_lamp<lamp_archetype>(); }
END
    file tests/compile_fail/port/lamp_shines.cpp <<'END'
// EXPECT: error: .*troupe: add `void shine\(int\)` to the lamp
END
    file tests/compile_fail/port/lamp_name.cpp <<'END'
// EXPECT: error: .*troupe: add `name = .*` to the lamp
END
    file docs/reference.md <<'END'
[lamp](reference/lamp.md)
END
    file docs/reference/lamp.md <<'END'
# lamp
## Purpose
Light.
## Requirements
Two.
## Rules
These.
1. it gives `light`. As much as there is.
2. it says "I am on"
   when it is on
## Exemplar
```cpp
## not a heading
```
## Models
`dark`, `torch`
## How to write yours
Well.
END
}
expect() { # STATUS TEXT WHAT
    status=0
    "$recipes" "$dir" >"$dir/out" 2>&1 || status=$?
    if [ "$status" -ne "$1" ] || ! grep -q -F -e "$2" "$dir/out"; then
        echo "recipes, $3: wanted exit code $1 and '$2', got $status and:"
        cat "$dir/out"
        failed=1
    fi
}
# without PATH SED TEXT: a whole kind but for this change is found, and nothing else is said of it
without() {
    fresh
    sed "$2" "$dir/$1" >"$dir/changed"
    if cmp -s "$dir/changed" "$dir/$1"; then echo "recipes: '$2' changes nothing in $1" && failed=1; fi
    mv "$dir/changed" "$dir/$1"
    expect 1 "lamp: $3" "$1, $2"
    if [ "$(wc -l <"$dir/out")" -ne 2 ]; then
        echo "recipes, $1, $2: more is said than what is missing:"
        cat "$dir/out"
        failed=1
    fi
}
gone() { # PATH TEXT
    fresh
    rm "$dir/$1"
    expect 1 "$2" "without $1"
}

fresh
expect 0 'recipes: 1 kinds, no piece is missing' 'a whole kind'

gone include/troupe/port/lamp.hpp 'lamp: include/troupe/port/lamp.hpp: the concept has no header'
gone include/troupe/room/torch.hpp 'lamp: include/troupe/room/torch.hpp: the model torch has no header'
gone include/troupe/testing/archetype/lamp.hpp 'lamp: include/troupe/testing/archetype/lamp.hpp: there is no archetype'
gone include/troupe/testing/conformance/lamp.hpp 'there is no conformance suite'
gone tests/conformance/lamp.cpp 'lamp: tests/conformance/lamp.cpp: nobody runs the suite'
gone tests/compile_fail/port/lamp_shines.cpp 'no file expects the text: troupe: add `void shine(int)` to the lamp'
gone docs/reference/lamp.md 'lamp: docs/reference/lamp.md: there is no page'

without include/troupe/port/lamp.hpp 's/concept lamp =/concept other =/' \
    'include/troupe/port/lamp.hpp: there is no `concept lamp`'
without include/troupe/port/lamp.hpp 's/concept lamp_[a-z_]*/bool x/' \
    'include/troupe/port/lamp.hpp: its requirements have no names'
without include/troupe/port/lamp.hpp 's/explain_lamp/explain_light/' \
    'include/troupe/port/lamp.hpp: there is no `explain_lamp<T>()`'
without include/troupe/port/lamp.hpp 's/^static_assert.*/\/\/ &/' \
    'include/troupe/port/lamp.hpp: there is no static_assert(lamp<dark>)'
without include/troupe/port/lamp.hpp 's/"the lamp"/"the candle"/' \
    'tests/compile_fail/: no file expects the text: troupe: add `void shine(int)` to the candle'
without tests/compile_fail/port/lamp_name.cpp 's/EXPECT: .*/EXPECT: .*troupe: /' \
    'tests/compile_fail/: no file expects the text: troupe: add `name = "..."` to the lamp'
without tools/recipes.txt 's/default dark/default sun/' 'the default sun is not among its models'
without include/troupe/room/torch.hpp 's/lamp</candle</' \
    'include/troupe/room/torch.hpp: there is no static_assert(lamp<torch>)'
without include/troupe/testing/archetype/lamp.hpp '/static_assert/d' \
    'include/troupe/testing/archetype/lamp.hpp: there is no static_assert(lamp<lamp_archetype>)'
without include/troupe/testing.hpp '/archetype/d' \
    'include/troupe/testing.hpp: does not include include/troupe/testing/archetype/lamp.hpp'
without include/troupe/testing/conformance/lamp.hpp 's/? 1 : 2/? 1 : 1/;s/excuse(2/excuse(3/' \
    'include/troupe/testing/conformance/lamp.hpp: nothing is checked about rule 2'
without tests/conformance/lamp.cpp 's/check_lamp<torch<2>>();//' \
    'tests/conformance/lamp.cpp: the suite is not run on torch'
without tests/conformance/lamp.cpp 's/check_lamp<lamp_archetype>();//' \
    'tests/conformance/lamp.cpp: the suite is not run on lamp_archetype'
without tests/conformance/lamp.cpp 's/check_lamp/look_at/g' 'tests/conformance/lamp.cpp: does not call check_lamp'
without docs/reference/lamp.md 's/^2\. it says/2. it cries/' \
    'docs/reference/lamp.md: rule 2 of the suite is: it says "I am on" when it is on'
without docs/reference/lamp.md 's/^## Exemplar/3. and more\n&/' 'docs/reference/lamp.md: the suite has no rule 3'
without docs/reference/lamp.md 's/^Light.//' 'docs/reference/lamp.md: nothing stands below `## Purpose`'
without docs/reference/lamp.md 's/^## Models/## Others/' 'docs/reference/lamp.md: no section `## Models`'
without docs/reference/lamp.md 's/`torch`//' 'docs/reference/lamp.md: torch does not stand among the models'
without docs/reference.md 's/reference/other/' 'docs/reference.md: does not lead to docs/reference/lamp.md'

fresh
sed '/^kind/d;/model/d' "$dir/tools/recipes.txt" >"$dir/changed" && mv "$dir/changed" "$dir/tools/recipes.txt"
expect 1 'lamp: its rows in tools/recipes.txt' 'a concept that nobody counts'
fresh
echo 'lamp torch' >"$dir/tools/recipes.txt"
expect 1 "recipes.txt:1: a row starts with 'kind NAME:' or 'model NAME:'" 'a row that is none'

[ $failed -eq 0 ] && echo 'recipes: every missing piece is named'
exit $failed
