#!/usr/bin/env bash
# Runs the tests of a build folder; further arguments go to ctest.
#
#   scripts/run-tests.sh build/release
#   scripts/run-tests.sh build/release -L fast
#
# The last line is "N passed, N failed". A test that did not run (missing,
# disabled, skipped) counts as failed, and finding no test at all is an error.
set -euo pipefail

if [ $# -lt 1 ] || [ ! -d "$1" ]; then
  echo "usage: $0 BUILD_FOLDER [CTEST_ARGUMENT...]" >&2
  exit 2
fi
build=$(cd "$1" && pwd)
shift
report="$build/test-report.xml"
rm -f "$report"

status=0
ctest --test-dir "$build" --no-tests=error --output-on-failure \
  --parallel "${VMSYSTEM_TEST_JOBS:-$(nproc)}" --output-junit "$report" \
  "$@" </dev/null || status=$?

if [ ! -f "$report" ]; then
  echo "ctest left no report" >&2
  echo "0 passed, 1 failed"
  exit 1
fi

# In the report `run` means passed; the others are fail, notrun, disabled.
cases() {
  sed -n 's/^[[:space:]]*<testcase \(.*\)$/\1/p' "$report" | "$@" || true
}
total=$(cases grep -c 'status="')
passed=$(cases grep -c 'status="run"')
not_passed=$(cases grep -v 'status="run"' \
  | sed 's/.*name="\([^"]*\)".*status="\([^"]*\)".*/  \1 (\2)/')

if [ "$total" -eq 0 ]; then
  echo "no test was run" >&2
  status=1
elif [ "$passed" -ne "$total" ]; then
  printf 'Not passed:\n%s\n' "$not_passed" >&2
  [ "$status" -ne 0 ] || status=1
fi
echo "$passed passed, $((total - passed)) failed"
exit "$status"
