#!/bin/sh
# mixed.sh COMPILER ROOT ORDER: a file that takes both the tree and the single header must fail at a clear #error.
set -eu
compiler=$1 root=$2 order=$3
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
single="$root/single_include/troupe/troupe.hpp" tree="$root/include/troupe/troupe.hpp"
case $order in
single_then_tree) printf '#include "%s"\n#include "%s"\n' "$single" "$tree" ;;
tree_then_single) printf '#include "%s"\n#include "%s"\n' "$tree" "$single" ;;
esac >"$dir/mixed.cpp"
if "$compiler" -std=c++20 -fsyntax-only -I "$root/include" "$dir/mixed.cpp" >"$dir/out" 2>&1; then
    echo "tree and single header in one file compile, and must not ($order)"
    exit 1
fi
first=$(grep -m 1 'error:' "$dir/out")
echo "$first"
case $first in *'#error'*troupe:*single\ header* | *error:*troupe:*single\ header*) ;; *) exit 1 ;; esac
