#!/bin/sh
# rooms.sh ROOT: tools/check rooms passes a tree that keeps the rules and names each way to break them.
set -eu
root=$1
sh -c '. "${0%/*}/lib.sh" && tool rooms' "$root/tools/test"
rooms=$root/build/tools/rooms
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

header() { # PATH INCLUDE...
    file=$dir/include/troupe/$1
    shift
    mkdir -p "$(dirname "$file")"
    echo '#pragma once' >"$file"
    for include in "$@"; do echo "#include $include" >>"$file"; done
}
fresh() {
    rm -rf "$dir/include"
    header config/version.hpp
    header base/time.hpp '"troupe/config/version.hpp"' '<chrono>'
    header sync/atomic.hpp '"troupe/base/time.hpp"' '<atomic>'
    header sync/detail/word.hpp
    header port/clock.hpp '"troupe/base/time.hpp"'
    header actor/ref.hpp '"troupe/sync/atomic.hpp"' '"troupe/port/clock.hpp"'
    header actor.hpp '"troupe/actor/ref.hpp"'
    header troupe.hpp '"troupe/actor.hpp"'
}
expect() { # STATUS TEXT WHAT
    status=0
    "$rooms" "$dir" "$root/tools/rooms.txt" >"$dir/out" 2>&1 || status=$?
    if [ "$status" -ne "$1" ] || ! grep -q -e "$2" "$dir/out"; then
        echo "rooms, $3: wanted exit code $1 and '$2', got $status and:"
        cat "$dir/out"
        failed=1
    fi
}

fresh
expect 0 'every include is allowed' 'a good tree'
fresh; header base/up.hpp '"troupe/sync/atomic.hpp"'
expect 1 'include/troupe/base/up.hpp:2: room base may not include room sync' 'an upward include'
fresh; header port/side.hpp '"troupe/sync/atomic.hpp"'
expect 1 'room port may not include room sync' 'a sideward include'
fresh; header base/door.hpp '"troupe/sync.hpp"'; header sync.hpp '"troupe/sync/atomic.hpp"'
expect 1 'room base may not include room sync' 'an upward include through a door'
fresh; header actor/peek.hpp '"troupe/sync/detail/word.hpp"'
expect 1 'is private to room sync' 'the detail folder of another room'
fresh; header sync/own.hpp '"troupe/sync/detail/word.hpp"'
expect 0 'every include is allowed' 'the detail folder of the own room'
fresh; header actor/a.hpp '"troupe/actor/b.hpp"'; header actor/b.hpp '"troupe/actor/a.hpp"'
expect 1 'by a circle: troupe/actor/a.hpp -> troupe/actor/b.hpp -> troupe/actor/a.hpp' 'a circle'
fresh; header kitchen/sink.hpp
expect 1 "room 'kitchen' is unknown" 'an unknown room'
fresh; header extra.hpp
expect 1 "no 'top extra:'" 'an unknown header beside the rooms'
fresh; header base/gone.hpp '"troupe/base/nothing.hpp"'
expect 1 'does not exist' 'an include of nothing'
fresh; header base/short.hpp '"time.hpp"'
expect 1 'with its whole path' 'a relative include'
fresh; header base/all.hpp '"troupe/troupe.hpp"'
expect 1 'a room does not include' 'a room that includes the top'
for standard in atomic mutex condition_variable thread; do
    fresh; header actor/std.hpp "<$standard>"
    expect 1 "<$standard> belongs to the room os, sync" 'threads outside their room'
done
for standard in regex iostream ranges filesystem format; do
    fresh; header sync/std.hpp "<$standard>"
    expect 1 "<$standard> belongs to no room" 'a costly header'
done
fresh; mkdir -p "$dir/include/troupe/base"; : >"$dir/include/troupe/base/twice.hpp"
expect 1 'has no #pragma once' 'no #pragma once'
exit $failed
