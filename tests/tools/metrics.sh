#!/bin/sh
# metrics.sh ROOT: tools/metrics --check passes a page with the catalogue of the code, and names what differs; without
# --check it writes it; --rules are rules that Prometheus takes.
set -eu
root=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/docs/reference"
cp -r "$root/tools" "$root/include" "$dir"
cp "$root/docs/reference/metrics.md" "$dir/docs/reference"
page=$dir/docs/reference/metrics.md
catalogue=$dir/include/troupe/observe/catalogue.hpp
failed=0

expect() { # STATUS TEXT WHAT ARGUMENTS...
    wanted=$1 text=$2 what=$3 status=0
    shift 3
    "$dir/tools/metrics" "$@" >"$dir/out" 2>&1 || status=$?
    if [ "$status" -ne "$wanted" ] || ! grep -q -e "$text" "$dir/out"; then
        echo "metrics, $what: wanted exit code $wanted and '$text', got $status and:"
        cat "$dir/out"
        failed=1
    fi
}

expect 0 'has the catalogue of observe/catalogue.hpp' 'the page of the project' --check
sed -i -e '/^| `timers_armed`/d' "$page"
expect 1 '> | `timers_armed` | gauge' 'a row that is missing in the page' --check
expect 0 'written' 'the same, written'
cmp -s "$page" "$root/docs/reference/metrics.md" || { echo 'metrics: the page was not written as it was'; failed=1; }
sed -i -e 's/Timers that are armed\./Armed timers./' "$catalogue"
expect 1 '> | `timers_armed` | gauge | Armed timers. |' 'a help text that has changed' --check
sed -i -e '/<!-- end of the table -->/d' "$page"
expect 1 'the two comments around the table are gone' 'a page without its marks'
expect 0 'alert: troupe_actors_failed_total' 'the rules' --rules
[ "$failed" -eq 0 ] || exit 1
if ! command -v promtool >/dev/null 2>&1; then
    echo 'promtool is not here (Debian: prometheus): the rules were not shown to it'
    exit 77
fi
"$root/tools/metrics" --rules >"$dir/rules.yml"
promtool check rules "$dir/rules.yml"
