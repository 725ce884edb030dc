#!/usr/bin/env bash
# Makes a Debian with apt, a broker and udev, of the newest packages, and prints where it is, a tar archive. Kept for a month.
#   Scripts/fresh-debian.sh SUITE       as root
set -euo pipefail
cd "$(dirname "$0")/.."
archive=$PWD/.build/roots/fresh-$1.tar
if [ -z "$(find "$archive" -mtime -30 2>/dev/null)" ]; then
  mkdir -p "${archive%/*}"
  # A mirror's copy of testing may be older than its date of expiry.
  mmdebstrap --quiet --mode=root --variant=apt --aptopt='Acquire::Check-Valid-Until "false"' --skip=cleanup/apt/lists \
    --include=ca-certificates,mosquitto,mosquitto-clients,udev,umockdev "$1" "$archive.new.tar" \
    "${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
  mv "$archive.new.tar" "$archive"
fi
echo "$archive"
