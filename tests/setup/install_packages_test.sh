#!/usr/bin/env bash
# Runs scripts/install-packages.sh on a make-believe system: dpkg-query, apt-get,
# id, sudo and npm are stubs that say what the case wants and log their calls.
set -uo pipefail

script=$(cd "$(dirname "$0")/../.." && pwd)/scripts/install-packages.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

stub() { # NAME, then its body on standard input
  { echo '#!/bin/sh'; cat; } >"$work/bin/$1"
  chmod +x "$work/bin/$1"
}

# A fresh system: root, everything installed, with npm, without sudo.
fresh_system() {
  rm -rf "$work/bin" "$work/log"
  mkdir "$work/bin"
  : >"$work/log"
  local tool
  for tool in bash cat env grep; do
    ln -s "$(command -v "$tool")" "$work/bin/$tool"
  done
  stub id <<<'echo 0'
  stub true <<<":"
  stub npm <<<':'
  stub apt-get <<<"echo \"apt-get \$*\" >>'$work/log'"
  absent # nothing
}

# Makes dpkg-query report all packages but these as installed. Of these, the
# first is unknown and the others were removed with their settings kept.
absent() {
  stub dpkg-query <<DPKG
shift 3
status=0
for package in "\$@"; do
  case "\$package" in
    ${1:-none-is-absent}) status=1; echo "no packages found" >&2 ;;
    ${2:-none-is-removed}) echo "\$package config-files" ;;
    *) echo "\$package installed" ;;
  esac
done
exit \$status
DPKG
}

run() { # expected exit code, then arguments
  local expected=$1
  shift
  output=$(PATH="$work/bin" bash "$script" "$@" 2>&1 </dev/null)
  local code=$?
  [ "$code" -eq "$expected" ] || fail "exit code $code, not $expected: $output"
}

fail() {
  echo "$current: $1"
  failures=$((failures + 1))
}

logged() {
  grep -q -- "$1" "$work/log" || fail "no call like '$1' in: $(cat "$work/log")"
}

nothing_logged() {
  [ ! -s "$work/log" ] || fail "unexpected calls: $(cat "$work/log")"
}

says() {
  grep -q -- "$1" <<<"$output" || fail "does not say '$1': $output"
}

a_complete_system_is_left_alone() {
  run 0
  nothing_logged
}

only_what_is_missing_is_installed() {
  absent libcaf-dev wabt
  run 0
  logged 'update'
  logged 'install -y --no-install-recommends wabt libcaf-dev$'
}

npm_is_installed_where_there_is_none() {
  rm "$work/bin/npm"
  absent npm
  run 0
  logged ' npm$'
}

style_tools_are_installed_on_request_only() {
  absent clang-format clang-tidy
  run 0
  nothing_logged
  run 0 --dev
  logged ' clang-format clang-tidy$'
}

without_root_and_sudo_it_says_what_to_do() {
  absent libcaf-dev
  stub id <<<'echo 1000'
  run 1
  says 'apt-get install --no-install-recommends libcaf-dev'
  nothing_logged
}

without_root_it_goes_through_sudo() {
  absent libcaf-dev
  stub id <<<'echo 1000'
  stub sudo <<<"echo \"sudo \$*\" >>'$work/log'; shift; exec \"\$@\""
  run 0
  logged 'sudo -n env DEBIAN_FRONTEND=noninteractive apt-get'
  logged '^apt-get .*install .*libcaf-dev$'
}

a_sudo_that_refuses_is_reported() {
  absent libcaf-dev
  stub id <<<'echo 1000'
  stub sudo <<<'exit 1'
  run 1
  says 'sudo refused'
  nothing_logged
}

a_failed_download_is_reported() {
  absent libcaf-dev
  stub apt-get <<<'exit 100'
  run 1
  says 'package lists could not be fetched'
  says 'libcaf-dev'
}

a_failed_installation_is_reported() {
  absent libcaf-dev
  stub apt-get <<<'case "$*" in *install*) exit 100 ;; esac'
  run 1
  says 'packages could not be installed'
}

another_system_is_told_the_packages() {
  rm "$work/bin/dpkg-query"
  run 0
  says 'libcaf-dev'
  nothing_logged
}

unknown_arguments_are_refused() {
  run 2 --all
  says 'usage'
  nothing_logged
}

for current in \
  a_complete_system_is_left_alone \
  only_what_is_missing_is_installed \
  npm_is_installed_where_there_is_none \
  style_tools_are_installed_on_request_only \
  without_root_and_sudo_it_says_what_to_do \
  without_root_it_goes_through_sudo \
  a_sudo_that_refuses_is_reported \
  a_failed_download_is_reported \
  a_failed_installation_is_reported \
  another_system_is_told_the_packages \
  unknown_arguments_are_refused; do
  fresh_system
  "$current"
done

[ "$failures" -eq 0 ]
