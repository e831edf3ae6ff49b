#!/usr/bin/env bash
# Fuzzes every target for its share of GUANXI_FUZZ_SECONDS (default 60 in all), beginning with the
# corpus that is kept. What breaks something lies in build/fuzz/findings: make a test of it.
#   tests/fuzz/run.sh [TARGET ...]
set -euo pipefail
cd "$(dirname "$0")/../.."
# Targets with a program of their own are so called; the others share one.
own=$(sed -n 's/^guanxi_fuzz(\([a-z_]*\).*/\1/p' tests/fuzz/CMakeLists.txt)
[ -f build/fuzz/build.ninja ] || cmake --preset fuzz > /dev/null
cmake --build build/fuzz --target $(printf 'fuzz_%s ' $own) > /dev/null
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  for folder in tests/fuzz/corpus/*/; do targets+=("$(basename "$folder")"); done
fi
seconds=$(( ${GUANXI_FUZZ_SECONDS:-60} / ${#targets[@]} ))
[ "$seconds" -ge 1 ] || seconds=1
mkdir -p build/fuzz/findings
failed=0
for target in "${targets[@]}"; do
  mkdir -p "build/fuzz/corpus/$target"
  length=4096
  [ "$target" = image ] && length=65536
  program=build/fuzz/tests/fuzz/fuzz_rooms
  if grep -qx "$target" <<< "$own"; then program=build/fuzz/tests/fuzz/fuzz_$target; fi
  if GUANXI_FUZZ_TARGET=$target "$program" -max_total_time="$seconds" -rss_limit_mb=2048 \
      -timeout=10 -max_len="$length" -print_final_stats=1 -artifact_prefix="build/fuzz/findings/$target-" \
      "build/fuzz/corpus/$target" "tests/fuzz/corpus/$target" > "build/fuzz/$target.log" 2>&1; then
    echo "fuzz $target: $(grep -Eo 'number_of_executed_units: [0-9]+' "build/fuzz/$target.log" |
      grep -Eo '[0-9]+') runs in $seconds s, nothing found"
  else
    tail -40 "build/fuzz/$target.log"
    echo "fuzz $target: FOUND something; see build/fuzz/findings and build/fuzz/$target.log"
    failed=1
  fi
done
exit $failed
