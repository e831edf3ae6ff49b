#!/bin/sh
# Measures the live door: server on one core, generator on the other, and prints markdown tables.
#
#   benchmarks/live/run.sh [--seconds N] [--scratch FOLDER] [--modes "hole parse full"] [--mixes "20 mix 1"]
#
# hole: HTTP alone. parse: and every event decoded. full: and on the disk before the answer.
# Each mode first as fast as it goes (every connection sends again at once), then at half of that;
# full besides with the disk alone beside it (sync_rival), with first orders watched until their tier
# can be read, and with ten times the load.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
seconds=10
scratch=${TMPDIR:-/tmp}/guanxi-live
modes='hole parse full'
mixes='20 mix 1'
while [ $# -gt 0 ]; do
  case $1 in
    --seconds) seconds=$2; shift 2 ;;
    --scratch) scratch=$2; shift 2 ;;
    --modes) modes=$2; shift 2 ;;
    --mixes) mixes=$2; shift 2 ;;
    *) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2 ;;
  esac
done
cd "$here"
[ -f build/benchmark/build.ninja ] || cmake --preset benchmark >/dev/null
cmake --build build/benchmark --target live_server live_load sync_rival >/dev/null
bin=build/benchmark/benchmarks
mkdir -p "$scratch"
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$scratch"' EXIT

begin() { # MODE [PROBES]: a new server on a new folder
  rm -rf "$scratch/data"
  taskset -c 0 "$bin/live_server" "$1" 0 "$scratch/data" "${2:-0}" >"$scratch/server" &
  server=$!
  port=
  while [ -z "$port" ]; do
    sleep 0.1
    port=$(awk '/^listening/ {print $2}' "$scratch/server")
  done
}
finish() {
  kill "$server"
  wait "$server" || true
  server=
}
load() { # RATE CONNECTIONS EVENTS: what came of it, and what the server used; with its own words
  outcome=$(taskset -c 1 "$bin/live_load" "$port" "$seconds" "$1" --events "$3" --connections "$2")
  finish
  used=$(sed -n 's/^server [a-z]*: //p' "$scratch/server")
  probe=$(sed -n 's/^probe: //p' "$scratch/server")
  # Processor time an event: of all that was taken, the second of warming included.
  each=$(printf '%s %s\n' "$used" "$outcome" | awk -v seconds="$seconds" '{
    for (i = 1; i < NF; ++i) {
      if ($i == "user") cpu += $(i + 1)
      if ($i == "system") cpu += $(i + 1)
      if ($(i + 1) == "events/s,") rate = $i
    }
    printf "%.2f us", rate > 0 ? cpu * 1e6 / (rate * (seconds + 1)) : 0
  }')
}
row() { echo "| $1 | $2 | $3 | $each | $outcome | $used |"; }

grep -m 1 'model name' /proc/cpuinfo | sed 's/.*: //'
echo "$(date -u +%F), load $(cut -d ' ' -f 1-3 /proc/loadavg)"
echo
echo "| server | events a request | load | processor time, an event | outcome | server used |"
echo "|---|---|---|---|---|---|"
probes=
alone=
for mode in $modes; do
  for events in $mixes; do
    begin "$mode"
    load 0 256 "$events"
    row "$mode" "$events" "all it takes, 256 connections"
    most=$(echo "$outcome" | awk '{print int($3)}')
    half=$((most / 2))
    begin "$mode"
    load "$half" 256 "$events"
    row "$mode" "$events" "$half requests/s, half of it"
    [ "$mode" = full ] || continue
    alone="$alone$("$bin/sync_rival" "$scratch/alone" "$seconds")
"
    begin "$mode" 20
    load "$half" 256 "$events"
    row "$mode" "$events" "half of it, with first orders watched"
    probes="$probes$events events a request: $probe
"
    [ "$events" = 20 ] || continue
    for connections in 512 8000; do
      begin "$mode"
      load $((most * 10)) "$connections" "$events"
      row "$mode" "$events" "ten times it, $connections connections"
    done
  done
done
echo
printf '%s' "$probes"
printf 'the disk alone, between two rows of half load: %s' "$alone"
