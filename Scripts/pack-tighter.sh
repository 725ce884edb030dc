#!/usr/bin/env bash
# Compresses the files of a Debian package again: with the machine's own filter for jumps, which dpkg-deb has no option for, a
# program takes a tenth less. The filters are part of the format .xz, and dpkg and apt read them.
#   Scripts/pack-tighter.sh amd64 meterbridge_0.1.0_amd64.deb
set -euo pipefail
case $1 in
  amd64) filters="--x86 --lzma2=preset=9e,lc=4" ;;
  arm64) filters="--arm64 --lzma2=preset=9e,lc=2,lp=2,pb=2" ;;
  *) exit 0 ;;
esac
package=$(realpath "$2")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
ar x "$package"
xz -d data.tar.xz
# shellcheck disable=SC2086  # the filters are several words
xz $filters data.tar
rm "$package"
ar qcD "$package" debian-binary control.tar.xz data.tar.xz
