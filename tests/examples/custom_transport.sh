#!/bin/sh
# custom_transport.sh PROGRAM: its transport keeps every rule of the suite, and joins two nodes.
set -u
rules=$(grep -c '^    {[0-9]*, "' include/troupe/testing/conformance/transport.hpp)
printed=$(timeout 60 "$1" 2>&1) || { echo "exit code $?"; echo "$printed"; exit 1; }
expected="$rules rules kept, 0 broken
over two nodes: 500 cents"
[ "$printed" = "$expected" ] || { echo "printed something else:"; echo "$printed"; exit 1; }
