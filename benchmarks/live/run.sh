#!/bin/sh
# Measures the live door: server on one core, generator on the other, and prints a markdown table.
#
#   benchmarks/live/run.sh [--seconds N] [--scratch FOLDER] [--modes "hole parse full"]
#
# hole: HTTP alone. parse: and every event decoded. full: and on the disk before the answer.
# Each mode first as fast as it goes (every connection sends again at once), then at half of that.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
seconds=10
scratch=${TMPDIR:-/tmp}/guanxi-live
modes='hole parse full'
while [ $# -gt 0 ]; do
  case $1 in
    --seconds) seconds=$2; shift 2 ;;
    --scratch) scratch=$2; shift 2 ;;
    --modes) modes=$2; shift 2 ;;
    *) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 2 ;;
  esac
done
cd "$here"
[ -f build/benchmark/build.ninja ] || cmake --preset benchmark >/dev/null
cmake --build build/benchmark --target live_server live_load >/dev/null
bin=build/benchmark/benchmarks
mkdir -p "$scratch"
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$scratch"' EXIT

begin() { # MODE: a new server on a new folder
  rm -rf "$scratch/data"
  taskset -c 0 "$bin/live_server" "$1" 0 "$scratch/data" >"$scratch/server" &
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
  sed -n 's/^server [a-z]*: //p' "$scratch/server"
}
load() { taskset -c 1 "$bin/live_load" "$port" "$@"; }

echo "| server | events a request | load | outcome | server used |"
echo "|---|---|---|---|---|"
for mode in $modes; do
  for events in 20 mix 1; do
    begin "$mode"
    most=$(load "$seconds" 0 --events "$events" --connections 256)
    echo "| $mode | $events | all it takes | $most | $(finish) |"
    rate=$(echo "$most" | awk '{print int($3 / 2)}')
    begin "$mode"
    half=$(load "$seconds" "$rate" --events "$events" --connections 256)
    echo "| $mode | $events | $rate requests/s, half of it | $half | $(finish) |"
  done
done
