#!/bin/sh
# Measures Guanxi beside its rivals in one run and prints a markdown table.
#
#   benchmarks/run.sh [--size small|full] [--scratch FOLDER] [--data FOLDER]
#
# small: 10 M made-up events (about 2 GB of scratch); full: 100 M (about 12 GB, 24 GiB of memory).
# --data: the folder with online_retail/*.csv.gz; left out aloud when it is not there.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
size=small
scratch=${TMPDIR:-/tmp}/guanxi-bench
data=$here/../shared/data
while [ $# -gt 0 ]; do
  case $1 in
    --size) size=$2; shift 2 ;;
    --scratch) scratch=$2; shift 2 ;;
    --data) data=$2; shift 2 ;;
    *) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 2 ;;
  esac
done
case $size in
  small) events=10000000 ;;
  full) events=100000000 ;;
  *) echo "--size small or full" >&2; exit 2 ;;
esac
days=420 # 20 events a person, so 100 M are 5 M people

cd "$here"
[ -f build/benchmark/build.ninja ] || cmake --preset benchmark >/dev/null
cmake --build build/benchmark --target guanxi guanxi_benchmark >/dev/null
guanxi=build/benchmark/bin/guanxi
[ -x "$guanxi" ] || guanxi=$(find build/benchmark -name guanxi -type f -perm -u+x | head -n 1)
bench=$(find build/benchmark -name guanxi_benchmark -type f -perm -u+x | head -n 1)
mkdir -p "$scratch"
trap 'rm -rf "$scratch"' EXIT
brand=$scratch/brand.parquet

now() { date +%s.%N; }
timed() { # seconds that a command takes
  began=$(now)
  "$@" >"$scratch/out" 2>&1 || { cat "$scratch/out" >&2; exit 1; }
  echo "$(now) $began" | awk '{printf "%.2f", $1 - $2}'
}
ratio() { echo "$1 $2" | awk '{printf "%.2f x", $2 / $1}'; }
median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

echo "| what ($events made-up events) | Guanxi | DuckDB | ratio |"
echo "|---|---|---|---|"
ours=$(timed "$guanxi" simulate --events "$events" --days "$days" --out "$brand")
echo "| simulate to Parquet, $(du -h "$brand" | cut -f1) | $ours s | | |"
"$bench" memory "$events" "$days" "$brand"
rm -rf "$scratch/data"
ours=$(timed "$guanxi" --data "$scratch/data" import --yes --quiet "$brand")
rival=$("$bench" sort "$brand")
echo "| import Parquet to tiers (rival: read and sort) | $ours s | $rival s | $(ratio "$ours" "$rival") |"
ours=$(timed "$guanxi" --data "$scratch/data" status)
echo "| restart to first answer, log of $(du -sh "$scratch/data" | cut -f1) | $ours s | | |"
rm -rf "$scratch/data"
if [ -f "$data/online_retail/online_retail_II_2009_2010.csv.gz" ]; then
  for n in 2009_2010 2010_2011; do
    gzip -dc "$data/online_retail/online_retail_II_$n.csv.gz" >"$scratch/online_retail_II_$n.csv"
  done
  ours=$(for _ in 1 2 3 4 5; do
    rm -rf "$scratch/data"
    timed "$guanxi" --data "$scratch/data" import --yes --quiet "$scratch"/online_retail_II_*.csv
    echo
  done | median)
  rival=$(for _ in 1 2 3 4 5; do "$bench" retail "$scratch/online_retail_II_*.csv"; done | median)
  echo "| Online Retail II, CSV to tiers (rival: read_csv and RFM) | $ours s | $rival s | $(ratio "$ours" "$rival") |"
else
  echo "| Online Retail II: left out, $data has no online_retail | | | |"
fi
