#!/bin/sh
# amalgamate.sh ROOT: the single header is complete, in order, keeps conditions, and is the same each time.
set -eu
root=$1
sh -c '. "${0%/*}/lib.sh" && tool amalgamate' "$root/tools/test"
amalgamate=$root/build/tools/amalgamate
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
t=$dir/include/troupe
mkdir -p "$t/config" "$t/os/detail" "$t/testing"
cp "$root/LICENSE" "$dir"

cat >"$t/config/version.hpp" <<'END'
// SPDX-License-Identifier: BSL-1.0
#pragma once
#define TROUPE_VERSION_MAJOR 3
#define TROUPE_VERSION_MINOR 2
#define TROUPE_VERSION_PATCH 1
#ifdef TROUPE_SINGLE_HEADER
#error "troupe: mixed"
#endif
#define TROUPE_TREE_HEADERS 1
END
cat >"$t/os/clock.hpp" <<'END'
// SPDX-License-Identifier: BSL-1.0
#pragma once
/* #include "troupe/not/this.hpp" */
#include <vector>
#include "troupe/config/version.hpp"
#if defined(MOCK)
#include "troupe/os/detail/mock.hpp"
#else
#include "troupe/os/detail/real.hpp"
#endif
inline int clock_value() { return answer(); }
END
cat >"$t/os/detail/mock.hpp" <<'END'
#pragma once
#include "troupe/os/needed.hpp"
inline int answer() { return needed() + 1; }
END
cat >"$t/os/detail/real.hpp" <<'END'
#pragma once
#include <string>
#include "troupe/os/needed.hpp"
inline int answer() { return needed(); }
END
printf '#pragma once\n#include <vector>\ninline int needed() { return int(std::vector<int>(7).size()); }\n' >"$t/os/needed.hpp"
printf '#pragma once\n#include "troupe/os/clock.hpp"\n#include "troupe/os/needed.hpp"\n' >"$t/troupe.hpp"
printf '#pragma once\n#include "troupe/troupe.hpp"\n#include "troupe/testing/probe.hpp"\n' >"$t/testing.hpp"
printf '#pragma once\n#include <map>\n#include "troupe/os/clock.hpp"\ninline int probe() { return clock_value(); }\n' >"$t/testing/probe.hpp"

fail() { echo "amalgamate: $1"; exit 1; }
"$amalgamate" "$dir" "$dir/one"
"$amalgamate" "$dir" "$dir/two"
one=$dir/one/troupe.hpp probe=$dir/one/testing.hpp
cmp "$one" "$dir/two/troupe.hpp" && cmp "$probe" "$dir/two/testing.hpp" || fail 'two runs differ'
[ "$(grep -c '#pragma once' "$one")" = 1 ] || fail '#pragma once stays once, on top'
[ "$(grep -c 'SPDX' "$one")" = 1 ] || fail 'one licence line'
[ "$(grep -c '^#include <vector>' "$one")" = 1 ] || fail 'a standard include comes once'
[ "$(grep -c '^#include "' "$one")" = 0 ] && [ "$(grep -c '^#include "' "$probe")" = 1 ] || fail 'an include of ours is left'
[ "$(grep -c 'inline int needed' "$one")" = 1 ] || fail 'a header comes once'
grep -q '^// ---- troupe/os/needed.hpp ----' "$one" || fail 'no line names the origin'
grep -q 'troupe 3.2.1' "$one" || fail 'no version on top'
grep -q 'mixed\|define TROUPE_TREE_HEADERS' "$one" && fail 'the guard of the tree is left'
grep -q 'inline int clock_value' "$probe" && fail 'testing.hpp repeats troupe.hpp'
awk '/#include <string>/ { s = NR } /^#else/ { e = NR } END { exit !(s > e && e > 0) }' "$one" || fail 'a conditional include was hoisted'

cxx=${CXX:-g++}
printf '#include "testing.hpp"\nint main() { return probe() == WANTED ? 0 : 1; }\n' >"$dir/one/main.cpp"
for case in '-DWANTED=7' '-DMOCK -DWANTED=8'; do
    # shellcheck disable=SC2086  # flags are words
    $cxx -std=c++20 $case "$dir/one/main.cpp" -o "$dir/main" && "$dir/main" || fail "does not work with $case"
done

echo '#include "near.hpp"' >>"$t/os/needed.hpp"
if "$amalgamate" "$dir" "$dir/two" 2>"$dir/out"; then fail 'a relative include passes'; fi
grep -q 'whole path' "$dir/out" || fail "no remedy in: $(cat "$dir/out")"
