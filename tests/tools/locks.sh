#!/bin/sh
# locks.sh ROOT: tools/locks --check passes a page with the table of the code, and names what differs; without --check it
# writes the table.
set -eu
root=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/docs/design"
cp -r "$root/tools" "$root/include" "$dir"
cp "$root/docs/design/0004-locks.md" "$dir/docs/design"
page=$dir/docs/design/0004-locks.md
ranks=$dir/include/troupe/sync/lock_rank.hpp
failed=0

expect() { # STATUS TEXT WHAT ARGUMENTS...
    wanted=$1 text=$2 what=$3 status=0
    shift 3
    "$dir/tools/locks" "$@" >"$dir/out" 2>&1 || status=$?
    if [ "$status" -ne "$wanted" ] || ! grep -q -e "$text" "$dir/out"; then
        echo "locks, $what: wanted exit code $wanted and '$text', got $status and:"
        cat "$dir/out"
        failed=1
    fi
}

expect 0 'has the table of sync/lock_rank.hpp' 'the page of the project' --check
sed -i -e '/^| 40 |/d' "$page"
expect 1 '> | 40 | `timers`' 'a row that is missing in the page' --check
expect 0 'written' 'the same, written'
cmp -s "$page" "$root/docs/design/0004-locks.md" || { echo 'locks: the page was not written as it was'; failed=1; }
sed -i -e 's/The table of names\./The names./' "$ranks"
expect 1 '> | 30 | `names` | The names. Taken by' 'a reason that has changed' --check
sed -i -e 's/row<timers, names, 40>/row<timers, names, 29>/' "$ranks"
expect 1 'a rank stands below the one that it names as above' 'a position in the wrong place' --check
cp "$root/include/troupe/sync/lock_rank.hpp" "$ranks"
sed -i -e '/row_of<rank::timers>/d' "$ranks"
expect 1 'put the rows of rank_table in the order of their positions' 'a row that is missing in the code' --check
cp "$root/include/troupe/sync/lock_rank.hpp" "$ranks"
sed -i -e '/<!-- end of the table -->/d' "$page"
expect 1 'the two comments around the table are gone' 'a page without its marks'
exit $failed
