#!/usr/bin/env bash
# The long tests of the live door, as docs/reliability.md quotes them, optimised and with all checks.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ "${1:-}" = "--help" ] || [ "${1:-}" = "-h" ]; then
  echo "usage: tests/soak/run.sh [--rounds N] [--seed N]" \
    "[http_kill|kill|power|mutant|file|shape|http_load|load ...]"
  exit 0
fi
rounds=1000
seed=20261122
tests=()
while [ $# -gt 0 ]; do
  case "$1" in
    --rounds) rounds=$2; shift 2 ;;
    --seed) seed=$2; shift 2 ;;
    http_kill | kill | power | file | shape | http_load | load) tests+=("soak_$1_test"); shift ;;
    mutant) tests+=(soak_power_mutant_test); shift ;;
    *) echo "unknown: $1; see --help" >&2; exit 2 ;;
  esac
done
[ ${#tests[@]} -gt 0 ] ||
  tests=(soak_http_kill_test soak_kill_test soak_power_test soak_power_mutant_test soak_file_test soak_shape_test
    soak_http_load_test soak_load_test)
mkdir -p build
cmake --preset release -B build/soak -DGUANXI_TESTS=ON > build/soak-configure.log
cmake --build build/soak --target "${tests[@]}"
for test in "${tests[@]}"; do
  SOAK_ROUNDS=$rounds SOAK_SEED=$seed "build/soak/tests/$test"
done
