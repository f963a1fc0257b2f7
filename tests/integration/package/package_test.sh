#!/usr/bin/env bash
# Installs the library into a folder of its own, and uses it as its users do.
#
#   package_test.sh SOURCE_FOLDER BUILD_FOLDER
#
# The libraries must be built. Builds with CXX, and through ccache where there
# is one.
set -euo pipefail

source=$1
build=$2
here="$source/tests/integration/package"
work=$(mktemp -d)
prefix="$work/prefix"
server=
clean_up() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap clean_up EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

step() {
  echo "== $*"
}

launcher=()
if command -v ccache >/dev/null; then
  launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache
    -DCMAKE_C_COMPILER_LAUNCHER=ccache)
  export CCACHE_BASEDIR="$work" CCACHE_NOHASHDIR=1
fi

# prints PROGRAM ARGUMENT... : what it writes; no error, nothing to stderr.
prints() {
  "$@" 2>"$work/stderr" || fail "$* ended with $?: $(cat "$work/stderr")"
  [ ! -s "$work/stderr" ] || fail "$* wrote to stderr: $(cat "$work/stderr")"
}

# expect NAME TEXT : what NAME wrote is TEXT.
expect() {
  [ "$output" = "$2" ] || fail "$1 wrote
$output
instead of
$2"
}

step install
cmake --install "$build" --prefix "$prefix" --component library >"$work/log"
[ ! -e "$prefix/bin" ] || fail "the library brings a program along"
[ ! -e "$prefix/include/vmsystem/engine/guest.hpp" ] \
  || fail "a header of the engine's insides is installed"
if grep -rIl -e "$source" -e "$build" "$prefix/lib" --include='*.cmake' \
  --include='*.pc'; then
  fail "the package names the folder that it was built in"
fi
visible=$(find "$prefix" -name 'libvmsystem_*.a' -exec readelf -sW {} + \
  | awk '$5 != "LOCAL" && $6 == "DEFAULT" && $7 != "UND" &&
    $8 ~ /^(_ZNK?8vmsystem|Z_|wasm_rt|vm_)/ { print $8 }' | sort -u)
[ -z "$visible" ] || fail "symbols are not hidden: $(head -5 <<<"$visible")"

step "build the examples"
cmake -S "$source/examples" -B "$work/examples" -G Ninja \
  -DCMAKE_BUILD_TYPE=Release "-DCMAKE_PREFIX_PATH=$prefix" \
  -DCMAKE_CXX_FLAGS=-DNDEBUG "${launcher[@]}" >"$work/log" 2>&1 \
  || fail "$(cat "$work/log")"
cmake --build "$work/examples" -j2 >"$work/log" 2>&1 || fail "$(cat "$work/log")"
if grep -e -Wconversion -e -Wshadow -e CAF_ENABLE_TYPE_ID_CHECKS \
  "$work/examples/compile_commands.json"; then
  fail "flags of vm-system reach its users"
fi

step "run the examples"
output=$(prints "$work/examples/run_script")
expect run_script 'status ok, reason ok
1 input_echo {"text":"\n  console.log('\''sorting'\'');\n  const words = ['\''pear'\'', '\''apple'\'', '\''fig'\''];\n  words.sort();\n"}
2 console {"level":"log","text":"sorting"}
3 value {"type":"array","preview":"[ '\''apple'\'', '\''fig'\'', '\''pear'\'' ]","json":["apple","fig","pear"]}'

output=$(prints "$work/examples/engine_alone")
expect engine_alone 'console: n is 41
value: undefined
value: 42
value: undefined
value: you and 2
wall_timeout: wall time limit of 200 ms exceeded
value: 41'

output=$(prints "$work/examples/host_function")
expect host_function 'ok {"type":"number","preview":"9","json":9}
ok {"type":"number","preview":"40","json":40}
ok {"type":"string","preview":"NOT_FOUND: no price of plum","json":"NOT_FOUND: no price of plum"}
exception {"message":"Error: price takes the name of a fruit"}'

output=$(prints "$work/examples/host_actor" | sed 's/,"stack":"[^"]*"//')
expect host_actor 'session ready
ok/ok: {"type":"number","preview":"21","json":21}
error/exception: {"message":"TypeError: cannot read property '\''field'\'' of undefined"}
ok/ok: {"type":"number","preview":"22","json":22}
timeout/wall_timeout: {"message":"wall time limit of 200 ms exceeded"}
session crashed: killed by the watchdog
session ready
ok/ok: {"type":"string","preview":"undefined","json":"undefined"}
the runtime is down'

for order in in_front behind; do
  output=$(prints "$work/examples/own_messages_$order")
  expect "own_messages_$order" 'total {"type":"number","preview":"30","json":30}'
done

step "run the remote example"
# The job's own redirection may come later than the first look.
: >"$work/served"
"$work/examples/remote" serve >"$work/served" 2>"$work/serve-errors" &
server=$!
for ((i = 0; i < 300; ++i)); do
  port=$(sed -n 's/^port //p' "$work/served")
  [ -z "$port" ] || break
  sleep 0.1
done
[ -n "$port" ] || fail "no port: $(cat "$work/serve-errors")"
output=$(prints "$work/examples/remote" run "$port")
expect "remote run" 'ok {"type":"string","preview":"etomer","json":"etomer"}'
wait "$server" || fail "remote serve ended with $?: $(cat "$work/serve-errors")"
server=

step pkg-config
if command -v pkg-config >/dev/null; then
  PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name vmsystem.pc)")
  export PKG_CONFIG_PATH
  # shellcheck disable=SC2046 # words are what it prints
  "$CXX" -std=c++17 "$source/examples/engine_alone.cpp" -o "$work/by_pkg_config" \
    $(pkg-config --cflags --libs vmsystem-engine)
  output=$(prints "$work/by_pkg_config")
  [[ "$output" = *"value: 42"* ]] || fail "by_pkg_config wrote $output"

  step "other type ids do not link"
  # shellcheck disable=SC2046
  if "$CXX" -std=c++17 -DVMSYSTEM_FIRST_TYPE_ID=3000 \
    "$here/other_type_ids.cpp" -o "$work/other_type_ids" \
    $(pkg-config --cflags --libs vmsystem) 2>"$work/log"; then
    fail "a program with other type ids links"
  fi
  grep -q 'add_message_types_from<.*3000>' "$work/log" || fail "$(cat "$work/log")"
  # The same program with ours.
  # shellcheck disable=SC2046
  "$CXX" -std=c++17 "$here/other_type_ids.cpp" -o "$work/same_type_ids" \
    $(pkg-config --cflags --libs vmsystem)
else
  echo "there is no pkg-config: its part was not run"
fi

step "a version of another minor number is refused"
mkdir "$work/version"
cat >"$work/version/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(version LANGUAGES NONE)
find_package(vmsystem 0.99 QUIET)
if(vmsystem_FOUND OR NOT vmsystem_CONSIDERED_VERSIONS)
  message(FATAL_ERROR "vmsystem ${vmsystem_VERSION} was taken for 0.99")
endif()
CMAKE
cmake -S "$work/version" -B "$work/version/build" -G Ninja \
  "-DCMAKE_PREFIX_PATH=$prefix" >"$work/log" 2>&1 || fail "$(cat "$work/log")"

step "a build that contains ours"
cache=$(sed -n 's/^VMSYSTEM_ENGINE_CACHE:PATH=//p' "$build/CMakeCache.txt")
cmake -S "$here/subproject" -B "$work/subproject" -G Ninja \
  "-DVMSYSTEM_SOURCE=$source" "-DVMSYSTEM_ENGINE_CACHE=$cache" \
  "${launcher[@]}" >"$work/log" 2>&1 || fail "$(cat "$work/log")"
cmake --build "$work/subproject" -j2 --target consumer >"$work/log" 2>&1 \
  || fail "$(cat "$work/log")"
output=$(prints "$work/subproject/consumer")
expect consumer SESSION_BUSY
if grep consumer.cpp "$work/subproject/compile_commands.json" \
  | grep -e -Wconversion -e CAF_ENABLE_TYPE_ID_CHECKS -e fvisibility; then
  fail "flags of vm-system reach the program around it"
fi

echo passed
