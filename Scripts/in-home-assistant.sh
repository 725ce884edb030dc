#!/usr/bin/env bash
# Runs the Home Assistant that Scripts/home-assistant-root.sh has made, as root, with the network of this machine.
#   Scripts/in-home-assistant.sh FOLDER      with its configuration, which also takes what it keeps
set -euo pipefail
[ -n "${OWN_MOUNTS:-}" ] || OWN_MOUNTS=1 exec unshare --mount "$0" "$@"

root=$(cd "$(dirname "$0")/../.build/roots/home-assistant" && pwd)
mkdir -p "$root/config"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount --bind "$1" "$root/config"
# What it asks for is there already.
exec chroot "$root" env -i PATH=/ha/bin:/usr/bin:/bin HOME=/root LANG=C.UTF-8 \
  /ha/bin/python -m homeassistant --config /config --skip-pip
