#!/usr/bin/env bash
# Fills the texts beside the scripts with what Node prints for them.
set -euo pipefail
cd "$(dirname "$0")"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp package.json package-lock.json ./*.js ./*.mjs "$work"
npm ci --prefix "$work" --ignore-scripts --no-audit --no-fund --silent
for script in *.js *.mjs; do
  TZ=UTC node "$work/$script" >"${script%.*}.txt"
done
