#!/usr/bin/env bash
# Runs the scripts of examples/scripts in a daemon of its own, prints what came
# out, and compares it with examples/scripts/expected.tsv. Then runs a batch of
# 10,000 jobs without a daemon, on a store on the disk, compares how many ended
# for which reason with what must be, and writes a report beside the program.
#
#   scripts/run-demo.sh build/release/vm-system
#
# Exits 0 when everything came out as expected, 1 when something did not or the
# daemon failed, 2 on wrong usage.
set -euo pipefail

if [ $# -ne 1 ] || [ ! -x "$1" ]; then
  echo "usage: $0 PROGRAM" >&2
  exit 2
fi
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
tools=$(cd "$(dirname "$0")" && pwd)
scripts=$(cd "$tools/../examples/scripts" && pwd)
report=$(dirname "$program")/demo-report.html

bold='' dim='' red='' green='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR-}" ]; then
  bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
fi

folder=$(mktemp -d "${TMPDIR:-/tmp}/vm-system-demo.XXXXXX")
daemon=

# Called at every end, so the daemon never outlives the demo.
clean_up() {
  if [ -n "$daemon" ]; then
    kill "$daemon" 2>/dev/null || true
    wait "$daemon" 2>/dev/null || true
  fi
  rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

give_up() {
  echo "run-demo: $1" >&2
  if [ -s "$folder/log" ]; then
    echo "The daemon's log:" >&2
    tail -n 20 "$folder/log" >&2
  fi
  exit 1
}

# Settings of the caller's own daemon must not reach this one.
for variable in ${!VM_SYSTEM_@}; do
  unset "$variable"
done

"$program" --db "$folder/store" serve --listen 127.0.0.1:0 \
  --port-file "$folder/port" --max-sessions 64 \
  >"$folder/out" 2>"$folder/log" </dev/null &
daemon=$!
for ((i = 0; i < 300; ++i)); do
  [ ! -s "$folder/port" ] || break
  kill -0 "$daemon" 2>/dev/null || give_up "the daemon did not start"
  sleep 0.1
done
[ -s "$folder/port" ] || give_up "the daemon did not start within 30 s"
url=http://127.0.0.1:$(<"$folder/port")
echo "A daemon serves at $url, its store is fresh."

# The command line of the product, at our daemon.
vm() {
  "$program" --server-url "$url" "$@" </dev/null
}

# value_of NAME FILE: the rest of the first line "NAME: ..." of a file.
value_of() {
  local line
  while IFS= read -r line; do
    line=${line#"${line%%[![:space:]]*}"}
    if [ "${line%%: *}" = "$1" ]; then
      printf '%s' "${line#*: }"
      return
    fi
  done <"$2"
}

created=$(vm template create --name demo) || give_up "no template"
template=${created##*ID: }
template=${template%)}
vm template set "$template" \
  --limit cpu_ms=500,wall_ms=3000,mem_mb=32,max_output_kb=64 >/dev/null
vm template add-startup "$template" --path startup.js --order 1 >/dev/null
echo "Template $template: at most 500 ms of processor time, 3 s, 32 MiB and" \
  "64 KiB of output; each session starts with startup.js."

# print_events: the events of an outcome; of many only the first and last.
print_events() {
  local -a events=()
  local from
  mapfile -t events < <(sed -n '/^\[[0-9]*\] /p' "$1")
  from=0
  if [ "${#events[@]}" -gt 14 ]; then
    for ((i = 0; i < 8; ++i)); do
      printf '  %s\n' "${events[i]:0:150}"
    done
    from=$((${#events[@]} - 4))
    printf '  %s... %d more ...%s\n' "$dim" $((from - 8)) "$plain"
  fi
  for ((i = from; i < ${#events[@]}; ++i)); do
    printf '  %s\n' "${events[i]:0:150}"
  done
}

summary=()
failed=0

run_script() {
  local script=$1 args=$2 want_status=$3 want_reason=$4 want_outcome=$5
  local outcome=$folder/outcome record=$folder/record session id
  printf '\n%s== %s%s\n' "$bold" "$script" "$plain"
  session=$(vm session create --template-id "$template" --workspace-id demo \
    --base-commit none --worktree-path "$scripts") \
    || give_up "no session for $script"
  session=${session#Created session: }
  session=${session%%$'\n'*}

  local -a command=(exec run-file "$session" "$script")
  [ "$args" = - ] || command+=(--args "$args")
  vm "${command[@]}" >"$outcome" 2>"$folder/errors" || true
  id=$(value_of "Execution ID" "$outcome")
  if [ -z "$id" ]; then
    cat "$folder/errors" >&2
    give_up "$script left no execution"
  fi
  print_events "$outcome"

  vm exec get "$id" >"$record"
  local status reason seen
  status=$(value_of status "$record")
  reason=$(value_of end_reason "$record")
  if [ "$status" = ok ]; then
    seen=$(value_of preview "$record")
  else
    seen=$(value_of message "$record")
  fi
  printf '  %squeue %s ms, cpu %s ms, wall %s ms, memory %s KiB, %s events, %s bytes of output%s\n' \
    "$dim" "$(value_of queue_ms "$record")" "$(value_of cpu_ms "$record")" \
    "$(value_of wall_ms "$record")" "$(value_of peak_mem_kb "$record")" \
    "$(value_of events "$record")" "$(value_of output_bytes "$record")" \
    "$plain"

  # Whatever happened, its session can still be used.
  vm exec repl "$session" '"still " + "here"' >"$outcome" 2>&1 || true
  local alive=no
  ! grep -qF '"preview":"still here"' "$outcome" || alive=yes
  vm session close "$session" >/dev/null || true

  local verdict=ok colour=$green
  if [ "$status/$reason/$seen/$alive" \
    != "$want_status/$want_reason/$want_outcome/yes" ]; then
    verdict=DIFFERS colour=$red
    failed=$((failed + 1))
    {
      echo "  expected: $want_status, $want_reason: $want_outcome"
      echo "  seen:     $status, $reason: $seen (session usable: $alive)"
    } >&2
  fi
  summary+=("$(printf '%-22s %-22s %-22s %s%s%s' "$script" \
    "$want_status/$want_reason" "$status/$reason" \
    "$colour" "$verdict" "$plain")")
}

while IFS=$'\t' read -r script args status reason outcome; do
  case "$script" in "" | "#"*) continue ;; esac
  run_script "$script" "$args" "$status" "$reason" "$outcome"
done <"$scripts/expected.tsv"

[ "${#summary[@]}" -gt 0 ] || give_up "there is nothing to run"

kill "$daemon"
stopped=0
wait "$daemon" || stopped=$?
daemon=
[ "$stopped" -eq 0 ] || give_up "the daemon ended with status $stopped"

printf '\n%s%-22s %-22s %-22s %s%s\n' "$bold" script expected seen verdict "$plain"
printf '%s\n' "${summary[@]}"
echo "${#summary[@]} scripts, $failed not as expected; the daemon stopped in order."

printf '\n%s== 10,000 jobs in one batch, without a daemon%s\n' "$bold" "$plain"
"$tools/demo-jobs.sh" "$folder/wanted" >"$folder/jobs.ndjson"
cat >"$folder/template.json" <<'END'
{"name": "demo",
 "limits": {"cpu_ms": 500, "wall_ms": 3000, "mem_mb": 32, "max_output_kb": 64},
 "startup_files": ["startup.js"]}
END
ended=0
"$program" --db "$folder/batch-store" batch run "$folder/jobs.ndjson" \
  --template "$folder/template.json" --worktree "$scripts" \
  --out "$folder/results.ndjson" --report "$report" \
  </dev/null >"$folder/summary" || ended=$?
cat "$folder/summary"

# The counts of the summary, as the wanted ones are written.
sed -n 's/^  \([a-z_]*\): \([0-9,]*\)$/\1 \2/p' "$folder/summary" |
  tr -d , | sort >"$folder/counted"
if ! diff -u --label wanted --label seen "$folder/wanted" "$folder/counted" >&2
then
  echo "The outcomes differ from what they must be." >&2
  failed=$((failed + 1))
fi
# Some of the jobs fail on purpose, which is status 3.
if [ "$ended" -ne 3 ]; then
  echo "The batch ended with status $ended instead of 3." >&2
  failed=$((failed + 1))
fi
lines=$(wc -l <"$folder/results.ndjson")
if [ "$lines" -ne 10000 ]; then
  echo "There are $lines results instead of 10000." >&2
  failed=$((failed + 1))
fi
[ "$failed" -ne 0 ] || echo "All 10,000 ended as they must."
[ "$failed" -eq 0 ]
