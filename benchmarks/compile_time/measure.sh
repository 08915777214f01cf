#!/bin/sh
# measure.sh PEER: what it costs to compile the program of a peer that lies beside this file, and with `troupe` also what
# one more type of actor with five messages costs. Seconds of CPU time, as `value compile_time/<case>/<peer> <number>`.
# Respects CXX. No cache of a compiler takes part.
set -eu
peer=$1
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$here/../..
cxx=${CXX:-g++}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export CCACHE_DISABLE=1 LC_ALL=C

# seconds COMMAND...: user and system time of a command
seconds() {
    ("$@" >&2 || exit 1; times) | awk 'NR == 2 {
        for (i = 1; i <= 2; ++i) { split($i, part, "m"); sub("s", "", part[2]); sum += part[1] * 60 + part[2] }
        print sum }'
}
size() { # stripped
    strip -o "$1.stripped" "$1"
    wc -c <"$1.stripped"
}
value() { printf 'value compile_time/%s/%s %s\n' "$1" "$peer" "$2"; }

# A program with that many types of actors, each of which takes five types of messages.
actors() {
    awk -v types="$1" 'BEGIN {
        print "#include <troupe/troupe.hpp>"
        for (t = 0; t < types; ++t) {
            print "namespace n" t " {"
            for (m = 0; m < 5; ++m) print "struct m" m " { int value; };"
            print "class actor {\npublic:\n    using protocol = troupe::protocol<void(m0), void(m1), void(m2), int(m3), int(m4)>;"
            for (m = 0; m < 5; ++m) print "    " (m < 3 ? "void" : "int") " on(m" m " m) { " (m < 3 ? "" : "return ") "sum_ += m.value; }"
            print "private:\n    int sum_ = 0;\n};\n}"
        }
        print "int main() {\n    troupe::system system;"
        for (t = 0; t < types; ++t) {
            print "    auto a" t " = system.spawn<n" t "::actor>();"
            for (m = 0; m < 3; ++m) print "    a" t ".send(n" t "::m" m "{1});"
            for (m = 3; m < 5; ++m) print "    static_cast<void>(a" t ".ask(n" t "::m" m "{1}).get());"
        }
        print "}"
    }'
}

case $peer in
troupe | mutex_deque | limit)
    value hello "$(seconds $cxx -std=c++20 -O2 -pthread -I "$root/include" "$here/$peer.cpp" -o "$dir/hello")"
    ;;
caf)
    value hello "$(seconds $cxx -std=c++17 -O2 -pthread "$here/caf.cpp" -o "$dir/hello" -lcaf_core)"
    ;;
go)
    # The standard library is compiled before, as it is for C++.
    export GOCACHE="$dir/cache" GOFLAGS=-mod=mod
    go build -o "$dir/hello" "$here/go.go"
    sed 's/add/sum/g' "$here/go.go" >"$dir/again.go"
    value hello "$(seconds go build -o "$dir/hello" "$dir/again.go")"
    ;;
*) echo "measure.sh: unknown peer '$peer'" >&2; exit 2 ;;
esac
value hello_program "$(size "$dir/hello")"

if [ "$peer" = troupe ]; then
    actors 1 >"$dir/one.cpp"
    actors 11 >"$dir/eleven.cpp"
    for optimized in -O2 -O0; do
        one=$(seconds $cxx -std=c++20 $optimized -pthread -I "$root/include" -c "$dir/one.cpp" -o "$dir/actors.o")
        eleven=$(seconds $cxx -std=c++20 $optimized -pthread -I "$root/include" -c "$dir/eleven.cpp" -o "$dir/actors.o")
        name=one_more_actor_type
        [ $optimized = -O2 ] || name=${name}_O0
        value $name "$(echo "$one $eleven" | awk '{ printf "%.4f", ($2 - $1) / 10 }')"
    done
fi
