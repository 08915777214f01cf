#!/bin/sh
# custom_metrics_sink.sh PROGRAM: two batches, each with what has come since the one before.
set -u
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
timeout 60 "$1" >"$dir/text" 2>&1 || { echo "exit code $?"; cat "$dir/text"; exit 1; }
awk '/^---- batch/ { ++batch } batch == 2' "$dir/text" >"$dir/second"
for line in 'messages_sent_total:101|c' 'actors_alive:1|g'; do
    grep -Fqx -e "$line" "$dir/second" || { echo "the second batch has no line '$line':"; cat "$dir/text"; exit 1; }
done
if grep -q 'actors_spawned_total' "$dir/second"; then
    echo 'the second batch tells of the first one again:'
    cat "$dir/text"
    exit 1
fi
