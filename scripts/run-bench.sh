#!/usr/bin/env bash
# Runs the benchmarks of a build folder; further arguments go to
# vm-system-bench.
#
#   scripts/run-bench.sh build/release
#   scripts/run-bench.sh build/release --only http,engine
#
# Leaves all that was measured in BUILD_FOLDER/bench.json, and a page with plots
# in BUILD_FOLDER/bench.html.
#
#   scripts/run-bench.sh --peers build/release
#
# compares the batch workload with what a user would pick instead, at the same
# number of workers; further arguments go to benchmarks/peers/run.mjs. Its npm
# packages are installed into BUILD_FOLDER/peers; one that cannot be installed
# or built is a row with the reason. Leaves BUILD_FOLDER/bench-peers.json.
set -euo pipefail

usage() {
  echo "usage: $0 [--peers] BUILD_FOLDER [ARGUMENT...]" >&2
  exit 2
}

peers=no
if [ "${1-}" = --peers ]; then
  peers=yes
  shift
fi
if [ $# -lt 1 ] || [ ! -d "$1" ]; then
  usage
fi
build=$(cd "$1" && pwd)
shift
bench=$build/benchmarks/vm-system-bench

if [ "$peers" = no ]; then
  # A library as users have it; without the network, one is made of its size.
  libraries=$build/bench-libraries
  mkdir -p "$libraries"
  if "$build/vm-system" libs download lodash --cache-dir "$libraries" >&2; then
    set -- --library-cache "$libraries" "$@"
  fi
  exec "$bench" --json "$build/bench.json" --html "$build/bench.html" "$@"
fi

command -v node >/dev/null && command -v npm >/dev/null || {
  echo "node and npm are missing: scripts/install-packages.sh" >&2
  exit 1
}
sources=$(cd "$(dirname "$0")/../benchmarks" && pwd)
place=$build/peers
log=$place/install.log
mkdir -p "$place"

# What is installed fits the lockfile and this Node, or is installed anew.
wanted=$(cat "$sources/peers/package-lock.json" <(node --version))
if [ "$(cat "$place/installed" 2>/dev/null || true)" != "$wanted" ]; then
  cp "$sources/peers/package.json" "$sources/peers/package-lock.json" "$place"
  echo "Installing the peers into $place; isolated-vm takes a minute to build" >&2
  # Scripts of packages do not run, but for the one build that is needed; it
  # takes no binary from elsewhere.
  if (cd "$place" \
    && npm ci --ignore-scripts --no-audit --no-fund \
    && npm_config_build_from_source=true \
      npm rebuild isolated-vm --foreground-scripts) >"$log" 2>&1; then
    printf '%s\n' "$wanted" >"$place/installed"
  else
    echo "Not all of them could be installed; see $log" >&2
  fi
fi
# Beside node_modules, where they find the packages.
rm -rf "$place/benchmarks"
mkdir "$place/benchmarks"
cp -r "$sources/peers" "$sources/jobs" "$place/benchmarks"

workers=$(nproc)
status=0
own=()
if "$bench" --list | grep -q '^batch-fresh '; then
  own=(--own "$build/bench-batch.json")
  "$bench" --only batch-fresh --slots "$workers" --json "${own[1]}" || status=$?
fi
node "$place/benchmarks/peers/run.mjs" --workers "$workers" "${own[@]}" \
  --json "$build/bench-peers.json" "$@" || status=$?
exit "$status"
