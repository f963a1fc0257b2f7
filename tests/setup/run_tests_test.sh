#!/usr/bin/env bash
# Runs scripts/run-tests.sh on small make-believe projects and checks its exit
# code and its last line.
set -uo pipefail

script=$(cd "$(dirname "$0")/../.." && pwd)/scripts/run-tests.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# A build folder for ctest alone: what CMake would generate from add_test.
suite() { # lines of CTestTestfile.cmake on standard input
  rm -rf "$work/build"
  mkdir "$work/build"
  cat >"$work/build/CTestTestfile.cmake"
}

expect() { # name, exit code (0 or 1 for any other), last line
  local output code
  output=$(bash "$script" "$work/build" 2>&1)
  code=$?
  [ "$code" -eq 0 ] || code=1
  if [ "$code" -ne "$2" ] || [ "$(tail -n 1 <<<"$output")" != "$3" ]; then
    printf '%s: exit code %s, output:\n%s\n' "$1" "$code" "$output"
    failures=$((failures + 1))
  fi
}

suite <<<'add_test(a true)
add_test(b true)'
expect a_suite_that_passes 0 '2 passed, 0 failed'

suite <<<'add_test(a true)
add_test(b false)'
expect a_test_that_fails 1 '1 passed, 1 failed'

suite <<<'add_test(a true)
add_test(b /no/such/program)'
expect a_test_whose_program_is_missing 1 '1 passed, 1 failed'

suite <<<'add_test(a true)
add_test(b true)
set_tests_properties(b PROPERTIES DISABLED ON)'
expect a_disabled_test 1 '1 passed, 1 failed'

suite <<<'add_test(a true)
add_test(b sh -c "exit 77")
set_tests_properties(b PROPERTIES SKIP_RETURN_CODE 77)'
expect a_skipped_test 1 '1 passed, 1 failed'

suite <<<'add_test(a sleep 60)
set_tests_properties(a PROPERTIES TIMEOUT 1)'
expect a_test_that_never_ends 1 '0 passed, 1 failed'

suite <<<''
expect a_suite_without_tests 1 '0 passed, 0 failed'

[ "$failures" -eq 0 ]
