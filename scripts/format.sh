#!/usr/bin/env bash
# Formats all C and C++ sources that git knows; with --check it changes nothing
# and exits 1 where a file is not formatted.
set -euo pipefail
cd "$(dirname "$0")/.."

# Releases of clang-format differ: the style is that of Debian 12's.
tool=$(command -v clang-format-14 || command -v clang-format) || {
  echo "clang-format is missing: scripts/install-packages.sh --dev" >&2
  exit 1
}

mapfile -t -d '' files < <(
  git ls-files -z --cached --others --exclude-standard -- \
    '*.c' '*.h' '*.cpp' '*.hpp')
[ "${#files[@]}" -gt 0 ] || exit 0

case "${1-}" in
  "") "$tool" -i -- "${files[@]}" ;;
  --check) "$tool" --dry-run --Werror -- "${files[@]}" ;;
  *)
    echo "usage: $0 [--check]" >&2
    exit 2
    ;;
esac
