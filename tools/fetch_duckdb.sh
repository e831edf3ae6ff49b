#!/usr/bin/env bash
# Puts DuckDB's shared library and C header into .cache/duckdb, from two npm packages of fixed
# version. Install scripts are not run. Does nothing when both files are there already.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${1:-.cache/duckdb}
[ -f "$target/duckdb.h" ] && [ -f "$target/libduckdb.so" ] && exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "fetching DuckDB 1.4.4 from npm"
(cd "$work" && npm pack --silent --ignore-scripts \
  @duckdb/node-bindings-linux-x64@1.4.4-r.1 duckdb@1.4.4 >/dev/null)
mkdir -p "$target"
tar -xzf "$work"/duckdb-node-bindings-linux-x64-1.4.4-r.1.tgz -C "$work" package/libduckdb.so
mv "$work/package/libduckdb.so" "$target/libduckdb.so"
tar -xzf "$work"/duckdb-1.4.4.tgz -C "$work" package/src/duckdb/src/include/duckdb.h
mv "$work/package/src/duckdb/src/include/duckdb.h" "$target/duckdb.h"
