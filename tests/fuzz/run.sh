#!/bin/sh
# Builds the fuzz targets and runs each for some seconds on its corpus; a finding is left in
# build/fuzz/findings and fails the run.
#
#   tests/fuzz/run.sh [SECONDS] [TARGET...]     60 seconds and every target by default
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-60}
[ $# -eq 0 ] || shift
targets=${*:-$(sed -n 's/^guanxi_fuzz(\([a-z_]*\).*/\1/p' tests/fuzz/CMakeLists.txt)}
[ -f build/fuzz/build.ninja ] || cmake --preset fuzz >/dev/null
mkdir -p build/fuzz/findings
failed=0
for target in $targets; do
  cmake --build build/fuzz --target "fuzz_$target" >/dev/null
  grown=build/fuzz/corpus/$target
  mkdir -p "$grown" "tests/fuzz/corpus/$target"
  if "build/fuzz/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -max_len=8192 -timeout=10 \
    -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="build/fuzz/findings/$target-" \
    "$grown" "tests/fuzz/corpus/$target" >"build/fuzz/$target.log" 2>&1; then
    echo "fuzz $target: $(sed -n 's/^stat::number_of_executed_units: *//p' "build/fuzz/$target.log") inputs, nothing found"
  else
    failed=1
    tail -30 "build/fuzz/$target.log"
    echo "fuzz $target: FAILED, see build/fuzz/$target.log"
  fi
done
exit $failed
