#!/bin/sh
# tests/model/mutants.sh [MODEL...]: every line of mutants.txt weakens one line of the shipped source; the model named there
# must fail on it. Prints a line per mutant and ends with `N killed, N survived`. Some minutes; not part of the suite.
# tests/model/mutants.sh --match: every line changes the source that it names. Part of the suite.
set -eu
cd "$(dirname "$0")/../.."
strip() { printf '%s' "$1" | sed 's/^ *//; s/ *$//'; }
if [ "${1:-}" = --match ]; then
    matched=0 stale=0
    while IFS='|' read -r model file edit; do
        case $model in ''|\#*) continue ;; esac
        model=$(strip "$model") file=$(strip "$file") edit=$(strip "$edit")
        if [ ! -f "tests/model/$model.cpp" ] || [ ! -f "$file" ] || sed -e "$edit" "$file" | cmp -s - "$file"; then
            echo "NO CHANGE  $model: $file: $edit"
            stale=$((stale + 1))
        else
            matched=$((matched + 1))
        fi
    done <"${MUTANTS:-tests/model/mutants.txt}"
    echo "$matched lines match, $stale change nothing"
    [ "$stale" -eq 0 ] && [ "$matched" -gt 0 ]
    exit
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: "${CXX:=g++}"
killed=0 survived=0
while IFS='|' read -r model file edit; do
    case $model in ''|\#*) continue ;; esac
    model=$(strip "$model") file=$(strip "$file") edit=$(strip "$edit")
    case " ${*:-$model} " in *" $model "*) ;; *) continue ;; esac
    rm -rf "$work/tree" && mkdir "$work/tree" && cp -r include tests "$work/tree"
    sed -i -e "$edit" "$work/tree/$file"
    if cmp -s "$file" "$work/tree/$file"; then
        echo "NO CHANGE  $model: $file: $edit"
        survived=$((survived + 1))
        continue
    fi
    if ! $CXX -std=c++20 -O1 -w -fno-lifetime-dse -fno-tree-dse -DTROUPE_MODEL=1 -I"$work/tree/include" -I"$work/tree/tests" \
        "$work/tree/tests/model/$model.cpp" -o "$work/model" >"$work/log" 2>&1; then
        echo "DOES NOT COMPILE  $model: $file: $edit"
        grep error "$work/log" | head -n 3
        survived=$((survived + 1))
        continue
    fi
    if timeout 300 "$work/model" >"$work/log" 2>&1; then
        echo "SURVIVED   $model: $file: $edit"
        survived=$((survived + 1))
    else
        echo "killed     $model: $file: $edit ($(grep -a -m1 -o '.*FAILED' "$work/log" | sed 's/  */ /g; s/FAILED//'))"
        killed=$((killed + 1))
    fi
done <"${MUTANTS:-tests/model/mutants.txt}"
echo "$killed killed, $survived survived"
[ "$survived" -eq 0 ]
