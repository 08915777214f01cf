#!/bin/sh
# events.sh ROOT: tools/events --check passes a page with the table of the code, and names what differs; without --check it
# writes the table.
set -eu
root=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/docs/reference"
cp -r "$root/tools" "$root/include" "$dir"
cp "$root/docs/reference/log_sink.md" "$dir/docs/reference"
page=$dir/docs/reference/log_sink.md
table=$dir/include/troupe/port/log_event.hpp
failed=0

expect() { # STATUS TEXT WHAT ARGUMENTS...
    wanted=$1 text=$2 what=$3 status=0
    shift 3
    "$dir/tools/events" "$@" >"$dir/out" 2>&1 || status=$?
    if [ "$status" -ne "$wanted" ] || ! grep -q -e "$text" "$dir/out"; then
        echo "events, $what: wanted exit code $wanted and '$text', got $status and:"
        cat "$dir/out"
        failed=1
    fi
}

expect 0 'has the table of port/log_event.hpp' 'the page of the project' --check
sed -i -e '/^| `straggler` |/d' "$page"
expect 1 '> | `straggler` | error' 'a row that is missing in the page' --check
expect 0 'written' 'the same, written'
cmp -s "$page" "$root/docs/reference/log_sink.md" || { echo 'events: the page was not written as it was'; failed=1; }
sed -i -e 's/A spawn has succeeded\./It lives./' "$table"
expect 1 '> | `actor started` | debug | life | It lives' 'a reason that has changed' --check
cp "$root/include/troupe/port/log_event.hpp" "$table"
sed -i -e '/{log_event::hook_overdue/,/},$/d' "$table"
expect 1 'give every log_event its row in log_events' 'a row that is missing in the code' --check
cp "$root/include/troupe/port/log_event.hpp" "$table"
sed -i -e '/<!-- tools\/events writes this table -->/d' "$page"
expect 1 'the two comments around the table are gone' 'a page without its marks'
exit $failed
