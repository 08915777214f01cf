#!/bin/sh
# custom_transport.sh PROGRAM: its transport keeps every rule of the suite, and it says so.
set -u
rules=$(grep -c '^    {[0-9]*, "' include/troupe/testing/conformance/transport.hpp)
printed=$(timeout 60 "$1" 2>&1) || { echo "exit code $?"; echo "$printed"; exit 1; }
[ "$printed" = "$rules rules kept, 0 broken" ] || { echo "printed something else:"; echo "$printed"; exit 1; }
