#!/bin/sh
# scrape.sh EXPORTER [openmetrics]: a real Prometheus scrapes the exporter on a loopback port, and its answers are the
# numbers; the alarms of the catalogue are rules that it takes. It needs some seconds to begin: its API is asked again and
# again.
set -u
exporter=$1
for tool in prometheus promtool; do
    command -v $tool >/dev/null 2>&1 || { echo "$tool is not here (Debian: prometheus)"; exit 77; }
done
dir=$(mktemp -d)
server=''
program=''
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; [ -z "$program" ] || kill "$program" 2>/dev/null; wait; rm -rf "$dir"' EXIT
mkfifo "$dir/stdin"
"$exporter" <"$dir/stdin" >"$dir/port" &
program=$!
exec 3>"$dir/stdin"
while [ ! -s "$dir/port" ]; do kill -0 $program || exit 1; sleep 0.1; done
port=$(cat "$dir/port")
tools/tables --rules >"$dir/rules.yml" || exit 1
cat >"$dir/prometheus.yml" <<END
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [ '$dir/rules.yml' ]
scrape_configs:
  - job_name: exporter
    static_configs: [ { targets: [ '127.0.0.1:$port' ] } ]
END
try=0
while :; do # a port that is free now; somebody may take it before the server does
    own=$((20000 + ($$ + try * 997) % 20000))
    prometheus --config.file="$dir/prometheus.yml" --storage.tsdb.path="$dir/data" --log.level=warn \
        --web.listen-address="127.0.0.1:$own" >"$dir/log" 2>&1 &
    server=$!
    waited=0
    while kill -0 "$server" 2>/dev/null && [ $waited -lt 100 ] && ! grep -q '=>' "$dir/answer" 2>/dev/null; do
        promtool query instant "http://127.0.0.1:$own" 'troupe_messages_handled_total > 100' >"$dir/answer" 2>/dev/null
        waited=$((waited + 1))
        sleep 0.5
    done
    ! grep -q '=>' "$dir/answer" 2>/dev/null || break
    try=$((try + 1))
    if [ $try -ge 3 ] || kill -0 "$server" 2>/dev/null; then
        echo 'Prometheus has no number of the exporter:'
        tail -n 20 "$dir/log"
        exit 1
    fi
done
failed=0
query() { promtool query instant "http://127.0.0.1:$own" "$1"; }
expect() { # QUERY TEXT
    query "$1" >"$dir/answer" 2>&1
    grep -Fq -e "$2" "$dir/answer" || { echo "$1: there is no '$2' in:"; cat "$dir/answer"; failed=1; }
}
expect 'up{job="exporter"}' '=> 1 @'
expect 'troupe_actors_alive' 'type="busy"'
expect 'troupe_mine_total' '=> 7 @'
expect 'troupe_mine_total' 'k="a\"b\\c?d"'
expect 'troupe_messages_sent_total - troupe_messages_handled_total - troupe_messages_queued == bool 0' '=> 1 @'
expect 'histogram_quantile(0.99, troupe_handler_seconds_bucket) < bool 3600' '=> 1 @'
expect 'count(ALERTS{alertstate="firing"}) or vector(0)' '=> 0 @'
expect 'scrape_samples_scraped > bool 50' '=> 1 @'
if grep -q 'level=error' "$dir/log"; then
    grep 'level=error' "$dir/log"
    failed=1
fi
exec 3>&-
exit $failed
