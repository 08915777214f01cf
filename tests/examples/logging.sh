#!/bin/sh
# logging.sh PROGRAM: each line on the standard output is one object of JSON with the labels; secrets are nowhere; what is worth a
# warning is for people on the standard error stream as well.
set -u
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
NO_COLOR=1 timeout 60 "$1" >"$dir/out" 2>"$dir/err" || { echo "exit code $?"; cat "$dir/out" "$dir/err"; exit 1; }
failed=0
wants() { # FILE COUNT PATTERN
    found=$(grep -c -e "$3" "$dir/$1")
    [ "$found" -eq "$2" ] || { echo "$1: wanted $2 times '$3', got $found:"; cat "$dir/$1"; failed=1; }
}
lines=$(wc -l <"$dir/out")
wants out "$lines" '^{"time":"[-0-9]*T[0-9:.]*Z","level":"[a-z]*","service":"bank","version":"1.2.0","environment":"example","event":".*}$'
wants out 1 '"event":"system started",.*"workers":1'
wants out 1 '"event":"open",.*"fields":{"tellers":1}}'
wants out 1 '"level":"warning",.*"event":"login",.*"fields":{"user":"bob","with":"\[secret\]","good":false}}'
wants out 1 '"event":"transferred",.*"path":"teller",.*"to":"alice \\"the rich\\"\\u001b\[31m","cents":500,"api_key":"\[secret\]"'
wants out 1 '"event":"actor failed",.*"detail":"nothing to transfer\\nto eve",'
wants out 2 '"event":"call completed",.*"path":"teller",.*"duration_ns":[0-9]*}'
wants out 1 '"event":"dead letter",'
wants out 1 '"event":"system stopped",.*"took_ns":[0-9]*}'
wants out 0 'not in the program'
wants err 3 ''
wants err 1 '^warning: login path=teller actor=teller message=login user=bob with=\[secret\] good=false$'
wants err 1 '^troupe error: actor failed path=teller actor=teller message=transfer detail="nothing to transfer\\nto eve" where=handler attempt=0$'
wants err 1 '^troupe warning: dead letter message=transfer detail=dead seen=1$'
for secret in hunter2 sesame 'never shown'; do wants out 0 "$secret"; wants err 0 "$secret"; done
exit $failed
