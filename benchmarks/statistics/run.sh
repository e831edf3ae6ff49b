#!/usr/bin/env bash
# Fits and predictions in CPU seconds of one core, ours and lifetimes' in one run.
#   benchmarks/statistics/run.sh [PEOPLE] [RUNS]     default: 1000000 3
# The rival is measured when PEER_PYTHON names a Python that has it:
#   python3 -m venv .cache/peer && .cache/peer/bin/pip install 'numpy<2' 'scipy<1.12' 'pandas<2.2' lifetimes
#   PEER_PYTHON=.cache/peer/bin/python benchmarks/statistics/run.sh
# PEER_PARETO=1 also has it fit Pareto/NBD, which takes minutes.
set -euo pipefail
cd "$(dirname "$0")/../.."
people=${1:-1000000}
runs=${2:-3}
cmake --preset benchmark > /dev/null
cmake --build --preset benchmark --target statistics_speed > /dev/null
program=build/benchmark/benchmarks/statistics_speed
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1
uname -srm
grep -m1 'model name' /proc/cpuinfo
echo "what                                   people  CPU s (median of $runs)"
taskset -c 0 "$program" "$people" "$runs"
if [ -n "${PEER_PYTHON:-}" ]; then
  file=$(mktemp)
  trap 'rm -f "$file"' EXIT
  "$program" "$people" --write "$file"
  taskset -c 0 "$PEER_PYTHON" benchmarks/statistics/peer.py "$file" ${PEER_PARETO:+--pareto}
fi
