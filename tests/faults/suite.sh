#!/usr/bin/env bash
# Runs integration tests on a disk with faults, which tests/faults/store_faults.cpp
# plays. With `delay` they have to pass. With `error` and `torn` requests fail
# and with them the tests, but no server may end by a signal or hang, and no
# store may have a fault that `db check` finds.
#
# Usage: suite.sh MODE ONE_IN SEED SECONDS PROGRAM...
#        SECONDS: after so many, a program is given up
set -uo pipefail

mode=$1
one_in=$2
seed=$3
seconds=$4
shift 4

folder=$(mktemp -d)
readonly folder
trap 'rm -rf "$folder"' EXIT
readonly report=$folder/report
failed=0
ran=0

fail() {
  echo "FAILED: $1" >&2
  failed=1
}

for program in "$@"; do
  name=$(basename "$program")
  : > "$report"
  VM_TEST_FAULTS="$mode $one_in $seed" VM_TEST_FAULTS_REPORT=$report \
    timeout --kill-after=5 "$seconds" "$program" --catch_system_errors=no \
    > "$folder/said" 2>&1
  status=$?
  # Boost.Test ends with 200 or 201 when tests failed.
  case $mode,$status in
    *,0 | error,20[01] | torn,20[01]) ;;
    *)
      fail "$name ended with $status"
      tail -50 "$folder/said" >&2
      ;;
  esac
  if grep -A20 '^BAD' "$report" >&2; then
    fail "$name left a server or a store that it must not leave"
  fi
  grep -q '^ended' "$report" && ran=1
  faults=$(sed -n 's/^ended with .* after \([0-9]*\) faults$/\1/p' "$report" \
    | awk '{ sum += $1 } END { print sum + 0 }')
  echo "$name: $(grep -c '^ended' "$report") servers," \
    "$(grep -c '^start' "$report") refused starts, $faults faults," \
    "$(grep -c '^checked' "$report") stores checked"
done
[[ $ran == 1 ]] || fail "no server had faults"
exit $failed
