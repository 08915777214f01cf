#!/bin/sh
# word_count.sh PROGRAM: compares the word count with an independent one, and looks at its manners: bad files, bad
# arguments, what it prints where, and how much memory it takes. Exit code 77: everything that could be tested passed,
# but something could not be.
set -u
program=$1
case $program in /*) ;; *) program=$PWD/$program ;; esac
LC_ALL=C
export LC_ALL
dir=$(mktemp -d)
trap 'chmod -R u+rwx "$dir" 2>/dev/null; rm -rf "$dir"' EXIT
failed=0 skipped=0
ok() { echo "ok: $1"; }
bad() {
    echo "FAILED: $1"
    failed=1
    head -n 20 "$dir/err" 2>/dev/null
}
skip() { echo "skipped: $1" && skipped=1; }
check() { # WHAT COMMAND...
    check_what=$1
    shift
    if "$@"; then ok "$check_what"; else bad "$check_what"; fi
}
# run STATUS ARGUMENTS...: runs the program into $dir/out and $dir/err; the exit code must be STATUS
run() {
    run_expected=$1
    shift
    timeout 120 "$program" "$@" >"$dir/out" 2>"$dir/err" </dev/null
    run_status=$?
    [ "$run_status" -eq "$run_expected" ] && return 0
    bad "exit code $run_status instead of $run_expected: word_count $*"
    return 1
}
# The other count: of its standard input, as `count word` lines sorted by word
# shellcheck disable=SC2018,SC2019  # the C locale is meant
reference() { tr -cs 'A-Za-z0-9' '\n' | tr A-Z a-z | sed '/^$/d' | sort | uniq -c | sed 's/^ *//'; }
# same WHAT FILE|FOLDER...: --all over these is what the reference says of all regular files in them
same() {
    same_what=$1
    shift
    # shellcheck disable=SC2016  # a word does not go on in the next file
    find "$@" -type f -exec sh -c 'for f; do cat "$f"; echo; done' sh {} + | reference >"$dir/expected"
    run 0 --all "$@" || return
    if cmp -s "$dir/expected" "$dir/out"; then
        ok "$same_what ($(wc -l <"$dir/out") words)"
    else
        bad "$same_what: differs from tr | sort | uniq"
        diff "$dir/expected" "$dir/out" | cut -c 1-100 | head -n 10
    fi
}

# ---- the repository, a copy that nobody edits meanwhile: what it does without arguments

roots=''
for root in README.md docs include examples tests tools benchmarks; do [ ! -e $root ] || roots="$roots $root"; done
if [ -d include/troupe ]; then
    mkdir "$dir/repository"
    # shellcheck disable=SC2086  # words
    cp -R $roots "$dir/repository"
    cd "$dir/repository" || exit 1
    # shellcheck disable=SC2086
    find $roots -type d \( -name build -o -name '.?*' \) -prune -o -type f -exec cat {} + | reference >"$dir/expected"
    run 0 --all && check 'the repository, every word' cmp -s "$dir/expected" "$dir/out"
    check 'nothing on stderr when it is not a terminal' [ ! -s "$dir/err" ]
    sort -k1,1nr -k2,2 "$dir/expected" | head -n 20 | awk '{ printf "%10d  %s\n", $1, $2 }' >"$dir/table"
    run 0 && check 'the repository, the first twenty' cmp -s "$dir/table" "$dir/out"
else
    skip 'not called in the repository'
fi

# ---- inputs with corners

mkdir "$dir/in"
: >"$dir/in/empty"
printf 'no newline at the end' >"$dir/in/open end"
printf 'two\nfiles' >"$dir/in/joined1"
printf 'are not\none word' >"$dir/in/joined2"
printf '\n\n ,.-' >"$dir/in/no words"
printf 'It'\''s 3.14 ABC_def x\000y \377\376caf\303\251 \r\nCR\032end' >"$dir/in/bytes"
awk 'BEGIN { for (i = 0; i < 70000; i++) printf "w%05d-%s ", i % 4099, i % 7 ? "Same" : "OTHER" }' >"$dir/in/many"
# A word across every chunk border (64 KiB), whatever the alignment; words longer than a batch and than a chunk.
for shift in 0 1 2 3 4 5 6; do
    awk -v n=$shift 'BEGIN { printf "%.*s", n, "-------"; for (i = 0; i < 40000; i++) printf "border " }' >"$dir/in/border$shift"
done
awk 'BEGIN { for (i = 0; i < 65536; i++) printf "a"; printf "\n"; for (i = 0; i < 5000; i++) printf "b"; printf " "
    for (i = 0; i < 200000; i++) printf "c" }' >"$dir/in/long"
mkdir -p "$dir/in/a/b/c" "$dir/in/.hidden" "$dir/in/build"
echo deep >"$dir/in/a/b/c/deep"
echo hidden >"$dir/in/.hidden/file"
echo built >"$dir/in/build/file"
if [ -r /dev/urandom ]; then head -c 300000 /dev/urandom >"$dir/in/random"; fi
same 'files with corners' "$dir/in"
same 'a file by name' "$dir/in/bytes"
same 'one empty file' "$dir/in/empty"
same 'several names' "$dir/in/open end" "$dir/in/joined1" "$dir/in/a"
(cd "$dir/in" && printf 'dash\n' >--all && timeout 60 "$program" --all -- --all) >"$dir/out" 2>"$dir/err"
check 'a name that looks like an option, after --' [ "$(cat "$dir/out")" = '1 dash' ]
rm -f "$dir/in/--all"

mkdir "$dir/project" "$dir/project/docs" "$dir/project/docs/build" "$dir/project/docs/.git"
for place in docs docs/build docs/.git; do echo "$place" >"$dir/project/$place/page.md"; done
(cd "$dir/project" && timeout 60 "$program" --all) >"$dir/out" 2>"$dir/err"
check 'without names: no build/, no dot folders' [ "$(cat "$dir/out")" = '1 docs' ]

# ---- what cannot be read is named and counted, and the job goes on

mkdir "$dir/odd" "$dir/odd/sub"
echo good >"$dir/odd/good"
ln -s nowhere "$dir/odd/dangling"
ln -s circle2 "$dir/odd/circle1"
ln -s circle1 "$dir/odd/circle2"
ln -s ../../odd "$dir/odd/sub/loop"
ln -s good "$dir/odd/link"
mkfifo "$dir/odd/fifo"
run 0 --all "$dir/odd" "$dir/vanished" "$dir/odd/fifo" /dev/null &&
    check 'links are not followed, loops and pipes do not hang' [ "$(cat "$dir/out")" = '1 good' ]
for name in odd/dangling odd/circle1 odd/circle2 odd/fifo vanished; do
    check "$name is named" grep -q "^word_count: $dir/$name: ." "$dir/err"
done
check 'a device is named' grep -q '^word_count: /dev/null: not a regular file$' "$dir/err"
check 'they are counted' grep -q '^word_count: 7 could not be read$' "$dir/err"
run 0 --all "$dir/odd/link" && check 'a link that was named is followed' [ "$(cat "$dir/out")" = '1 good' ]

# Files without permission: root may read them all the same, so another user is needed.
mkdir "$dir/denied" "$dir/denied/folder"
echo secret | tee "$dir/denied/file" >"$dir/denied/folder/file"
echo good >"$dir/denied/good"
chmod 755 "$dir" "$dir/denied"
chmod 000 "$dir/denied/file" "$dir/denied/folder"
as_user=''
if [ "$(id -u)" -eq 0 ]; then
    cp "$program" "$dir/word_count" && chmod 755 "$dir/word_count"
    if command -v setpriv >/dev/null; then as_user='setpriv --reuid=65534 --regid=65534 --clear-groups'; fi
else
    cp "$program" "$dir/word_count"
fi
# shellcheck disable=SC2086  # words
if [ "$(id -u)" -eq 0 ] && { [ -z "$as_user" ] || ! $as_user true 2>/dev/null; }; then
    skip 'files without permission: runs as root and cannot become another user'
elif ! $as_user "$dir/word_count" "$dir/denied/good" >/dev/null 2>&1; then
    skip 'files without permission: the other user cannot run the program'
else
    # shellcheck disable=SC2086
    timeout 60 $as_user "$dir/word_count" --all "$dir/denied" >"$dir/out" 2>"$dir/err"
    check 'files without permission: exit code 0' [ $? -eq 0 ]
    check 'files without permission: the rest is counted' [ "$(cat "$dir/out")" = '1 good' ]
    check 'a file without permission is named' grep -q "^word_count: $dir/denied/file: Permission denied$" "$dir/err"
    check 'a folder without permission is named' grep -q "^word_count: $dir/denied/folder: Permission denied$" "$dir/err"
    check 'both are counted' grep -q '^word_count: 2 could not be read$' "$dir/err"
fi

# Files that vanish while the job runs: whatever was met, it ends well and every file was read or named.
mkdir "$dir/going"
awk -v dir="$dir/going" 'BEGIN { for (i = 0; i < 3000; i++) { f = dir "/" i; print "word" >f; close(f) } }'
timeout 60 "$program" --stats "$dir/going" >"$dir/out" 2>"$dir/err" &
job=$!
rm -rf "$dir/going"
wait $job
check 'files that vanish meanwhile' [ $? -eq 0 ]

# ---- arguments and output

run 2 --nonsense && check 'a bad option prints the usage' grep -q '^usage: word_count' "$dir/err"
check 'and nothing on stdout' [ ! -s "$dir/out" ]
mkdir "$dir/bare"
(cd "$dir/bare" && timeout 60 "$program") >"$dir/out" 2>"$dir/err"
check 'nothing to count is bad usage' [ $? -eq 2 ]
if [ -w /dev/full ]; then
    timeout 60 "$program" "$dir/in/bytes" >/dev/full 2>"$dir/err"
    check 'a full disk under stdout is exit code 1' [ $? -eq 1 ]
fi
if command -v script >/dev/null && script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
    script -qec "'$program' '$dir/in' >'$dir/out'" /dev/null </dev/null >"$dir/err" 2>&1
    check 'progress on a terminal' grep -q 'files, .* KiB' "$dir/err"
else
    skip 'progress on a terminal: no script(1) to make one'
fi

# ---- memory: ten times the input with the same words takes at most 1.2 times the memory

peak() { # FILE|FOLDER: the larger of two runs, so that luck does not decide
    for _ in 1 2; do
        timeout 120 "$program" --stats "$1" 2>&1 >/dev/null </dev/null | sed -n 's/.* peak_kib \([0-9]*\)$/\1/p'
    done | sort -n | tail -n 1
}
if nm "$program" 2>/dev/null | grep -q '__asan_init\|__tsan_init'; then
    echo 'not measured: memory, since a sanitizer keeps what is freed'
else
    mkdir "$dir/ten"
    : >"$dir/one"
    while [ "$(wc -c <"$dir/one")" -lt 1200000 ]; do
        cat "$dir/in/many" "$dir"/in/border* >>"$dir/one"
    done
    for i in 0 1 2 3 4 5 6 7 8 9; do cp "$dir/one" "$dir/ten/$i"; done
    cat "$dir"/ten/* >"$dir/large"
    small=$(peak "$dir/one") many=$(peak "$dir/ten") large=$(peak "$dir/large")
    echo "peak memory: ${small:-no figure} KiB for $(wc -c <"$dir/one") bytes; ten such files: $many KiB;" \
        "ten times in one file: $large KiB"
    if [ "${small:-0}" -eq 0 ]; then
        skip 'memory: no figure'
    else
        check 'ten files take at most 1.2 times the memory of one' [ $((many * 10)) -le $((small * 12)) ]
        check 'ten times in one file takes at most 1.2 times the memory' [ $((large * 10)) -le $((small * 12)) ]
    fi
fi

[ $failed -eq 0 ] || exit 1
[ $skipped -eq 0 ] || exit 77
