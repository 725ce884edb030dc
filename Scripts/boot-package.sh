#!/usr/bin/env bash
# Boots Debian 12 with systemd in a container, with the package of `make packages` in it, and sees the service at work: start,
# watchdog, reload, an end that is not repeated, purge. As root; says what is wrong and ends with 1.
#   Scripts/boot-package.sh [PACKAGE]
set -euo pipefail
[ -n "${OWN_MOUNTS:-}" ] || OWN_MOUNTS=1 exec unshare --mount --propagation private "$0" "$@"
cd "$(dirname "$0")/.."
package=${1:-.build/packages/meterbridge_$(Scripts/version.sh)_$(dpkg --print-architecture).deb}
archive=$(Scripts/fresh-debian.sh bookworm)
root=$(mktemp -d)
trap 'umount -l "$root/proc" 2>/dev/null || true; rm -rf --one-file-system "$root"' EXIT
tar -x -C "$root" -f "$archive"
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp "$package" "$root/root/meterbridge.deb"
mount -t proc proc "$root/proc"
if ! chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive \
  apt-get install -y systemd systemd-sysv dbus /root/meterbridge.deb >"$root/root/apt" 2>&1; then
  cat "$root/root/apt" >&2
  exit 1
fi
umount "$root/proc"

cat >"$root/root/trial" <<'TRIAL'
#!/bin/bash
exec >/root/result 2>&1
trap 'systemctl --no-block poweroff' EXIT
fail() { echo "$1"; journalctl --no-pager -n 40 -u meterbridge; exit 1; }
await() { for _ in $(seq 200); do eval "$1" && return 0; sleep 0.1; done; fail "waited for: $1"; }
property() { systemctl show meterbridge --value -p "$1"; }

systemctl is-system-running --wait >/dev/null
systemctl is-failed meterbridge && fail "without a configuration the service fails"
systemctl --no-pager status meterbridge | grep -q 'ConditionPathExists=/etc/meterbridge/meterbridge.yaml was not met' ||
  fail "nothing names the missing configuration"
echo "waits for its configuration"

meterbridge simulate p1-nl=/run/p1 </dev/null >/dev/null 2>&1 &
await '[ -e /run/p1 ]'
chmod 666 /run/p1
mkdir -p /run/systemd/system/meterbridge.service.d
printf '[Service]\nWatchdogSec=2\nRestartSec=1\n' >/run/systemd/system/meterbridge.service.d/short.conf
systemctl daemon-reload
cat >/etc/meterbridge/meterbridge.yaml <<CONF
mqtt: {host: 127.0.0.1, username: trial, password: !file secrets/password}
meters:
  - {id: grid, protocol: p1, source: /run/p1}
CONF
(umask 077 && echo secret >/etc/meterbridge/secrets/password)
printf 'listener 1883 127.0.0.1\nallow_anonymous true\n' >/etc/mosquitto/conf.d/trial.conf
systemctl restart mosquitto
systemctl start meterbridge || fail "the service does not start"
value=$(mosquitto_sub -h 127.0.0.1 -t meterbridge/grid/energy_import -C 1 -W 20) || fail "no value in 20 s"
echo "runs as $(ps -o user= -p "$(property MainPID)"): energy_import $value kWh"

first=$(property WatchdogTimestampMonotonic)
sleep 5
[ "$(property NRestarts)" = 0 ] && [ "$(property WatchdogTimestampMonotonic)" -gt "$first" ] || fail "the watchdog is not fed"
kill -STOP "$(property MainPID)"
await '[ "$(property NRestarts)" = 1 ] && [ "$(property ActiveState)" = active ]'
echo "is started again when it stands still"
systemctl reload meterbridge || fail "the service does not reload"
await 'journalctl -u meterbridge | grep -q "configuration read again"'
echo "reloads"

echo 'meters: 7' >/etc/meterbridge/meterbridge.yaml
systemctl restart meterbridge && fail "a mistake of the configuration is not said"
sleep 3
[ "$(property ExecMainStatus):$(property ActiveState)" = 78:failed ] || fail "it is started again with a mistake in its configuration"
echo "is not started again with a mistake in its configuration"

apt-get purge -y meterbridge >/root/apt 2>&1 || { cat /root/apt; fail "purge fails"; }
for path in /etc/meterbridge /var/lib/meterbridge /var/lib/private/meterbridge /usr/bin/meterbridge; do
  [ ! -e "$path" ] || fail "purge leaves $path"
done
echo "purge leaves nothing"
TRIAL
chmod +x "$root/root/trial"
printf '[Unit]\nAfter=multi-user.target\n[Service]\nExecStart=/root/trial\n' >"$root/etc/systemd/system/trial.service"
ln -s ../trial.service "$root/etc/systemd/system/multi-user.target.wants/trial.service"
timeout -k 5 150 systemd-nspawn --quiet --directory="$root" --register=no --keep-unit --boot --console=pipe </dev/null >"$root.log" 2>&1 || true
cat "$root/root/result" 2>/dev/null || cat "$root.log"
rm -f "$root.log"
tail -n 1 "$root/root/result" 2>/dev/null | grep -qx 'purge leaves nothing'
