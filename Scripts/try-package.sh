#!/usr/bin/env bash
# Tries a package of `make packages` as a user would, in a fresh Debian with nothing of ours: install, check, a run with a
# broker and a simulated meter, the same package again, remove, purge. As root; says what is wrong and ends with 1.
#   Scripts/try-package.sh SUITE [PACKAGE]     bookworm, trixie or testing; a package for arm64: in qemu
set -euo pipefail
[ -n "${OWN_MOUNTS:-}" ] || OWN_MOUNTS=1 exec unshare --mount --propagation private "$0" "$@"
cd "$(dirname "$0")/.."
suite=$1
package=${2:-.build/packages/meterbridge_$(Scripts/version.sh)_$(dpkg --print-architecture).deb}
archive=$(Scripts/fresh-debian.sh "$suite" "$(dpkg-deb --field "$package" Architecture)")
root=$(mktemp -d)
trap 'umount -R -l "$root/dev" "$root/proc" "$root/sys" 2>/dev/null || true; rm -rf --one-file-system "$root"' EXIT
tar -x -C "$root" -f "$archive"
# Its services are not started: there is no systemd that runs.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp "$package" "$root/tmp/meterbridge.deb"
# Devices of its own: udev's trial makes links there.
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for node in null zero full random urandom tty; do
  touch "$root/dev/$node"
  mount --bind "/dev/$node" "$root/dev/$node"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount --bind /dev/pts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
mount -t proc proc "$root/proc"
mount --rbind -o ro /sys "$root/sys"
chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
  PORT="${BROKER_PORT:-18841}" /bin/bash -s <<'TRIAL'
set -euo pipefail
fail() { echo "$1" >&2; exit 1; }
say() { echo "$1"; }
quietly() { "$@" >/tmp/output 2>&1 || { cat /tmp/output >&2; fail "failed: $*"; }; }
# Caches, logs and lists of what is installed change with every package.
files() { find / -xdev ! -path '/tmp/*' ! -path '/var/log/*' ! -path '/var/lib/dpkg/*' ! -path '/var/lib/apt/*' \
  ! -path '/var/cache/*' ! -path '/etc/ld.so.cache*' ! -path '/var/lib/systemd/deb-systemd-helper*' | sort; }

# systemd makes it at each start of the computer.
mkdir -p -m 700 /var/lib/private
files >/tmp/before
quietly apt-get install -y /tmp/meterbridge.deb
grep -q 'meterbridge init /etc/meterbridge/meterbridge.yaml' /tmp/output || fail "nothing says what to do next"
[ "$(stat -c %a:%U /etc/meterbridge/secrets)" = 700:root ] || fail "/etc/meterbridge/secrets is for others too"
[ -L /etc/systemd/system/multi-user.target.wants/meterbridge.service ] || fail "the service is not enabled"
if udevadm verify --help >/dev/null 2>&1; then quietly udevadm verify /usr/lib/udev/rules.d/60-meterbridge.rules; fi
say "installed: $(meterbridge version)"

# An adapter that is not there, as udev sees it: vendor, product, its words, and the name that it gets.
port=devices/pci0000:00/usb1/1-1/1-1:1.0/ttyUSB0/tty/ttyUSB0
adapter() {
  {
    printf 'P: /devices/pci0000:00/usb1/1-1\nN: bus/usb/001/004\nE: DEVNAME=/dev/bus/usb/001/004\nE: DEVTYPE=usb_device\n'
    printf 'E: SUBSYSTEM=usb\nA: idVendor=%s\nA: idProduct=%s\nA: product=%s\nA: serial=S1\n\n' "$1" "$2" "$3"
    printf 'P: /devices/pci0000:00/usb1/1-1/1-1:1.0\nE: DEVTYPE=usb_interface\nE: SUBSYSTEM=usb\n\n'
    printf 'P: /%s\nN: ttyUSB0\nE: DEVNAME=/dev/ttyUSB0\nE: SUBSYSTEM=tty\nE: MAJOR=188\nE: MINOR=0\n' "$port"
  } >/tmp/adapter
  for action in add bind change; do
    umockdev-run --device=/tmp/adapter -- udevadm test --action=$action "/sys/$port" >/tmp/output 2>&1 || true
    name=$(sed -n "s/^ *DEVLINKS=//p" /tmp/output | tr ' ' '\n' | sed -n 's|^/dev/meterbridge/||p')
    [ "$name" = "$4" ] || { cat /tmp/output >&2; fail "$3 is called '$name', not '$4' ($action)"; }
    umockdev-run --device=/tmp/adapter -- udevadm test --action=$action /sys/devices/pci0000:00/usb1/1-1 >/tmp/output 2>&1 || true
    grep -q 'ID_MM_DEVICE_IGNORE=1' /tmp/output || { cat /tmp/output >&2; fail "ModemManager may take $3 ($action)"; }
  done
}
adapter 0403 6001 'P1 Converter Cable' p1-S1
adapter 0403 6001 'FT232R USB UART' ''
adapter 0403 6015 'M-Bus Master' mbus-S1
adapter 0403 e700 'Unicom' optical-S1
adapter 10c4 87ed 'USB-Stick' wmbus-S1
adapter 10c4 ea60 'CP2102 USB to UART Bridge Controller' ''
rm -rf /run/udev
say "adapters have their names"

(cd /tmp && mkdir -p run && exec meterbridge simulate p1-nl=/tmp/run/p1 </dev/null >/tmp/simulated 2>&1) & simulator=$!
printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$PORT" >/tmp/mosquitto.conf
mosquitto -c /tmp/mosquitto.conf >/tmp/mosquitto.log 2>&1 & broker=$!
trap 'kill $simulator $broker 2>/dev/null || true' EXIT
cat >/etc/meterbridge/meterbridge.yaml <<CONF
mqtt: {host: 127.0.0.1, port: $PORT, username: trial, password: !file secrets/password}
http: {listen: "127.0.0.1:$((PORT + 1))", allow_anonymous: true}
state_directory: /var/lib/private/meterbridge
meters:
  - {id: grid, protocol: p1, source: /tmp/run/p1}
CONF
(umask 077 && echo secret >/etc/meterbridge/secrets/password)
# As systemd makes them for the service.
ln -s private/meterbridge /var/lib/meterbridge
for _ in $(seq 50); do [ -e /tmp/run/p1 ] && break; sleep 0.1; done
quietly meterbridge check
meterbridge run >/tmp/log 2>&1 & bridge=$!
value=$(mosquitto_sub -h 127.0.0.1 -p "$PORT" -t meterbridge/grid/energy_import -C 1 -W 20) || { cat /tmp/log >&2; fail "no value in 20 s"; }
say "reads its meter: energy_import $value kWh"
quietly meterbridge status
kill $bridge
wait $bridge || { cat /tmp/log >&2; fail "the bridge ended with $?"; }

sums() { find /etc/meterbridge /var/lib/private/meterbridge -type f -exec sha256sum {} + | sort; }
sums >/tmp/sums
grep -q state.json /tmp/sums || fail "there is no state"
quietly apt-get install -y --reinstall /tmp/meterbridge.deb
sums | diff /tmp/sums - || fail "an upgrade has changed configuration or state"
quietly apt-get remove -y meterbridge
[ ! -e /usr/bin/meterbridge ] || fail "remove leaves the program"
sums | diff /tmp/sums - || fail "remove has changed configuration or state"
say "upgrade and remove keep configuration and state"
quietly apt-get purge -y meterbridge
quietly apt-get autoremove -y --purge
files >/tmp/after
# Directories of other packages that came along, and stay with them, are not ours.
comm -13 /tmp/before /tmp/after | while read -r path; do dpkg-query -S "$path" >/dev/null 2>&1 || echo "$path"; done >/tmp/left
[ ! -s /tmp/left ] || { cat /tmp/left >&2; fail "purge leaves files"; }
comm -23 /tmp/before /tmp/after >/tmp/lost
[ ! -s /tmp/lost ] || { cat /tmp/lost >&2; fail "purge takes files of others"; }
say "purge leaves nothing"
TRIAL
