#!/usr/bin/env bash
# A batch whose store has no room left: it is left with a reason and a way on,
# nothing is lost, and with room again it goes on to its end.
#
# The disk is a small file system of its own where the kernel lets us make one,
# and else a bound on the size of files.
#
# Usage: full_disk.sh VM_SYSTEM
set -euo pipefail

program=$1
readonly jobs=60000

if [[ ${VMSYSTEM_DISK:-} == "" ]]; then
  for namespace in "unshare --mount" "unshare --user --map-root-user --mount"; do
    if $namespace mount -t tmpfs -o size=1m tmpfs /mnt 2> /dev/null; then
      VMSYSTEM_DISK=tmpfs exec $namespace bash "$0" "$program"
    fi
  done
  VMSYSTEM_DISK=limit
fi

folder=$(mktemp -d)
readonly folder
readonly disk=$folder/disk
mkdir "$disk"
finish() {
  if [[ $VMSYSTEM_DISK == tmpfs ]]; then
    umount "$disk"
  fi
  rm -rf "$folder"
}
trap finish EXIT

fail() {
  echo "FAILED: $1" >&2
  cat "$folder/said" >&2
  exit 1
}

seq 0 $((jobs - 1)) \
  | sed 's/.*/{"id":"&","input":"__ARGS__.n","args":{"n":&}}/' \
  > "$folder/jobs.ndjson"

# Runs the batch; with "small" on a disk that is too small for it.
run() {
  local room=$1
  shift
  if [[ $VMSYSTEM_DISK == limit && $room == small ]]; then
    # What is ignored here is ignored by the program: it sees an error.
    trap '' XFSZ
    ulimit -S -f 8192
  fi
  "$program" batch run "$folder/jobs.ndjson" --db "$disk/store" \
    --out "$folder/results.ndjson" "$@"
}

if [[ $VMSYSTEM_DISK == tmpfs ]]; then
  mount -t tmpfs -o size=16m tmpfs "$disk"
fi
echo "the disk: $VMSYSTEM_DISK"
code=0
(run small) > "$folder/said" 2>&1 || code=$?
[[ $code == 1 ]] || fail "the exit code was $code, not 1"
grep -Eq "No space left on device|File too large" "$folder/said" \
  || fail "it does not say what is wrong"
grep -q -- "--resume" "$folder/said" || fail "it does not say how to go on"
before=$(wc -l < "$folder/results.ndjson")
((before < jobs)) || fail "the disk was not too small"

if [[ $VMSYSTEM_DISK == tmpfs ]]; then
  mount -o remount,size=1g "$disk"
fi
(run large --resume) > "$folder/said" 2>&1 || fail "it does not go on"
grep -q "Status: completed" "$folder/said" || fail "it is not completed"
lines=$(wc -l < "$folder/results.ndjson")
ids=$(grep -o '"id":"[0-9]*"' "$folder/results.ndjson" | sort -u | wc -l)
[[ $lines == "$jobs" && $ids == "$jobs" ]] \
  || fail "$lines results of $ids jobs instead of $jobs"
echo "$before results before the disk was full, $lines in the end"
