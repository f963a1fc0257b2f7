#!/usr/bin/env bash
# Installs the Debian 12 packages that the build needs, and only those that are
# missing: when all are there it asks nothing of the network or of root.
#
#   scripts/install-packages.sh          what building, running and testing need
#   scripts/install-packages.sh --dev    also what checks the style of the code
#   scripts/install-packages.sh --fuzz   also clang, some 500 MB: see `make fuzz`
#   scripts/install-packages.sh --metrics
#                                        also Prometheus, some 100 MB: see
#                                        `make check-metrics`
#
# Exits 0 when everything is there, 1 when something could not be installed,
# 2 on wrong usage.
set -euo pipefail

packages=(
  # tools
  ccache cmake curl dpkg-dev file g++ git make ninja-build pkgconf procps wabt
  # libraries
  libboost-dev libboost-test-dev libcaf-dev libcli11-dev libcpp-httplib-dev
  libedit-dev libfmt-dev libjemalloc-dev librocksdb-dev libsimdjson-dev
  libspdlog-dev libsqlite3-dev libssl-dev libzstd-dev rapidjson-dev
  # benchmarks
  libbenchmark-dev
)

case "${1-}" in
  "") ;;
  --dev) packages+=(clang-format clang-tidy) ;;
  --fuzz) packages+=(clang libclang-rt-14-dev) ;;
  --metrics) packages+=(prometheus) ;;
  *)
    echo "usage: $0 [--dev|--fuzz|--metrics]" >&2
    exit 2
    ;;
esac

# Any npm will do, also one that is no Debian package.
command -v npm >/dev/null || packages+=(npm)

if ! command -v dpkg-query >/dev/null; then
  {
    echo "This is no Debian system, so nothing is installed."
    echo "The build needs what these packages of Debian 12 hold:"
    echo "  ${packages[*]}"
  } >&2
  exit 0
fi

# dpkg-query fails for unknown packages, but prints the others all the same.
installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' \
  "${packages[@]}" 2>/dev/null || true)
missing=()
for package in "${packages[@]}"; do
  grep -qxF "$package installed" <<<"$installed" || missing+=("$package")
done
[ "${#missing[@]}" -gt 0 ] || exit 0

give_up() {
  {
    echo "$1"
    echo "Missing packages:"
    echo "  ${missing[*]}"
    echo "Install them by hand, as root:"
    echo "  apt-get update && apt-get install --no-install-recommends" \
      "${missing[*]}"
  } >&2
  exit 1
}

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null \
    || give_up "Installing packages takes root, and there is no sudo."
  as_root=(sudo)
  # Without a terminal nobody can type a password.
  [ -t 0 ] || as_root+=(-n)
fi

apt_get() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

echo "Installing packages: ${missing[*]}"
if [ "${#as_root[@]}" -gt 0 ]; then
  # Ask for the password here, as apt_get reads no input.
  "${as_root[@]}" true || give_up "sudo refused."
fi
apt_get update || give_up "The package lists could not be fetched."
apt_get install -y --no-install-recommends "${missing[@]}" \
  || give_up "The packages could not be installed."
