#!/usr/bin/env bash
# Runs the benchmarks of a build folder; further arguments go to
# vm-system-bench.
#
#   scripts/run-bench.sh build/release
#   scripts/run-bench.sh build/release --only http-repl,inproc-repl
#
# Leaves all that was measured in BUILD_FOLDER/bench.json.
set -euo pipefail

if [ $# -lt 1 ] || [ ! -d "$1" ]; then
  echo "usage: $0 BUILD_FOLDER [ARGUMENT...]" >&2
  exit 2
fi
build=$1
shift
exec "$build/benchmarks/vm-system-bench" --json "$build/bench.json" "$@"
