#!/usr/bin/env bash
# Real Home Assistants for `make soak`: a Debian for each Python that they need in .build/roots/home-assistant-*, and in it the
# packages of PyPI. They take 3 GB and some minutes the first time; afterwards they are kept. Nothing but root can make them.
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$(id -u)" -eq 0 ] || exit 0
mkdir -p .build/roots

# The oldest version whose messages are known, the oldest with the newer form of them that needs no `compatibility`, and the
# newest. Debian 13 has Python 3.13, testing has 3.14.
versions="trixie/2025.4.4 trixie/2025.11.3 forky/2026.11.0"

# What Home Assistant asks for at its first start, and what these parts stand on.
parts='
import json
from homeassistant import components

todo = "frontend mqtt camera stream conversation assist_pipeline tts ffmpeg met google_translate radio_browser hassio".split()
done = set()
while todo:
    part = todo.pop()
    if part not in done:
        done.add(part)
        manifest = json.load(open(f"{components.__path__[0]}/{part}/manifest.json"))
        todo += manifest.get("dependencies", [])
        print(*manifest.get("requirements", []), sep="\n")
'

for place in $versions; do
  suite=${place%/*} version=${place#*/}
  root=.build/roots/home-assistant-$suite
  [ -e "$root/ha/$version/installed" ] && continue
  echo "installing Home Assistant $version"
  if [ ! -d "$root" ]; then
    rm -rf "$root.new"
    # A mirror's copy of testing may be older than its date of expiry.
    mmdebstrap --quiet --mode=root --variant=minbase --aptopt='Acquire::Check-Valid-Until "false"' \
      --include=python3-dev,python3-venv,gcc,g++,libc6-dev,libffi-dev,libssl-dev,zlib1g-dev,ca-certificates,tzdata,libfaketime \
      "$suite" "$root.new" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
    # The network and its certificates are those of this machine.
    cp /etc/resolv.conf /etc/hosts "$root.new/etc/"
    cp /etc/ssl/certs/ca-certificates.crt "$root.new/etc/ssl/certs/"
    mv "$root.new" "$root"
  fi
  rm -rf "$root/ha/$version"
  echo "$parts" >"$root/tmp/parts.py"
  # aiodns 3.5, which versions of 2025 pin, breaks with a newer pycares (findings/home-assistant-pycares.sh).
  pycares=
  [ "$suite" = trixie ] && pycares="pycares<5"
  # shellcheck disable=SC2016 # for the inner shells
  unshare --mount sh -eu -c '
    mount --bind /dev "$1/dev"
    mount -t proc proc "$1/proc"
    exec chroot "$1" env -i PATH=/usr/bin:/bin HOME=/root LANG=C.UTF-8 PIP_CERT=/etc/ssl/certs/ca-certificates.crt \
      PIP_DISABLE_PIP_VERSION_CHECK=1 sh -eu -c '\''
        python3 -m venv "/ha/$1"
        "/ha/$1/bin/pip" install --quiet "homeassistant==$1" $2
        "/ha/$1/bin/python" /tmp/parts.py >/tmp/parts
        "/ha/$1/bin/pip" install --quiet -r /tmp/parts
        touch "/ha/$1/installed"'\'' sh "$2" "$3"' sh "$root" "$version" "$pycares"
done
