#!/usr/bin/env bash
# Runs the program for arm64 (`make build ARCH=arm64`) on this machine: in qemu, with the libraries of Debian 12 for arm64.
#   Scripts/on-arm64.sh version
set -euo pipefail
folder=$(cd "$(dirname "$0")/.." && pwd)
cache=${METERBRIDGE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/meterbridge}
exec qemu-aarch64-static -L "$cache/arm64/meterbridge.artifactbundle/arm64/sysroot" "$folder/.build/arm64/meterbridge" "$@"
