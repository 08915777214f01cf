#!/bin/sh
# graceful_shutdown.sh PROGRAM: drains at SIGTERM, from itself and from outside; names a handler that is stuck.
set -u
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() { echo "graceful_shutdown: $1"; cat "$dir/out"; exit 1; }
well='caught signal 15, draining
stopping: 1000 orders written
stopped: the front is closed
all has ended'

timeout 60 "$1" --self >"$dir/out" 2>&1 || fail "--self: exit code $?"
[ "$(cat "$dir/out")" = "$well" ] || fail '--self: printed something else'

mkfifo "$dir/line"
timeout 60 "$1" >"$dir/line" 2>&1 &
program=$!
exec 3<"$dir/line"
read -r first <&3
kill -TERM "$program" # timeout hands it on
cat <&3 >"$dir/out"
wait "$program"
[ "$first" = 'working, until SIGTERM' ] || fail "it began with: $first"
[ "$(cat "$dir/out")" = "$well" ] || fail 'from outside: printed something else'

if timeout 60 "$1" --stuck >"$dir/out" 2>&1; then fail '--stuck: exit code 0'; fi
grep -q '^still there: front: front, running, in hang' "$dir/out" || fail '--stuck: the handler is not named'
grep -q '^the time is over$' "$dir/out" || fail '--stuck: it says nothing of the time'
