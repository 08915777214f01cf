#!/bin/sh
# faults.sh CLANG: Clang's thread-safety analysis says nothing of the headers as they are, and finds every fault of
# faults.txt in a copy of them.
set -eu
if [ -z "${1:-}" ]; then
    echo "no clang++ here: nothing looks at the locks"
    exit 77
fi
clang=$1
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
include=$here/../../include
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0 found=0
strip() { printf '%s' "$1" | sed 's/^ *//; s/ *$//'; }

# look INCLUDE: what Clang says
look() { LC_ALL=C "$clang" -std=c++20 -Wthread-safety -Wthread-safety-beta -fsyntax-only -I "$1" "$here/whole.cpp" 2>&1; }
fresh() {
    rm -rf "$work/include"
    cp -r "$include" "$work/include"
}
plant() { # FILE SED
    cp "$work/include/troupe/$1" "$work/before"
    sed -i -e "$2" "$work/include/troupe/$1"
    ! cmp -s "$work/before" "$work/include/troupe/$1" || complain "changes nothing: $1: $2"
}
complain() {
    echo "$1"
    failed=1
}
expect() { # WHAT PATTERN, in $work/said
    if grep -Eq -e "$2" "$work/said"; then found=$((found + 1)); else complain "not found: $1: $2"; fi
}
# rows KIND: calls `row FILE SED PATTERN` for each
rows() {
    while IFS='|' read -r kind file edit pattern; do
        [ "$(strip "$kind")" = "$1" ] || continue
        row "$(strip "$file")" "$(strip "$edit")" "$(strip "$pattern")"
    done <"$here/faults.txt"
}

if ! look "$include" >"$work/said" || [ -s "$work/said" ]; then
    complain "the headers as they are:"
    cat "$work/said"
fi

fresh
row() { plant "$1" "$2"; }
rows warning
look "$work/include" >"$work/said" || complain "the headers with the faults of kind warning do not compile"
row() { expect "$1" "troupe/$1:[0-9:]+ warning: $3"; }
rows warning
[ $failed -eq 0 ] || cat "$work/said"

row() {
    fresh
    plant "$1" "$2"
    if look "$work/include" >"$work/said"; then complain "compiles: $1: $2"; else expect "$1" "error: .*$3"; fi
}
rows error

echo "$found faults found by $clang $("$clang" -dumpversion)"
exit $failed
