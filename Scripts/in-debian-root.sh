#!/usr/bin/env bash
# Runs a command in a folder that Scripts/debian-roots.sh has made, as root: with the devices, the network and the temporary
# files of this machine, and with the release program as /usr/local/bin/meterbridge.
#   Scripts/in-debian-root.sh SUITE COMMAND…      WITHOUT_PROC=1: with an empty /proc
set -euo pipefail
[ -n "${OWN_MOUNTS:-}" ] || OWN_MOUNTS=1 exec unshare --mount "$0" "$@"

build=$(cd "$(dirname "$0")/../.build" && pwd)
root=$build/roots/$1
temporary=${TMPDIR:-/tmp}
program=/usr/local/bin/meterbridge
mkdir -p "$root"/{dev,proc} "$root$temporary" "$root${program%/*}"
touch "$root$program"
mount --rbind /dev "$root/dev"
mount --bind "$temporary" "$root$temporary"
mount --bind "$build/release/meterbridge" "$root$program"
[ -n "${WITHOUT_PROC:-}" ] || mount -t proc proc "$root/proc"
shift
exec chroot "$root" "$@"
