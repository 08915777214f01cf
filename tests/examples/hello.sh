#!/bin/sh
# hello.sh PROGRAM: the first program of README.md is examples/hello.cpp, and prints what README.md says, byte for byte.
set -u
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
awk '/^#include/ { on = 1 } on' examples/hello.cpp >"$dir/kept"
awk '/^```/ { if (on) exit; on = $0 == "```cpp"; next } on' README.md >"$dir/shown"
cmp -s "$dir/kept" "$dir/shown" || { echo 'README.md and examples/hello.cpp differ:'; diff "$dir/kept" "$dir/shown"; exit 1; }
awk '/^```/ { if (on) exit; on = $0 == "```text"; next } on' README.md >"$dir/promised"
timeout 60 "$1" >"$dir/printed" 2>&1 || { echo "exit code $?"; cat "$dir/printed"; exit 1; }
cmp -s "$dir/promised" "$dir/printed" || { echo 'it prints something else than README.md says:'; diff "$dir/promised" "$dir/printed"; exit 1; }
