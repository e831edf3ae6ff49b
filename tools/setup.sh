#!/usr/bin/env bash
# Installs what Guanxi needs on Debian 12, or on a later Debian or Ubuntu. Safe to call each time.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  cat <<'HELP'
tools/setup.sh [run|test]   install what ./run needs, or (default) also what ./test needs

  1. system packages through apt, only those that are missing, without recommended extras
     (uses sudo when not root; `apt-get update` only when something is missing)
  2. DuckDB's library and C header into .cache/duckdb (tools/fetch_duckdb.sh)
  3. npm packages of the page (web/) and, for tests, of the browser tests (tests/browser/) and the
     SDKs that are tested against (tests/sdk/)

Each step says what it does and does nothing when its work is done already.
GUANXI_NO_INSTALL=1 only says what is missing, and fails when something is.
HELP
}

# One line a need; "a|b" means: the first of them that this system's archive has.
run_packages='
build-essential cmake ninja-build ccache mold pkg-config git curl ca-certificates tzdata python3
libsqlite3-dev libzstd-dev libsimdjson-dev libtomlplusplus-dev libcli11-dev
libssl-dev librdkafka-dev libxxhash-dev libnlopt-dev libnlopt-cxx-dev libeigen3-dev libboost1.81-dev|libboost1.83-dev|libboost-dev
libxgboost-dev libarmadillo-dev zlib1g-dev
libsodium-dev libspdlog-dev prometheus-cpp-dev'
test_packages='
lld clang clang-tidy clang-format libclang-rt-14-dev|libclang-rt-18-dev|libclang-rt-dev
libgtest-dev nginx-light chromium fonts-noto-cjk'

say() { echo "setup: $*"; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# grep reads to the end: one that leaves early fails the pipe now and then (SIGPIPE under pipefail).
available() { apt-cache policy "$1" 2>/dev/null | grep 'Candidate: [^(]' >/dev/null; }

# Prints the packages of "$@" that are not installed; of alternatives, all that are asked for.
missing_of() {
  local need choice found
  for need in "$@"; do
    found=no
    for choice in ${need//|/ }; do
      if installed "$choice"; then found=yes; break; fi
    done
    [ "$found" = yes ] || echo "$need"
  done
}

# Node 18 or later may come from anywhere; Debian's own packages only when there is none.
node_packages() {
  local major
  major=$(node --version 2>/dev/null | sed -E 's/^v([0-9]+).*/\1/' || true)
  if [ -z "$major" ] || [ "$major" -lt 18 ]; then echo nodejs npm; return; fi
  command -v npm >/dev/null || echo npm
}

# A Java machine and Maven from anywhere will do for the broker of the Kafka tests.
java_packages() {
  command -v java >/dev/null || echo default-jre-headless
  command -v mvn >/dev/null || echo maven
}

install_packages() {
  local missing wanted=() need choice picked
  # shellcheck disable=SC2046,SC2086
  missing=$(missing_of $1)
  [ -n "$missing" ] || { say "system packages: all there"; return; }
  say "system packages missing:" $missing
  if [ "${GUANXI_NO_INSTALL:-}" = 1 ]; then
    say "GUANXI_NO_INSTALL=1, so nothing is installed"
    exit 1
  fi
  command -v apt-get >/dev/null || {
    say "this is no Debian or Ubuntu; install the equivalents of these packages by hand"
    exit 1
  }
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    say "not root and no sudo here; as root: apt-get install --no-install-recommends" $missing
    exit 1
  fi
  say "apt-get update"
  as_root apt-get update -qq
  for need in $missing; do
    picked=
    for choice in ${need//|/ }; do
      if available "$choice"; then picked=$choice; break; fi
    done
    if [ -n "$picked" ]; then wanted+=("$picked"); continue; fi
    if [ "$need" = chromium ]; then
      say "no chromium in this archive: browser tests will be left out unless one is on the PATH"
    else
      say "no package for: $need"
      exit 1
    fi
  done
  [ ${#wanted[@]} -gt 0 ] || return 0
  say "apt-get install ${wanted[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    "${wanted[@]}" </dev/null >/dev/null
}

# npm ci in folder $1 when its lock file is not the one that was installed last.
install_npm() {
  local folder=$1 stamp=$1/node_modules/.guanxi-installed
  [ -f "$folder/package-lock.json" ] || return 0
  if [ -f "$stamp" ] && cmp -s "$folder/package-lock.json" "$stamp"; then
    say "npm packages of $folder: all there"
    return
  fi
  if [ "${GUANXI_NO_INSTALL:-}" = 1 ]; then
    say "npm packages of $folder are missing; GUANXI_NO_INSTALL=1, so nothing is installed"
    exit 1
  fi
  say "npm ci in $folder"
  export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
  if ! (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error); then
    # npm ci wants every platform's optional package to be listed; a mirror may lack some of them.
    say "npm ci refused; npm install with the same lock file"
    (
      cd "$folder" && mkdir -p node_modules && cp package-lock.json node_modules/.lock
      code=0
      npm install --no-save --no-audit --no-fund --loglevel=error || code=$?
      mv node_modules/.lock package-lock.json
      exit "$code"
    )
  fi
  cp "$folder/package-lock.json" "$stamp"
}

case "${1:-test}" in
  -h | --help) usage; exit 0 ;;
  run) packages="$run_packages $(node_packages)" ;;
  test) packages="$run_packages $(node_packages) $(java_packages) $test_packages" ;;
  *) usage >&2; exit 2 ;;
esac

install_packages "$packages"
tools/fetch_duckdb.sh
install_npm web
[ "${1:-test}" = run ] || install_npm tests/browser
[ "${1:-test}" = run ] || install_npm tests/sdk
[ "${1:-test}" = run ] || tools/fetch_kafka.sh ||
  say "Kafka's jars are not to be had: tests/kafka will be left out"
