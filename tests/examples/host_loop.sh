#!/bin/sh
# host_loop.sh PROGRAM: prints exactly this, twice.
set -u
expected='frame 1  |.o...|
frame 2  |..o..|
frame 3  |...o.|
frame 4  |....o|
frame 5  |...o.|
frame 6  |..o..|
frame 7  |.o...|
frame 8  |o....|
frame 9  |.o...|
referee: time is up
bounces: 27
books balanced'
for _ in 1 2; do
    printed=$(timeout 60 "$1" 2>&1) || { echo "exit code $?"; echo "$printed"; exit 1; }
    [ "$printed" = "$expected" ] || { echo "printed something else:"; echo "$printed"; exit 1; }
done
