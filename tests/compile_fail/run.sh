#!/bin/sh
# run.sh COMPILER CASE.cpp INCLUDE_DIR...: CASE must not compile, and one of the first error lines must say why.
# run.sh --ahead DIR COMPILER INCLUDE_DIR...: compiles troupe.hpp, once for all cases that include it: most of their time.
# They find it if TROUPE_AHEAD is DIR.
#
# Head of a case:
#   // EXPECT: <extended regular expression>   each such line must match one of the first lines
#   // FLAGS: <compiler flags>                 added to the call
#   // ONLY: gcc|clang                         the other family does not run it
# "First lines" = the first line that contains `error:` and the eight after it.
set -eu
if [ "$1" = --no-compiler ]; then # what CMake registers instead, so that the gap is seen
    echo "no compiler of the $2 family here: its compile_fail cases are not run"
    exit 77
fi
ahead=''
if [ "$1" = --ahead ]; then
    ahead=$2 compiler=$3
    shift 3
else
    compiler=$1 case=$2
    shift 2
fi
for dir in "$@"; do # in place, so that folders with blanks stay whole
    set -- "$@" -I "$dir"
    shift
done

if [ -n "$ahead" ]; then
    rm -rf "$ahead"
    mkdir -p "$ahead"
    echo '#include <troupe/troupe.hpp>' >"$ahead/first.hpp"
    # Both compilers look for this name when they are told to include first.hpp.
    exec "$compiler" -std=c++20 "$@" -x c++-header "$ahead/first.hpp" -o "$ahead/first.hpp.gch"
fi

patterns=$(sed -n 's,^// EXPECT: *,,p' "$case")
if [ -z "$patterns" ]; then
    echo "$case: no '// EXPECT: <pattern>' line at its head"
    exit 1
fi
broken=$(sed -n '/^\/\/ EXPECT:/{n;/^\/\/ \(EXPECT\|FLAGS\|ONLY\):/!{/^\/\//p;};}' "$case")
if [ -n "$broken" ]; then
    echo "$case: a pattern is one line, however long; this goes on where one has ended: $broken"
    exit 1
fi
flags=$(sed -n 's,^// FLAGS: *,,p' "$case")
# Not where the code would be another one, by flags or by macros.
if [ -e "${TROUPE_AHEAD:-}/first.hpp" ] && grep -q '^#include <troupe/troupe.hpp>' "$case" &&
    ! grep -q -e '^#define' -e '^// FLAGS:.* -f' "$case"; then
    set -- -include "$TROUPE_AHEAD/first.hpp" "$@"
fi

# shellcheck disable=SC2086  # flags are words
if output=$(LC_ALL=C "$compiler" -std=c++20 -fsyntax-only "$@" $flags "$case" 2>&1); then
    echo "$case: compiles with $compiler, and must not"
    exit 1
fi
first=$(printf '%s\n' "$output" | awk '!n && /error:/ { n = 9 } n > 0 { print; if (--n == 0) exit }')
if [ -z "$first" ]; then
    echo "$case: $compiler failed without an 'error:' line:"
    printf '%s\n' "$output" | head -n 40
    exit 1
fi
missing=0
while IFS= read -r pattern; do
    if ! printf '%s\n' "$first" | grep -Eq -e "$pattern"; then
        echo "$case: the first error lines of $compiler do not match: $pattern"
        missing=1
    fi
done <<END
$patterns
END
if [ "$missing" -ne 0 ]; then
    echo "---- first lines"
    printf '%s\n' "$first"
    echo "---- all of it (40 lines)"
    printf '%s\n' "$output" | head -n 40
    exit 1
fi
