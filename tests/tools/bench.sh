#!/bin/sh
# bench.sh ROOT: what stands behind tools/bench, on canned results: a regression is found, noise and a slow machine are
# none; plots have title, axis, unit and legend; programs that fail or are missing are told.
set -eu
root=$1
sh -c '. "${0%/*}/lib.sh" && tool bench' "$root/tools/test"
bench=$root/build/tools/bench
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

# results FILE PERCENT RUNS_OF_OURS...: rivals and limits are slower by so many percent than in the first results
results() {
    file=$dir/$1.json slower=$2
    shift 2
    awk -v slower="$slower" -v ours="$*" 'BEGIN {
        print "{\"about\": {\"date\": \"today\", \"machine\": \"a <fast> one\"}, \"rows\": ["
        split("100 110 90", runs, " ")
        n = split("caf_2 go_2 mutex_deque limit_one_thread", peers, " ")
        for (i = 1; i <= n; ++i) {
            printf "{\"question\": \"ping_pong\", \"case\": \"round_trip\", \"peer\": \"%s\", \"unit\": \"ns\", \"better\": \"less\", \"runs\": [", peers[i]
            for (r = 1; r <= 3; ++r) printf "%s%g", (r > 1 ? ", " : ""), runs[r] * 5 * slower / 100
            print "]},"
        }
        gsub(" ", ", ", ours)
        print "{\"question\": \"ping_pong\", \"case\": \"round_trip\", \"peer\": \"stealing_2\", \"unit\": \"ns\", \"better\": \"less\", \"runs\": [" ours "]}"
        print "]}" }' >"$file"
}
# row FILE QUESTION CASE PEER UNIT BETTER RUNS: one more
row() {
    sed '$d' "$dir/$1.json" >"$dir/new"
    printf ', {"question": "%s", "case": "%s", "peer": "%s", "unit": "%s", "better": "%s", "runs": [%s]}\n]}\n' \
        "$2" "$3" "$4" "$5" "$6" "$7" >>"$dir/new"
    mv "$dir/new" "$dir/$1.json"
}
expect() { # STATUS TEXT WHAT COMMAND...
    wanted=$1 text=$2 what=$3 status=0
    shift 3
    "$@" >"$dir/out" 2>&1 || status=$?
    if [ $status -ne "$wanted" ] || ! grep -q -e "$text" "$dir/out"; then
        echo "bench, $what: wanted exit code $wanted and '$text', got $status and:"
        cat "$dir/out"
        failed=1
    fi
}
contains() { # FILE TEXT
    grep -q -F -e "$2" "$1" || { echo "bench: '$2' is not in ${1##*/}"; failed=1; }
}

# ---- the gate ----
results base 100 50 52 48
expect 0 '1 figures compared, 0 better, 0 worse' 'the same' "$bench" compare "$dir/base.json" "$dir/base.json"
results worse 100 100 104 96
expect 1 'WORSE *ping_pong/round_trip/stealing_2 *50.0 -> 100 ns, 2.00 times worse' 'twice the time' \
    "$bench" compare "$dir/base.json" "$dir/worse.json"
expect 0 '0 worse' 'within a factor that was given' "$bench" compare "$dir/base.json" "$dir/worse.json" factor=2.5
expect 0 '1 better' 'half the time' "$bench" compare "$dir/worse.json" "$dir/base.json"
results noise 100 49 100 104
expect 0 '0 worse' 'noise: one round was as good' "$bench" compare "$dir/base.json" "$dir/noise.json"
results near 100 55 57 53
expect 0 '0 worse' 'a tenth is not worse' "$bench" compare "$dir/base.json" "$dir/near.json"
results slow 200 100 104 96
expect 0 'machine is 2.00 times slower' 'everything is slower' "$bench" compare "$dir/base.json" "$dir/slow.json"
results slower 200 200 208 192
expect 1 '2.00 times worse' 'slower than the machine' "$bench" compare "$dir/base.json" "$dir/slower.json"
results fast 50 50 52 48
expect 1 '2.00 times worse' 'as before on a machine of twice the speed' "$bench" compare "$dir/base.json" "$dir/fast.json"

results base 100 50 52 48
row base fan_in 1_producer stealing_2 M/s more '40, 42, 38'
row base allocations ask stealing_2 calls less 0
results rate 100 50 52 48
row rate fan_in 1_producer stealing_2 M/s more '20, 21, 19'
row rate allocations ask stealing_2 calls less 0
expect 1 'WORSE *fan_in/1_producer/stealing_2 *40.0 -> 20.0 M/s' 'half the rate' "$bench" compare "$dir/base.json" "$dir/rate.json"
results count 100 50 52 48
row count fan_in 1_producer stealing_2 M/s more '40, 42, 38'
row count allocations ask stealing_2 calls less 1
expect 1 'WORSE *allocations/ask/stealing_2 *0 -> 1 calls' 'a count that was zero' "$bench" compare "$dir/base.json" "$dir/count.json"
results lost 100 50 52 48
expect 1 'LOST *fan_in/1_producer/stealing_2' 'a figure that is gone' "$bench" compare "$dir/base.json" "$dir/lost.json"
expect 0 '0 worse' 'a figure that was not asked for' "$bench" compare "$dir/base.json" "$dir/lost.json" partial
echo '{"rows": [' >"$dir/broken.json"
expect 2 'no results of tools/bench' 'broken results' "$bench" compare "$dir/base.json" "$dir/broken.json"

# ---- table, page, plots ----
row base fan_in 1_producer caf_2 M/s more '4, 5, 3'
row base fan_in 1_producer limit_48_bytes M/s more '60, 70, 50'
row base fan_in 8_producers_bounded stealing_1 M/s more '30, 31, 29'
row base fan_in 8_producers_bounded stealing_2 M/s more '45, 46, 44'
row base latency_ask_idle p50 stealing_2 us less 5
row base latency_ask_idle p99.9 stealing_2 us less 50
row base latency_ask_idle p50 mutex_deque us less 9
row base spawn idle_bytes stealing_2 B less 224
row base spawn idle_bytes caf_2 B less 1263
row base compile_time hello troupe s less 1.5
row base compile_time hello caf s less 3.1
row base big whole stealing_2 ms less 150
cat >"$dir/targets.txt" <<'TARGETS'
# a comment
ping_pong | round_trip | stealing_2 | at most 45 ns   |
fan_in    | 1_producer | stealing_2 | at least 9 x    | caf_2
fan_in    | 9_producers | stealing_2 | at least 9 x   | caf_2
TARGETS
expect 0 'target work stealing, 2 threads *at most 45 ns .* MISSED' 'a missed target' "$bench" print "$dir/base.json" "$dir/targets.txt"
contains "$dir/out" '10.0  met'
contains "$dir/out" 'best of ours: 10.0 x'
contains "$dir/out" '1 of 2 targets met, 1 not measured'
"$bench" page "$dir/base.json" "$dir/targets.txt" "$dir/page.md"
contains "$dir/page.md" '| machine | a <fast> one |'
contains "$dir/page.md" '(performance/throughput.svg)'
contains "$dir/page.md" '| round trip | CAF, 2 threads | 500 | [450 - 550] | ns | 10.0 x |'
"$bench" plots "$dir/base.json" "$dir"
for plot in throughput times programs scaling latency bytes compile; do
    [ -s "$dir/$plot.svg" ] || { echo "bench: no plot $plot"; failed=1; continue; }
    contains "$dir/$plot.svg" '<title>'
    case $plot in
    compile) contains "$dir/$plot.svg" '>troupe<' ;;
    scaling) contains "$dir/$plot.svg" '>work stealing<' ;;
    *) contains "$dir/$plot.svg" '>work stealing, 2 threads<' ;;
    esac
    [ "$(grep -c '^<svg' "$dir/$plot.svg")" = 1 ] && [ "$(tail -n 1 "$dir/$plot.svg")" = '</svg>' ] ||
        { echo "bench: $plot.svg is not whole"; failed=1; }
    if grep -q -E '[" LM-](nan|inf)[" ]' "$dir/$plot.svg"; then echo "bench: $plot.svg has a place that is no number"; failed=1; fi
done
contains "$dir/throughput.svg" 'million messages a second'
contains "$dir/throughput.svg" 'CAF, 2 threads'
contains "$dir/throughput.svg" 'limit 48 bytes'
contains "$dir/times.svg" 'nanoseconds; less is better (logarithmic)'
contains "$dir/scaling.svg" 'worker threads'
contains "$dir/latency.svg" 'microseconds (logarithmic)'
contains "$dir/latency.svg" 'p99.9'
contains "$dir/bytes.svg" 'bytes; less is better'
contains "$dir/compile.svg" 'CPU seconds'

# ---- rounds ----
mkdir "$dir/programs"
printf '#!/bin/sh\necho "rate $1 2000000"\n' >"$dir/programs/good"
printf '#!/bin/sh\necho "the handler has seen 1 of 2" >&2\nexit 1\n' >"$dir/programs/short"
printf '#!/bin/sh\necho said >>"$0.said"\necho "value q/a/run_loop 7"\necho "value q/b/run_loop 8"\n' >"$dir/programs/two"
chmod +x "$dir"/programs/*
cat >"$dir/rows.txt" <<'ROWS'
q | rate     | stealing_2       | M/s | more | quick          | good %
q | time     | stealing_2, caf  | ns  | less | full           | good %
q | a, b     | run_loop         | B   | less | quick rounds=2 | two
q | absent   | go_2             | ns  | less | quick          | go_absent %
q | huge     | stealing_9       | ns  | less | quick cores=99999 | good %
ROWS
echo 'caf CAF is not here' >"$dir/missing"
expect 0 'round 3 of 3' 'rounds' "$bench" run "$dir/rows.txt" "$dir/programs" "$dir/run.json" rounds=3 missing="$dir/missing" probes=100
contains "$dir/run.json" '"peer": "stealing_2", "unit": "M/s", "better": "more", "median": 2, "min": 2, "max": 2, "runs": [2, 2, 2]'
contains "$dir/run.json" '"unit": "ns", "better": "less", "median": 500'
contains "$dir/run.json" '"runs": [8, 8]'
contains "$dir/run.json" '"skipped": "CAF is not here"'
contains "$dir/run.json" '"skipped": "go_absent was not built"'
contains "$dir/run.json" 'fewer than 99999 processors'
[ "$(wc -l <"$dir/programs/two.said")" -eq 2 ] || { echo 'bench: a command ran once per row, not once per round'; failed=1; }
expect 0 'round 1 of 1' 'a quick run' "$bench" run "$dir/rows.txt" "$dir/programs" "$dir/run.json" rounds=1 quick
if grep -q '"case": "time"' "$dir/run.json"; then echo 'bench: a quick run measures the full rows'; failed=1; fi
echo 'q | lost | stealing_2 | ns | less | full | short' >>"$dir/rows.txt"
expect 1 'q/lost/stealing_2: FAILED' 'a short count' "$bench" run "$dir/rows.txt" "$dir/programs" "$dir/run.json" rounds=1
contains "$dir/run.json.log" 'the handler has seen 1 of 2'
expect 2 'no row fits' 'a name that is not there' "$bench" run "$dir/rows.txt" "$dir/programs" "$dir/run.json" only=nothing
# What was measured while the processors were far from each other is measured again, three times at the most.
near=100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100
rm "$dir/programs/two.said"
expect 0 'round 1 of 1' 'processors that move' "$bench" run "$dir/rows.txt" "$dir/programs" "$dir/run.json" rounds=1 only=q/a/ probes=$near,100,260,100,100
contains "$dir/run.json" 'and back in 100 ns [100 - 260]; measured again because it took more than 2 times as long: 1, kept though: 0'
[ "$(wc -l <"$dir/programs/two.said")" -eq 2 ] || { echo 'bench: not measured again with processors that have moved'; failed=1; }
rm "$dir/programs/two.said"
expect 0 'round 1 of 1' 'processors that stay away' "$bench" run "$dir/rows.txt" "$dir/programs" "$dir/run.json" rounds=1 only=q/a/ probes=$near,100,300
contains "$dir/run.json" 'times as long: 2, kept though: 1'
[ "$(wc -l <"$dir/programs/two.said")" -eq 3 ] || { echo 'bench: measured without an end'; failed=1; }
# A rival that hangs, here in its second round, keeps the rounds before, and is told; one of ours fails.
printf '#!/bin/sh\nif [ -e "$0.$1" ]; then sleep 30; fi\ntouch "$0.$1"\necho "value q/slow/$1 5"\n' >"$dir/programs/hangs"
chmod +x "$dir/programs/hangs"
echo 'q | slow | caf_2 | ns | less | full | hangs caf_2' >"$dir/slow.txt"
expect 0 'round 3 of 3' 'a rival that hangs' "$bench" run "$dir/slow.txt" "$dir/programs" "$dir/run.json" rounds=3 patience=1 probes=100
contains "$dir/run.json" '"skipped": "q slow did not end in 1 s, in round 2"'
contains "$dir/run.json" '"runs": [5]'
expect 0 'skipped: caf_2: q slow did not end in 1 s' 'what hangs is told' "$bench" print "$dir/run.json" "$dir/targets.txt"
echo 'q | slow | stealing_2 | ns | less | full | hangs stealing_2' >"$dir/slow.txt"
expect 1 'FAILED: it did not end in 1 s' 'one of ours that hangs' "$bench" run "$dir/slow.txt" "$dir/programs" "$dir/run.json" rounds=2 patience=1 probes=100
echo 'q | bad | stealing_2 | ns | faster | full | good' >>"$dir/rows.txt"
expect 2 'better is more or less' 'a bad row' "$bench" run "$dir/rows.txt" "$dir/programs" "$dir/run.json"

# ---- the project's own rows and targets ----
expect 0 'targets, 0 of these' 'rows and targets of the project' "$bench" check "$root/benchmarks/rows.txt" "$root/benchmarks/targets.txt"
expect 1 'no row measures fan_in/9_producers/stealing_2' 'a target of nothing' "$bench" check "$root/benchmarks/rows.txt" "$dir/targets.txt"
exit $failed
