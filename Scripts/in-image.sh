#!/usr/bin/env bash
# Runs the program of a container image (`make image`) as a container would, as root: with the image's user and files, which
# nothing can write to but the state, and with the devices and the network of this machine.
#   Scripts/in-image.sh ARCH CONFIGURATION STATE WORD…      two folders: for /etc/meterbridge and for /var/lib/meterbridge
set -euo pipefail
[ -n "${OWN_MOUNTS:-}" ] || OWN_MOUNTS=1 exec unshare --mount "$0" "$@"

arch=$1 configuration=$2 state=$3
shift 3
image=$(cd "$(dirname "$0")/../.build/image" && pwd)/unpacked/$arch
root=$image/rootfs
emulator=()
mount --bind "$root" "$root"
if [ "$arch" != "$(dpkg --print-architecture)" ]; then
  emulator=(/run/emulator)
  mount -t tmpfs none "$root/run"
  install "$(command -v qemu-aarch64-static)" "$root${emulator[0]}"
  mount -o remount,ro "$root/run"
fi
mount -o remount,bind,ro "$root"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount --bind "$configuration" "$root/etc/meterbridge"
mount -o remount,bind,ro "$root/etc/meterbridge"
mount --bind "$state" "$root/var/lib/meterbridge"
exec env -i PATH=/usr/sbin:/usr/bin STATE_DIRECTORY=/var/lib/meterbridge setpriv --no-new-privs \
  chroot --userspec=65532:20 --groups=20 "$root" "${emulator[@]}" /usr/bin/meterbridge "$@"
