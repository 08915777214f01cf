#!/bin/sh
# metrics.sh PROGRAM: prints an exposition with its own numbers and the library's, which promtool finds clean.
set -u
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
timeout 60 "$1" >"$dir/text" 2>"$dir/errors" || { echo "exit code $?"; cat "$dir/errors"; exit 1; }
for line in 'shop_orders_total{till="1"} 1000' 'shop_actors_failed_total{type="till"} 1' \
    'shop_messages_dropped_total{cause="dead"} 1' 'shop_asks_total{outcome="answered"} 1' \
    'shop_messages_sent_total 1003' 'shop_messages_handled_total 1002'; do
    grep -Fqx -e "$line" "$dir/text" || { echo "there is no line '$line' in:"; cat "$dir/text"; exit 1; }
done
if ! command -v promtool >/dev/null 2>&1; then
    echo 'promtool is not here (Debian: prometheus): the text was not shown to it'
    exit 77
fi
promtool check metrics <"$dir/text"
