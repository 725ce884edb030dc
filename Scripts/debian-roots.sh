#!/usr/bin/env bash
# Debian 13 and testing, each as a folder in .build/roots with what the program needs there and a broker: for `make soak`.
# They are kept for a month. Nothing but root can make them.
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$(id -u)" -eq 0 ] || exit 0

mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
mkdir -p .build/roots
for suite in trixie testing; do
  root=.build/roots/$suite
  # The library is the newest of the packages below: an older root does not have it.
  compgen -G "$root/usr/lib/*/libmicrohttpd.so.12" >/dev/null && [ -n "$(find "$root" -maxdepth 0 -mtime -30)" ] && continue
  rm -rf "$root" "$root.new"
  echo "unpacking Debian $suite"
  # `extract`: no package's own script runs. A mirror's copy of testing may be older than its date of expiry.
  mmdebstrap --quiet --mode=root --variant=extract --aptopt='Acquire::Check-Valid-Until "false"' \
    --include=base-files,libc-bin,libmosquitto1,libyaml-0-2,libssl3,libsqlite3-0,libcurl4,libmicrohttpd12,libstdc++6,mosquitto,libmosquitto-dev \
    "$suite" "$root.new" "$mirror"
  chroot "$root.new" /usr/sbin/ldconfig
  touch "$root.new"
  mv "$root.new" "$root"
done
