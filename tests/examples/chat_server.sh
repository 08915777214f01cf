#!/bin/sh
# chat_server.sh PROGRAM: a server and two clients, each a process; the server is killed and comes back. Over TCP, and
# again over TLS, where the programs have it.
set -u
server=$1
client=$(echo "$1" | sed 's/chat_server$/chat_client/')
[ -x "$client" ] || { echo "there is no $client"; exit 1; }
if [ -z "${CHAT_TLS:-}" ]; then
    certs=$(mktemp -d)
    trap 'rm -rf "$certs"' EXIT
    CHAT_TLS=none sh "$0" "$server" || exit 1
    "$server" --tls /nowhere </dev/null 2>&1 | grep -q 'built without OpenSSL' && { echo 'no TLS here'; exit 0; }
    tools/certs "$certs" >/dev/null || exit 77
    CHAT_TLS="--test --tls $certs" sh "$0" "$server"
    exit
fi
[ "$CHAT_TLS" != none ] || CHAT_TLS=''
scheme=tcp
[ -z "$CHAT_TLS" ] || scheme=tls
dir=$(mktemp -d)
# What the programs read stays open until this script closes it.
mkfifo "$dir/to_server" "$dir/to_ann" "$dir/to_bob" "$dir/to_second"
pids=''
# shellcheck disable=SC2086,SC2317  # words; called by trap
finish() { kill $pids 2>/dev/null; rm -rf "$dir"; }
trap finish EXIT
die() { echo "$1"; for f in server second ann bob; do echo "-- $f"; cat "$dir/$f" 2>/dev/null; done; exit 1; }
await() { # FILE WORDS: until the file has a line of these words; the watchdog of ctest ends a wait in vain
    tries=0
    until grep -qxF -e "$2" "$dir/$1" 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 30000 ] || die "'$2' was never printed by $1"
    done
}
# shellcheck disable=SC2086  # empty or words, here and below
"$server" $CHAT_TLS "$scheme://127.0.0.1:0" <"$dir/to_server" >"$dir/server" 2>&1 & pids="$pids $!"; first=$!
exec 3>"$dir/to_server"
tries=0
until grep -q '^listening at ' "$dir/server" 2>/dev/null; do
    tries=$((tries + 1)); [ $tries -lt 30000 ] || die 'the server does not listen'
done
at=$(sed -n 's/^listening at //p' "$dir/server")
"$client" $CHAT_TLS "$at" ann <"$dir/to_ann" >"$dir/ann" 2>&1 3>&- & pids="$pids $!"
exec 4>"$dir/to_ann"
await server '+ ann'
"$client" $CHAT_TLS "$at" bob <"$dir/to_bob" >"$dir/bob" 2>&1 3>&- 4>&- & pids="$pids $!"
exec 5>"$dir/to_bob"
await ann 'room: bob is here'
echo 'hello bob' >&4
await bob 'ann: hello bob'
echo 'hello ann' >&5
await ann 'bob: hello ann'

kill -9 $first
wait $first 2>/dev/null  # only now is its address free
"$server" $CHAT_TLS "$at" <"$dir/to_second" >"$dir/second" 2>&1 3>&- 4>&- 5>&- & pids="$pids $!"
exec 6>"$dir/to_second"
await second '+ ann'
await second '+ bob'
echo 'still there?' >&5
await ann 'bob: still there?'

exec 5>&-                     # bob's input ends
await second '- bob'
await ann 'room: bob has gone'
exec 4>&-
await second '- ann'
exit 0
