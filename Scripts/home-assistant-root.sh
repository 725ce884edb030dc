#!/usr/bin/env bash
# A real Home Assistant for `make soak`: Debian 13 in .build/roots/home-assistant with Python, and in it the packages of PyPI.
# It takes 1.4 GB and some minutes the first time; afterwards it is kept. Nothing but root can make it.
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$(id -u)" -eq 0 ] || exit 0

# The oldest version that needs no `compatibility`: what works here works later too. Its Python is that of Debian 13.
version=2025.11.3
root=.build/roots/home-assistant
[ "$(cat "$root/installed" 2>/dev/null)" = "$version" ] && exit 0

echo "installing Home Assistant $version"
rm -rf "$root" "$root.new"
mkdir -p .build/roots
mmdebstrap --quiet --mode=root --variant=minbase \
  --include=python3-dev,python3-venv,gcc,g++,libc6-dev,libffi-dev,libssl-dev,zlib1g-dev,ca-certificates,tzdata \
  trixie "$root.new" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
# The network and its certificates are those of this machine.
cp /etc/resolv.conf /etc/hosts "$root.new/etc/"
cp /etc/ssl/certs/ca-certificates.crt "$root.new/etc/ssl/certs/"

# What Home Assistant asks for at its first start, and what these parts stand on.
cat >"$root.new/tmp/parts.py" <<'PYTHON'
import json
from homeassistant import components

todo = "frontend mqtt camera stream conversation assist_pipeline tts ffmpeg met google_translate radio_browser".split()
done = set()
while todo:
    part = todo.pop()
    if part not in done:
        done.add(part)
        manifest = json.load(open(f"{components.__path__[0]}/{part}/manifest.json"))
        todo += manifest.get("dependencies", [])
        print(*manifest.get("requirements", []), sep="\n")
PYTHON

# shellcheck disable=SC2016 # for the inner shells
unshare --mount sh -eu -c '
  mount --bind /dev "$1/dev"
  mount -t proc proc "$1/proc"
  exec chroot "$1" env -i PATH=/usr/bin:/bin HOME=/root LANG=C.UTF-8 PIP_CERT=/etc/ssl/certs/ca-certificates.crt \
    PIP_DISABLE_PIP_VERSION_CHECK=1 sh -eu -c '\''
      python3 -m venv /ha
      # The second breaks aiodns 3.5, which the first pins, in a newer version (findings/home-assistant-pycares.sh).
      /ha/bin/pip install --quiet "homeassistant==$1" "pycares<5"
      /ha/bin/python /tmp/parts.py >/tmp/parts
      /ha/bin/pip install --quiet -r /tmp/parts'\'' sh "$2"' \
  sh "$root.new" "$version"
echo "$version" >"$root.new/installed"
mv "$root.new" "$root"
