#!/usr/bin/env bash
# Checks the sources with clang-tidy (see .clang-tidy); arguments are regular
# expressions of file names, default all. Exits 1 where it finds something.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v run-clang-tidy >/dev/null || {
  echo "clang-tidy is missing: scripts/install-packages.sh --dev" >&2
  exit 1
}

# A build folder of its own: clang cannot read gcc's precompiled headers.
cmake --preset debug -B build/tidy -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON
cmake --build build/tidy --target vmsystem_engine_generated

if [ $# -eq 0 ]; then
  set -- "^$PWD/(models|engine|persistence|pipeline|actors|app|tests|benchmarks)/"
fi
run-clang-tidy -quiet -p build/tidy "$@"
