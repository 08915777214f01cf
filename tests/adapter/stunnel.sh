#!/bin/sh
# stunnel.sh PEER CERTS: nodes that know no TLS talk to nodes that do, with stunnel between them, in both roles. Exit
# code 77: stunnel is not here. Nothing sleeps; what hangs is ended by the time it was given, and has failed.
set -u
peer=$1 certs=$2
stunnel=''
for name in stunnel4 stunnel; do
    command -v $name >/dev/null && { stunnel=$name; break; }
done
[ -n "$stunnel" ] || { echo 'stunnel is not here (Debian: stunnel4)'; exit 77; }
dir=$(mktemp -d)
pids=''
# shellcheck disable=SC2086,SC2317  # words; called by trap
finish() { exec 3>&- 4>&-; [ -z "$pids" ] || kill $pids 2>/dev/null; wait; rm -rf "$dir"; }
trap finish EXIT
failed=0
expect() { # WHAT FILE TEXT
    grep -q -F -e "$3" "$2" || { echo "$1: wanted '$3', got:"; cat "$2"; failed=1; }
}
# Until FILE has a line with these words: the watchdog of ctest ends a wait in vain.
await() { # FILE EXTENDED_REGEX PID
    until grep -Eq -e "$2" "$1" 2>/dev/null; do
        kill -0 "$3" 2>/dev/null || grep -Eq -e "$2" "$1" || { echo "it ended before it said '$2':"; cat "$1"; exit 1; }
    done
}
# A node that serves, and says where in $at.
serve() { # NAME PLACE HOW...
    name=$1
    shift
    mkfifo "$dir/$name.in"
    "$peer" serve "$@" <"$dir/$name.in" >"$dir/$name" 2>&1 &
    pids="$pids $!"
    case $name in tls) exec 3>"$dir/$name.in" ;; *) exec 4>"$dir/$name.in" ;; esac
    serving=$!
    await "$dir/$name" '^at ' $serving
    at=$(sed -n 's/^at //p' "$dir/$name")
}
# stunnel, with its settings from standard input.
tunnel() { # NAME LINE_WHEN_READY
    { echo 'foreground = yes'; echo 'pid ='; echo 'debug = info'; echo 'TIMEOUTclose = 0'; cat; } >"$dir/$1.conf"
    "$stunnel" "$dir/$1.conf" >"$dir/$1" 2>&1 &
    last=$!
    pids="$pids $last"
    await "$dir/$1" "$2" $last
}
ask() { # NAME PLACE HOW...: what comes of it is in a file of this name
    ask_name=$1
    shift
    timeout 60 "$peer" ask "$@" >"$dir/$ask_name" 2>&1 || true
}

# ---- stunnel as a client, before a plain node, to a node that speaks TLS and leaves open what is spoken inside
serve tls tls://127.0.0.1:0 tls "$certs" server ca -
port=${at##*:} node=$serving
client() { # NAME CERTIFICATE ROOTS
    tunnel "$1" 'Accepting new connections' <<END
[client]
client = yes
accept = $dir/$1.socket
connect = 127.0.0.1:$port
cert = $certs/$2.pem
key = $certs/$2.key
CAfile = $certs/$3.pem
verifyChain = yes
checkHost = localhost
END
}
client good client ca
ask plain "unix://$dir/good.socket" plain
expect 'stunnel as a client' "$dir/plain" 'answer: 5'
await "$dir/tls" 'link up: client.test' $node
client stranger other ca
ask refused "unix://$dir/stranger.socket" plain
expect 'a client of another authority' "$dir/refused" 'handshake failed'
await "$dir/tls" 'does not come from a trust root' $node
client suspicious client other-ca
ask mistrusted "unix://$dir/suspicious.socket" plain
expect 'a client that trusts another authority' "$dir/mistrusted" 'handshake failed'
await "$dir/tls" 'the peer refuses us' $node

# ---- stunnel as a server, before a plain node, for a node that speaks TLS
serve plain_server "unix://$dir/plain.socket" plain
tunnel server 'Accepting new connections' <<END
[server]
accept = 127.0.0.1:0
connect = $dir/plain.socket
cert = $certs/server.pem
key = $certs/server.key
CAfile = $certs/ca.pem
verifyChain = yes
END
port=$(sed -n 's/.*bound to 127\.0\.0\.1:\([0-9]*\).*/\1/p' "$dir/server" | tail -n 1)
ask answered "tls://127.0.0.1:$port" tls "$certs" client ca -
expect 'stunnel as a server' "$dir/answered" 'answer: 5'
ask wrong_ca "tls://127.0.0.1:$port" tls "$certs" client other-ca -
expect 'a server of another authority' "$dir/wrong_ca" 'does not come from a trust root'
ask no_protocol "tls://127.0.0.1:$port" tls "$certs" client ca troupe/1
expect 'a server that knows no ALPN' "$dir/no_protocol" 'no protocol in common'
ask again "tls://127.0.0.1:$port" tls "$certs" client ca -
expect 'stunnel, after all of these' "$dir/again" 'answer: 5'

[ "$failed" -eq 0 ] && echo "$("$stunnel" -version 2>&1 | grep -o "^stunnel [0-9.]*"), as client and as server: as expected"
exit "$failed"
