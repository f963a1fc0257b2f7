#!/usr/bin/env bash
# Makes the Debian packages of a build folder and shows that they hold what they
# promise: installs them with their dependencies into a clean Debian 12, runs a
# script over HTTP in the daemon, purges it, looks for what is left, and then
# builds examples against the library with a compiler and runs them.
#
#   scripts/check-package.sh build/release
#
# Needs root (it uses chroot), debootstrap, and the mirror that apt uses.
# VMSYSTEM_DEBIAN_ROOT names a folder with a clean Debian 12, which is copied
# instead of being made. lintian looks at the packages where it is installed.
#
# Exits 0 when all is well, 1 when something is not, 2 on wrong usage.
set -euo pipefail

if [ $# -ne 1 ] || [ ! -f "$1/CPackConfig.cmake" ]; then
  echo "usage: $0 BUILD_FOLDER" >&2
  exit 2
fi
if [ -z "${VMSYSTEM_DEBIAN_ROOT-}" ] && ! command -v debootstrap >/dev/null; then
  echo "check-package: debootstrap is missing" >&2
  exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "check-package: chroot takes root" >&2
  exit 1
fi
# Mounts in a namespace of our own go away with it.
if [ -z "${VMSYSTEM_IN_NAMESPACE-}" ]; then
  VMSYSTEM_IN_NAMESPACE=1 exec unshare --mount "$0" "$@"
fi
build=$(cd "$1" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/vm-system-package.XXXXXX")
root=$work/root
daemon=

clean_up() {
  [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
  umount --recursive "$root/proc" "$root/dev" 2>/dev/null || true
  # Not through a mount that stayed.
  rm -rf --one-file-system "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fail() {
  echo "FAILED: $*" >&2
  [ ! -s "$work/log" ] || tail -n 20 "$work/log" >&2
  exit 1
}

step() {
  echo "== $*"
  : >"$work/log"
}

enter=(env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
  DEBIAN_FRONTEND=noninteractive chroot "$root")
inside() {
  "${enter[@]}" "$@"
}

# Of the files in $work/files; folders may be those of others.
nothing_left() {
  local file left
  left=$(while IFS= read -r file; do
    [ ! -e "$root$file" ] || [ -d "$root$file" ] || echo "$file"
  done <"$work/files")
  [ -z "$left" ] || fail "purging left $left"
}

# All that is there, but for what apt and dpkg keep about themselves.
list_files() {
  (cd "$root" && find . -xdev \( -path ./proc -o -path ./dev -o -path ./tmp \
    -o -path ./run -o -path ./var/lib/apt -o -path ./var/lib/dpkg -o -path ./var/cache \
    -o -path ./var/log \) -prune -o -print | sort)
}

step "make the packages"
rm -f "$build"/packages/*.deb
(cd "$build" && cpack -G DEB >"$work/log") || fail "cpack"
look_at() {
  [ -f "$1" ] || fail "there is no package $1"
  echo "$(basename "$1"), $(stat -c %s "$1") bytes"
  dpkg-deb -f "$1" Depends
  if command -v lintian >/dev/null; then
    lintian --allow-root --fail-on error "$1" || fail "lintian finds errors"
  else
    echo "lintian is not installed: not run"
  fi
}
package=$(echo "$build"/packages/vm-system_*.deb)
development=$(echo "$build"/packages/vm-system-dev_*.deb)
look_at "$package"
look_at "$development"
! dpkg-deb -c "$package" | grep -E '/usr/(include|lib/cmake)|\.a$' \
  || fail "the library is in the program's package"
! dpkg-deb -c "$development" | grep -E '/usr/bin|/systemd/' \
  || fail "the program is in the library's package"

step "a clean Debian 12"
if [ -n "${VMSYSTEM_DEBIAN_ROOT-}" ]; then
  cp -a "$VMSYSTEM_DEBIAN_ROOT" "$root"
else
  debootstrap --variant=minbase bookworm "$root" >"$work/log" || fail debootstrap
fi
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --make-rslave "$root/dev"
cp /etc/resolv.conf "$root/etc/resolv.conf"
inside apt-get -q update >"$work/log" 2>&1 || fail "apt-get update"
inside apt-get -q install -y --no-install-recommends fish zsh \
  >"$work/log" 2>&1 || fail "apt-get install of shells"
# Accounts that it has no more at the end.
cp "$root/etc/passwd" "$work/passwd"
cp "$root/etc/group" "$work/group"
list_files >"$work/before"

step "install"
cp "$package" "$root/tmp/vm-system.deb"
inside apt-get -q install -y --no-install-recommends /tmp/vm-system.deb \
  >"$work/log" 2>&1 || fail "apt-get install"
inside dpkg -L vm-system | sort >"$work/files"
echo "$(wc -l <"$work/files") files and folders, among them"
grep -E 'bin/|systemd/system/vm|default/vm|completions/_?vm|completions.d|man1/vm-system.1' \
  "$work/files"
for file in /usr/bin/vm-system /etc/default/vm-system \
  /usr/lib/systemd/system/vm-system.service \
  /usr/lib/systemd/system/vm-system@.service \
  /usr/lib/systemd/system/vm-system.socket \
  /usr/share/man/man1/vm-system.1.gz \
  /usr/share/man/man1/vm-system-serve.1.gz \
  /usr/share/bash-completion/completions/vm-system \
  /usr/share/fish/vendor_completions.d/vm-system.fish \
  /usr/share/zsh/vendor-completions/_vm-system \
  /usr/share/doc/vm-system/copyright /usr/share/doc/vm-system/THIRD_PARTY.md; do
  grep -qxF "$file" "$work/files" || fail "$file is not in the package"
done
[ "$(inside dpkg-query -W -f '${Conffiles}' vm-system | awk '{ print $1 }')" \
  = /etc/default/vm-system ] || fail "its settings are no conffile"
for unit in vm-system.service vm-system@.service; do
  file=$root/usr/lib/systemd/system/$unit
  ! grep -q '^<\|[<]\(bindir\|sysconfdir\)>' "$file" || fail "$unit has no paths"
  grep -qx 'ExecStart=/usr/bin/vm-system serve' "$file" \
    || fail "the program of $unit"
  grep -qx 'NoNewPrivileges=yes' "$file" || fail "$unit has no walls"
done
if command -v systemd-analyze >/dev/null; then
  # What all units wait for is a unit of systemd, which is not in there.
  said=$(systemd-analyze verify --man=no --root="$root" vm-system.service \
    vm-system.socket vm-system@check.service 2>&1 \
    | grep -v 'Unit sysinit.target not found.$' || true)
  [ -z "$said" ] || fail "the units: $said"
else
  echo "systemd-analyze is not installed: not run"
fi
inside bash -n /usr/share/bash-completion/completions/vm-system || fail completion
inside zsh -n /usr/share/zsh/vendor-completions/_vm-system || fail "zsh's completion"
[ "$(inside zsh -fc 'autoload -Uz compinit && compinit -u -D
  print $_comps[vm-system]')" = _vm-system ] || fail "zsh does not find its completion"
inside env HOME=/tmp fish -c 'complete -C "vm-system se"' | cut -f 1 | tr '\n' ' ' \
  | grep -qx 'serve session ' || fail "fish does not complete commands"
gzip -t "$root"/usr/share/man/man1/vm-system*.1.gz || fail "manual pages"
inside vm-system --version

step "run a script over HTTP"
user=$(inside id -u vm-system) || fail "there is no user"
[ "$(stat -c %u:%a "$root/var/lib/vm-system")" = "$user:750" ] \
  || fail "the state directory has another owner or mode"
mkdir -p "$root/srv/work"
echo 'console.log("from a file"); __ARGS__.n * 2' >"$root/srv/work/job.js"
# Each of these becomes the next one, and so the daemon is our child.
"${enter[@]}" setpriv --reuid vm-system --regid vm-system --clear-groups \
  --no-new-privs --inh-caps=-all --bounding-set=-all \
  env VM_SYSTEM_DB=/var/lib/vm-system/store vm-system serve \
  --listen 127.0.0.1:0 --port-file /var/lib/vm-system/port \
  >"$work/out" 2>"$work/log" &
daemon=$!
port=$root/var/lib/vm-system/port
for ((i = 0; i < 300; ++i)); do
  [ ! -s "$port" ] || break
  kill -0 "$daemon" 2>/dev/null || fail "the daemon did not start"
  sleep 0.1
done
[ -s "$port" ] || fail "the daemon did not start within 30 s"
url=http://127.0.0.1:$(<"$port")/api/v1

# post PATH BODY: what the server answers.
post() {
  curl -sS --fail-with-body -d "$2" "$url/$1" || fail "$1 was refused"
}
id_of() {
  sed 's/^{"id":"\([^"]*\)".*/\1/'
}
template=$(post templates '{"name":"check"}' | id_of)
session=$(post sessions "{\"template_id\":\"$template\",\"workspace_id\":\"w\",
  \"base_commit_oid\":\"c\",\"worktree_path\":\"/srv/work\"}" | id_of)
answer=$(post executions/run-file \
  "{\"session_id\":\"$session\",\"path\":\"job.js\",\"args\":{\"n\":21}}")
echo "$answer"
[[ $answer == *'"status":"ok"'* && $answer == *'"json":42'* ]] \
  || fail "the script did not give 42"
kill "$daemon"
status=0
wait "$daemon" || status=$?
daemon=
[ "$status" -eq 0 ] || fail "the daemon ended with status $status"
echo "the daemon ended in order"

step "remove, then purge"
rm -r "$root/srv/work"
# What an administrator adds, as systemctl would.
inside vm-system token create check --scopes read \
  --file /etc/vm-system/tokens >/dev/null
units=$root/etc/systemd/system
mkdir -p "$units/multi-user.target.wants" "$units/sockets.target.wants" \
  "$units/vm-system.service.d" "$units/vm-system@check.service.d"
ln -s /lib/systemd/system/vm-system.service "$units/multi-user.target.wants"
ln -s /lib/systemd/system/vm-system@.service \
  "$units/multi-user.target.wants/vm-system@check.service"
ln -s /lib/systemd/system/vm-system.socket "$units/sockets.target.wants"
echo '[Service]' | tee "$units/vm-system.service.d/override.conf" \
  >"$units/vm-system@check.service.d/override.conf"
inside apt-get -q remove -y vm-system >"$work/log" 2>&1 || fail "apt-get remove"
[ ! -e "$root/usr/bin/vm-system" ] || fail "the program stayed"
[ -f "$root/etc/default/vm-system" ] && [ -d "$root/var/lib/vm-system/store" ] \
  || fail "removing took what only purging may take"
inside apt-get -q purge -y vm-system >"$work/log" 2>&1 || fail "apt-get purge"
nothing_left
! inside dpkg-query -W vm-system >/dev/null 2>&1 || fail "dpkg knows it still"
inside apt-get -q autoremove --purge -y >"$work/log" 2>&1 || fail "autoremove"
# The shadow files' backups and what is made of all libraries come with others.
list_files | diff "$work/before" - \
  | grep -Ev '^[0-9]|^---|/etc/(passwd|group|shadow|gshadow|subuid|subgid)-$' \
  >"$work/left" || true
if [ -s "$work/left" ]; then
  cat "$work/left"
fi
! grep -q 'vm-system' "$work/left" || fail "files of vm-system are left"
! grep -rq --exclude='*-' vm-system "$root/etc" || fail "something in /etc names it"
diff "$work/passwd" "$root/etc/passwd" || fail "the user is left"
diff "$work/group" "$root/etc/group" || fail "the group is left"
echo "nothing is left of it"

step "build the examples against the library"
cp "$development" "$root/tmp/vm-system-dev.deb"
inside apt-get -q install -y --no-install-recommends /tmp/vm-system-dev.deb \
  g++ cmake make >"$work/log" 2>&1 || fail "apt-get install"
examples=/usr/share/doc/vm-system-dev/examples
# As a user who is nobody, who needs not write to where they are.
inside install -d -o nobody /tmp/examples
as_nobody() {
  inside setpriv --reuid nobody --regid nogroup --clear-groups "$@"
}
as_nobody cmake -S "$examples" -B /tmp/examples >"$work/log" 2>&1 \
  || fail "cmake with find_package(vmsystem)"
as_nobody cmake --build /tmp/examples --target run_script engine_alone \
  >"$work/log" 2>&1 || fail "the examples"
answer=$(as_nobody /tmp/examples/run_script) || fail run_script
echo "$answer"
[[ $answer == *'"json":["apple","fig","pear"]'* ]] \
  || fail "run_script did not sort"
as_nobody /tmp/examples/engine_alone >"$work/log" 2>&1 || fail engine_alone
grep -qx 'value: 42' "$work/log" || fail "engine_alone did not give 42"
inside dpkg -L vm-system-dev >"$work/files"
inside apt-get -q purge -y vm-system-dev >"$work/log" 2>&1 \
  || fail "apt-get purge of the library"
nothing_left

echo passed
