#!/usr/bin/env bash
# Has others read what a server says of itself: promtool its metrics, a real
# Prometheus the expressions of the dashboard, the types of Grafana's own code
# the dashboard.
#
#   scripts/check-metrics.sh [build folder]
#
# Needs prometheus and promtool (Debian: prometheus; see install-packages.sh
# --metrics), node, and npm to fetch two packages once. Exits 0 when nobody had
# anything to object to.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "${1:-$root/build/release}" && pwd)
program=$build/vm-system
grafana=$root/tests/integration/metrics/grafana
dashboard=$root/docs/grafana-dashboard.json
page=$root/docs/operations.md
load_seconds=30

folder=$(mktemp -d)
children=()
end() {
  for child in "${children[@]}"; do
    kill "$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  done
  rm -rf "$folder"
}
trap end EXIT

fail() {
  echo "check-metrics: $1" >&2
  [ -z "${2-}" ] || tail -n 20 "$2" >&2
  exit 1
}

# wait_for SECONDS WHAT COMMAND...: until the command succeeds.
wait_for() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || fail "$what" "$folder/log"
    sleep 0.1
  done
}

for needed in prometheus promtool node npm curl; do
  command -v "$needed" >/dev/null || fail "$needed is missing"
done
[ -x "$program" ] || fail "$program is missing"

# --- a server under load ---

"$program" --db "$folder/db" serve --listen 127.0.0.1:0 \
  --port-file "$folder/port" --slots 2 --slow-ms 50 2>"$folder/log" >/dev/null &
children+=($!)
wait_for 20 "the server does not start" test -s "$folder/port"
server=http://127.0.0.1:$(cat "$folder/port")
api=$server/api/v1

# id_of METHOD-AND-DATA...: the id in the answer.
id_of() {
  curl -sf "$@" | sed -n 's/^{"id":"\([^"]*\)".*/\1/p'
}

template=$(id_of "$api/templates" -d '{"name":"load"}')
curl -sf -X PUT "$api/templates/$template/settings" \
  -d '{"limits":{"wall_ms":200,"max_events":100}}' >/dev/null
new_session() {
  id_of "$api/sessions" -d "{\"template_id\":\"$template\",\"workspace_id\":\"w\",
    \"base_commit_oid\":\"c\",\"worktree_path\":\"$folder\"}"
}
seq 2000 | sed 's|.*|{"input":"__ARGS__.n ** 2","args":{"n":&}}|' \
  >"$folder/jobs"

# Everything that a panel shows happens now and then: good ends and bad ones,
# limits, refusals, sessions, a batch, requests that are none.
load() {
  local session other
  session=$(new_session)
  while :; do
    other=$(new_session)
    for input in '1 + 1' 'throw 1' 'for (;;) {}' \
      'for (;;) console.log(1)' 'new Promise((f) => setTimeout(f, 50))' \
      "console.log('x'.repeat(1000))"; do
      curl -s "$api/executions/repl" \
        -d "{\"session_id\":\"$session\",\"input\":\"$input\"}" >/dev/null
    done
    curl -s -X POST "$api/sessions/$other/close" >/dev/null
    curl -s "$api/executions/repl" \
      -d "{\"session_id\":\"$other\",\"input\":\"1\"}" >/dev/null
    curl -s "$server/nowhere" >/dev/null
    curl -s "$api/sessions" -H 'Content-Length: x' >/dev/null
    curl -s "$api/batches?template_id=$template" \
      -H 'Content-Type: application/x-ndjson' \
      --data-binary "@$folder/jobs" >/dev/null
  done
}
load &
children+=($!)

# --- promtool ---

sleep 2
curl -sf "$server/metrics" >"$folder/metrics"
promtool check metrics <"$folder/metrics" >"$folder/found" 2>&1 \
  || fail "promtool objects" "$folder/found"
[ ! -s "$folder/found" ] || fail "promtool has something to say" "$folder/found"
if echo 'x_total{ 1' | promtool check metrics >/dev/null 2>&1; then
  fail "promtool takes anything"
fi
echo "promtool: $(grep -c '^# TYPE' "$folder/metrics") families," \
  "$(grep -vc '^#' "$folder/metrics") samples, nothing to object to"

# --- Prometheus ---

cat >"$folder/prometheus.yml" <<END
global: {scrape_interval: 1s}
scrape_configs:
  - job_name: vm-system
    static_configs: [{targets: ["${server#http://}"]}]
END
# The first free port of some.
for attempt in $(seq 20); do
  port=$((20000 + (RANDOM % 20000)))
  prometheus --config.file="$folder/prometheus.yml" \
    --storage.tsdb.path="$folder/tsdb" --web.listen-address="127.0.0.1:$port" \
    >"$folder/prometheus.log" 2>&1 &
  prometheus=$!
  until curl -sf "http://127.0.0.1:$port/-/ready" >/dev/null 2>&1; do
    kill -0 "$prometheus" 2>/dev/null || continue 2
    sleep 0.2
  done
  break
done
kill -0 "$prometheus" 2>/dev/null \
  || fail "Prometheus does not start after $attempt attempts" \
    "$folder/prometheus.log"
children+=("$prometheus")
echo "Prometheus scrapes for $load_seconds s"
sleep "$load_seconds"
node "$grafana/panels.mjs" "http://127.0.0.1:$port" "$dashboard" "$page" \
  || fail "Prometheus objects"

# --- the types of Grafana ---

cp "$grafana"/package*.json "$folder"
(cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund >npm.log 2>&1) \
  || fail "npm could not fetch Grafana's types" "$folder/npm.log"

# types_of FILE: whether a dashboard is what Grafana's types say.
types_of() {
  {
    cat "$grafana/dashboard_types.ts"
    echo 'export const dashboard: Loaded ='
    cat "$1"
    echo ';'
  } >"$folder/dashboard.ts"
  (cd "$folder" && node node_modules/typescript/bin/tsc --noEmit --strict \
    --skipLibCheck --moduleResolution bundler --module esnext --target es2022 \
    dashboard.ts) >"$folder/types" 2>&1
}

types_of "$dashboard" || fail "Grafana's types object" "$folder/types"
for slip in 's/"placement": "bottom"/"placment": "bottom"/' \
  's/"colorMode": "value"/"colorMode": "walue"/' \
  's/"schemaVersion": \([0-9]*\)/"schemaVersion": "\1"/'; do
  sed "$slip" "$dashboard" >"$folder/slip.json"
  ! cmp -s "$dashboard" "$folder/slip.json" || fail "no place for: $slip"
  ! types_of "$folder/slip.json" || fail "Grafana's types take: $slip"
done
echo "Grafana's types: nothing to object to"
