#!/usr/bin/env bash
# Makes a Debian with apt, a broker and udev, of the newest packages, and prints where it is, a tar archive. Kept for a month.
#   Scripts/fresh-debian.sh SUITE [ARCH]       as root; the programs of another architecture run in qemu
set -euo pipefail
cd "$(dirname "$0")/.."
machine=$(dpkg --print-architecture)
arch=${2:-$machine}
archive=$PWD/.build/roots/fresh-$1-$arch.tar
[ "$arch" = "$machine" ] || Scripts/emulate-arm64.sh >&2
if [ -z "$(find "$archive" -mtime -30 2>/dev/null)" ]; then
  mkdir -p "${archive%/*}"
  # A mirror's copy of testing may be older than its date of expiry.
  mmdebstrap --quiet --mode=root --variant=apt --architectures="$arch" --skip=cleanup/apt/lists \
    --aptopt='Acquire::Check-Valid-Until "false"' \
    --include=ca-certificates,mosquitto,mosquitto-clients,udev,umockdev "$1" "$archive.new.tar" \
    "${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
  mv "$archive.new.tar" "$archive"
fi
echo "$archive"
