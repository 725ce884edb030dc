#!/usr/bin/env bash
# Runs a Home Assistant that Scripts/home-assistant-root.sh has made, as root, with the network of this machine.
#   Scripts/in-home-assistant.sh VERSION FOLDER      with its configuration, which also takes what it keeps
# With FAKETIME, as libfaketime reads it, its clock is another one.
set -euo pipefail
[ -n "${OWN_MOUNTS:-}" ] || OWN_MOUNTS=1 exec unshare --mount "$0" "$@"

folder=$(realpath "$2")
cd "$(dirname "$0")/.."
root=$(cd "$(dirname .build/roots/home-assistant-*/ha/"$1"/installed)/../.." && pwd)
mkdir -p "$root/config"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount --bind "$folder" "$root/config"
clock=()
[ -z "${FAKETIME:-}" ] ||
  clock=(LD_PRELOAD="/$(cd "$root" && echo usr/lib/*/faketime/libfaketimeMT.so.1)" FAKETIME="$FAKETIME" TZ=UTC)
# What it asks for is there already.
exec chroot "$root" env -i PATH="/ha/$1/bin:/usr/bin:/bin" HOME=/root LANG=C.UTF-8 "${clock[@]}" \
  "/ha/$1/bin/python" -m homeassistant --config /config --skip-pip
