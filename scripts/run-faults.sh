#!/usr/bin/env bash
# Runs all integration tests on disks that are slow, fail and tear writes, and
# servers under load on disks that fail, against what their clients were told.
# Prints what was played.
#
# Usage: run-faults.sh BUILD [SEED [CYCLES]]
set -uo pipefail
cd "$(dirname "$0")/.."

build=$1
seed=${2:-1}
cycles=${3:-50}

# These need no server of the harness, or the network.
without="integration_libs_download integration_packages integration_package"
programs=()
for program in "$build"/tests/integration/integration_*; do
  [[ -x $program && ! -d $program ]] || continue
  [[ " $without " == *" $(basename "$program") "* ]] || programs+=("$program")
done

failed=0
for mode in delay error torn; do
  echo "== $mode"
  tests/faults/suite.sh "$mode" 50 "$seed" 300 "${programs[@]}" || failed=1
done
echo "== what clients were told"
VM_TEST_FAULT_SEED=$seed VM_TEST_FAULT_CYCLES=$cycles \
  "$build/tests/faults/faults_oracle" --catch_system_errors=no \
  --log_level=message || failed=1
exit $failed
