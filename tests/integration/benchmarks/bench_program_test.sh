#!/usr/bin/env bash
# Runs vm-system-bench ($1) on its cheapest workload and checks what it leaves
# behind, how it compares runs, and what it says of a user's scripts. No time
# counts.
set -uo pipefail

program=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# run EXIT_CODE ARGUMENT...: leaves all that was printed in $output.
run() {
  local expected=$1 code=0
  shift
  output=$("$program" --quick --dir "$work/stores" "$@" 2>&1 </dev/null) || code=$?
  [ "$code" -eq "$expected" ] || fail "exit code $code, not $expected: $*"
}

fail() {
  printf '%s\n%s\n' "$1" "$output"
  failures=$((failures + 1))
}

says() {
  grep -qF -- "$1" <<<"$output" || fail "does not say '$1'"
}

says_not() {
  ! grep -qF -- "$1" <<<"$output" || fail "says '$1'"
}

run 0 --only disk --json "$work/run.json" --html "$work/page.html"
says 'append 4 KiB, fdatasync'
grep -q '<h2>disk</h2>' "$work/page.html" || fail "the page has no plots"

# The group's name chooses its workloads.
run 0 --only writer
says 'writer-commit'
says_not 'engine-eval'

# Rates and times that were better or worse before.
edit() {
  sed -E "s/(\"median\": )([0-9.e+-]+)/\\1$1/" "$work/run.json" >"$work/old.json"
}
run 0 --only disk --baseline "$work/run.json" --factor 1000
says '4 figures compared, 0 worse'
edit '1e12'
run 3 --only disk --baseline "$work/old.json"
says 'WORSE     disk: append 4 KiB, fdatasync: '
says 'times worse'
says_not 'WORSE     disk: append 4 KiB, fdatasync: p50'
edit '1e-12'
run 3 --only disk --baseline "$work/old.json"
says 'WORSE     disk: append 4 KiB, fdatasync: p50'
says ' 1 worse'
sed 's/fdatasync"/fsync"/' "$work/run.json" >"$work/old.json"
run 0 --only disk --baseline "$work/old.json" --factor 1000
says 'disk: append 4 KiB, fsync (1/s): only in the baseline'
says 'disk: append 4 KiB, fdatasync (1/s): not in the baseline'
# Figures of workloads that nobody asked for are not missed.
run 0 --only http-health --baseline "$work/run.json"
says_not 'only in the baseline:'
says ' 0 only in the baseline'

# What is wrong is said before anything is measured.
echo '{}' >"$work/old.json"
run 1 --only disk --baseline "$work/old.json"
says 'field "processor" is missing'
says_not 'fdatasync'
run 2 --only disk --factor 2
run 2 --only nonsense
run 2 --script "$work/missing.js"
run 2 --args '{}'

cat >"$work/double.js" <<<'__ARGS__.n * factor'
cat >"$work/startup.js" <<<'globalThis.factor = 2'
cat >"$work/template.json" <<'JSON'
{"limits": {"cpu_ms": 100}, "startup_files": [{"path": "startup.js"}]}
JSON
run 0 --script "$work/double.js" --args '{"n": 21}' \
  --template "$work/template.json" --in-flight 4
says 'new session each time: 200 executions, 200 ok'
says 'sessions that live on: 200 executions, 200 ok'
says_not 'engine-eval'

echo 'throw new Error("no luck")' >"$work/throws.js"
run 1 --script "$work/throws.js" --in-flight 4 --json "$work/run.json"
says '200 executions, 200 exception'
says "throws.js failed: exception: Error: no luck"
grep -q '"message": "exception: Error: no luck"' "$work/run.json" \
  || fail "the failure is not in the file"

echo '{"limits": {"cpu_ms": 0}}' >"$work/template.json"
run 1 --script "$work/double.js" --template "$work/template.json"
says 'cpu_ms'
run 2 --script "$work/double.js" --args '[]'

[ "$failures" -eq 0 ]
