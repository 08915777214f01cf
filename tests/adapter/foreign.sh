#!/bin/sh
# foreign.sh PEER CERTS: other programs that speak TLS, against ours over real sockets. Exit code 77: none is here.
# Nothing sleeps: programs are waited for, or read from. One that hangs is ended by the time it was given, and has failed.
set -eu
peer=$1 certs=$2
command -v openssl >/dev/null || { echo "there is no openssl program here"; exit 77; }
dir=$(mktemp -d)
server=''
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$dir"' EXIT
failed=0
expect() { # WHAT FILE TEXT
    if ! grep -q -F -e "$3" "$2"; then
        echo "$1: wanted '$3', got:"
        cat "$2"
        failed=1
    fi
}
# What the server says, from descriptor 3, up to a line like this.
heard() { # EXTENDED_REGEX
    : >"$dir/heard"
    while IFS= read -r line <&3; do
        printf '%s\n' "$line" >>"$dir/heard"
        if printf '%s\n' "$line" | grep -Eq -e "$1"; then return 0; fi
    done
    echo "the server ended before it said '$1':"
    cat "$dir/heard"
    exit 1
}
mkfifo "$dir/says"

# ---- s_client against our listener: good ones and bad ones after each other; it stops after the last
timeout 60 "$peer" serve "$certs" 9 >"$dir/says" 2>&1 &
server=$!
exec 3<"$dir/says"
heard '^[0-9]+$'
port=$line
# It ends when the server closes; its input stays open until then.
call() { # ARGS...
    rm -f "$dir/input"
    mkfifo "$dir/input"
    exec 4<>"$dir/input"
    echo "hello from outside" >&4
    timeout 20 openssl s_client -connect "127.0.0.1:$port" -quiet -servername localhost -verify_hostname localhost \
        -verify_return_error -CAfile "$certs/ca.pem" "$@" <&4 >"$dir/theirs" 2>"$dir/said" || true
    exec 4<&-
    heard '^(got|not secure|reset|closed): '
}
good="-cert $certs/client.pem -key $certs/client.key"
# shellcheck disable=SC2086  # lists of words
{
    call $good -alpn troupe/1
    expect 'TLS 1.3' "$dir/theirs" 'hello from outside'
    expect 'TLS 1.3' "$dir/heard" 'connected: client.test'
    call $good -alpn troupe/1 -tls1_2
    expect 'TLS 1.2' "$dir/theirs" 'hello from outside'
    call -alpn troupe/1
    expect 'no certificate' "$dir/heard" 'the client has shown no certificate'
    call -cert "$certs/other.pem" -key "$certs/other.key" -alpn troupe/1
    expect 'wrong authority' "$dir/heard" 'does not come from a trust root'
    call -cert "$certs/expired.pem" -key "$certs/expired.key" -alpn troupe/1
    expect 'expired' "$dir/heard" 'the certificate of the peer has expired'
    call $good -alpn troupe/1 -tls1_1 -cipher 'DEFAULT@SECLEVEL=0'
    expect 'TLS 1.1' "$dir/heard" 'does not speak TLS 1.2 or newer'
    call $good -alpn h2
    expect 'other protocol' "$dir/heard" 'here troupe/1; the client offers h2'
    call $good
    expect 'no protocol' "$dir/heard" 'the client offers none'
    call $good -alpn troupe/1
    expect 'good, after all of these' "$dir/theirs" 'hello from outside'
}
heard '^stopped$'
wait "$server" || { echo "the listener did not end well"; failed=1; }
server=''
exec 3<&-

# ---- our client against s_server
timeout 60 openssl s_server -accept 127.0.0.1:0 -naccept 1 -rev -cert "$certs/server.pem" -key "$certs/server.key" \
    -CAfile "$certs/ca.pem" -Verify 2 -verify_return_error -alpn troupe/1 >"$dir/says" 2>&1 &
server=$!
exec 3<"$dir/says"
heard '^ACCEPT .*:[0-9]+$'
port=${line##*:}
timeout 20 "$peer" connect "$certs" "$port" >"$dir/ours" 2>&1 || failed=1
expect 's_server' "$dir/ours" 'connected: localhost'
expect 's_server' "$dir/ours" 'got: sruo morf'
cat <&3 >/dev/null
wait "$server" || true # its exit code says nothing
server=''

[ "$failed" -eq 0 ] && echo "openssl s_client and s_server: as expected"
exit "$failed"
