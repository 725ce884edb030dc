#!/usr/bin/env bash
# Installs what tests hold the emulated meters and the dashboard against, packages of PyPI, into .build/peers.
set -euo pipefail
cd "$(dirname "$0")/.."
peers=.build/peers
packages="python-homewizard-energy==6.3.0 aioshelly==13.35.0 grafana-foundation-sdk==1769699998!10.1.0"
[ "$(cat "$peers/installed" 2>/dev/null)" = "$packages" ] && exit 0
Scripts/install-dependencies.sh python3-venv
rm -rf "$peers"
python3 -m venv "$peers"
# shellcheck disable=SC2086 # words
"$peers/bin/pip" --quiet --disable-pip-version-check install $packages
echo "$packages" >"$peers/installed"
