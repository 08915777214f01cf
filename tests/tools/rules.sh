#!/bin/sh
# rules.sh ROOT: tools/tables --rules prints rules that Prometheus takes.
set -eu
root=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$root/tools/tables" --rules >"$dir/rules.yml"
grep -q 'alert: troupe_actors_failed_total' "$dir/rules.yml" || { echo 'the rules have no alarm of failed actors'; exit 1; }
if ! command -v promtool >/dev/null 2>&1; then
    echo 'promtool is not here (Debian: prometheus): the rules were not shown to it'
    exit 77
fi
promtool check rules "$dir/rules.yml"
