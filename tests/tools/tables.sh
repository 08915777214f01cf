#!/bin/sh
# tables.sh ROOT: tools/tables --check passes pages with the tables of the code, and names what differs; without --check it
# writes them.
set -eu
root=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/docs/design" "$dir/docs/reference"
cp -r "$root/tools" "$root/include" "$dir"
pages='docs/design/0004-locks.md docs/reference/metrics.md docs/reference/log_sink.md'
failed=0

fresh() { # PATH...: as they are in the project
    for path in "$@"; do cp "$root/$path" "$dir/$path"; done
}
change() { # PATH SED
    cp "$dir/$1" "$dir/before"
    sed -i -e "$2" "$dir/$1"
    ! cmp -s "$dir/before" "$dir/$1" || { echo "tables: this changes nothing: $1: $2"; failed=1; }
}
expect() { # STATUS TEXT WHAT ARGUMENTS...
    wanted=$1 text=$2 what=$3 status=0
    shift 3
    "$dir/tools/tables" "$@" >"$dir/out" 2>&1 || status=$?
    if [ "$status" -ne "$wanted" ] || ! grep -q -e "$text" "$dir/out"; then
        echo "tables, $what: wanted exit code $wanted and '$text', got $status and:"
        cat "$dir/out"
        failed=1
    fi
}

# shellcheck disable=SC2086  # words
fresh $pages
expect 0 '0004-locks.md has the table of sync/lock_rank.hpp' 'the pages of the project' --check
for shown in 'metrics.md has the table of observe/catalogue.hpp' 'log_sink.md has the table of port/log_event.hpp'; do
    grep -q -e "$shown" "$dir/out" || { echo "tables: not said: $shown"; failed=1; }
done

change docs/design/0004-locks.md '/^| 40 |/d'
change docs/reference/metrics.md '/^| `timers_armed`/d'
change docs/reference/log_sink.md '/^| `straggler` |/d'
expect 1 '> | 40 | `timers`' 'rows that are missing in the pages' --check
for shown in '> | `timers_armed` | gauge' '> | `straggler` | error'; do
    grep -q -e "$shown" "$dir/out" || { echo "tables: not found: $shown"; failed=1; }
done
expect 1 '> | `timers_armed` | gauge' 'one table of three' --check metrics
! grep -q -e 'straggler' "$dir/out" || { echo 'tables: it has looked at a table that was not meant'; failed=1; }
expect 0 'log_sink.md: written' 'the same, written'
for page in $pages; do
    cmp -s "$dir/$page" "$root/$page" || { echo "tables: $page was not written as it was"; failed=1; }
done

change include/troupe/sync/lock_rank.hpp 's/The table of names\./The names./'
change include/troupe/observe/catalogue.hpp 's/Timers that are armed\./Armed timers./'
change include/troupe/port/log_event.hpp 's/A spawn has succeeded\./It lives./'
expect 1 '> | 30 | `names` | The names. Taken by' 'words that have changed' --check
for shown in '> | `timers_armed` | gauge | Armed timers. |' '> | `actor started` | debug | life | It lives'; do
    grep -q -e "$shown" "$dir/out" || { echo "tables: not found: $shown"; failed=1; }
done
fresh include/troupe/sync/lock_rank.hpp include/troupe/observe/catalogue.hpp include/troupe/port/log_event.hpp

change include/troupe/sync/lock_rank.hpp 's/row<timers, names, 40>/row<timers, names, 29>/'
expect 1 'a rank stands below the one that it names as above' 'a position in the wrong place' --check
fresh include/troupe/sync/lock_rank.hpp
change include/troupe/sync/lock_rank.hpp '/row_of<rank::timers>/d'
expect 1 'put the rows of rank_table in the order of their positions' 'a rank that is missing in the code' --check
fresh include/troupe/sync/lock_rank.hpp
change include/troupe/port/log_event.hpp '/{log_event::hook_overdue/,/},$/d'
expect 1 'give every log_event its row in log_events' 'an event that is missing in the code' --check
fresh include/troupe/port/log_event.hpp

change docs/design/0004-locks.md '/<!-- end of the table -->/d'
expect 1 'the two comments around the table are gone' 'a page without its last mark' locks
change docs/reference/log_sink.md '/<!-- tools\/tables writes this table: events -->/d'
expect 1 'the two comments around the table are gone' 'a page without its first mark' events
expect 1 'usage: tools/tables' 'a table that nobody has' --check weather
exit $failed
