#!/usr/bin/env bash
# Installs the Debian packages that building, testing and the demonstration need; does nothing where they are there.
# Packages that only one target of the Makefile needs are named as arguments.
set -euo pipefail

packages=(libmosquitto-dev libyaml-dev libssl-dev libcurl4-openssl-dev libsqlite3-dev libmicrohttpd-dev pkg-config mosquitto mosquitto-clients openssl "$@")
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "please install as root: apt-get install ${missing[*]}" >&2; exit 69; }
  as_root=(sudo)
fi
echo "installing ${missing[*]}"
"${as_root[@]}" apt-get update -qq
# Policy 101: the packages' own services are not started, a broker of the system is not our business.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod +x "$policy"
  trap '"${as_root[@]}" rm -f "$policy"' EXIT
fi
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
