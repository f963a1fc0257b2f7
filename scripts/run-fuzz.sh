#!/usr/bin/env bash
# Runs the fuzz targets of a build folder side by side, as many as there are
# processors.
#
#   scripts/run-fuzz.sh build/fuzz 600
#
# What they find out about inputs grows in BUILD/corpus; an input that fails is
# left in BUILD/findings. Exits 1 when there is one.
set -euo pipefail

if [ $# -ne 2 ] || [ ! -d "$1" ]; then
  echo "usage: $0 BUILD_FOLDER SECONDS" >&2
  exit 2
fi
build=$(cd "$1" && pwd)
seconds=$2
cd "$(dirname "$0")/.."
mkdir -p "$build/findings"

fuzz() {
  local name=$1
  local log="$build/$name.log"
  mkdir -p "$build/corpus/$name"
  if "$build/tests/fuzz/${name}_fuzz" "-max_total_time=$seconds" \
    -timeout=20 "-artifact_prefix=$build/findings/$name-" \
    "$build/corpus/$name" "tests/fuzz/corpus/$name" >"$log" 2>&1; then
    echo "$name: $(tail -n 1 "$log")"
  else
    tail -n 40 "$log"
    echo "$name: found something, see $log"
    return 1
  fi
}
export -f fuzz
export build seconds

# xargs exits with 123 when one of them failed.
find tests/fuzz/corpus -mindepth 1 -maxdepth 1 -printf '%f\0' | sort -z \
  | xargs -0 -n 1 -P "$(nproc)" bash -c 'set -euo pipefail; fuzz "$1"' fuzz \
  || exit 1
