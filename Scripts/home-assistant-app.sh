#!/usr/bin/env bash
# `make home-assistant-app`: the app of Home Assistant as a folder that its user copies into the share `addons`, with the file
# systems of `make image` in it: .build/home-assistant/meterbridge, and the same as one file for a release.
set -euo pipefail
cd "$(dirname "$0")/.."

out=.build/home-assistant
rm -rf "$out"
mkdir -p "$out"
cp -r deploy/home-assistant/. "$out"
version=$(Scripts/version.sh)
grep -qx "version: \"$version\"" "$out/meterbridge/config.yaml" || { echo "config.yaml has another version" >&2; exit 65; }
for arch in amd64 arm64; do
  archive=.build/image/meterbridge_${version}_docker_$arch.tar
  [ -f "$archive" ] || { echo "$archive is not there: make image" >&2; exit 1; }
  # Its two layers, in their order: Debian's libraries, then the program.
  layers=($(tar -xOf "$archive" manifest.json | grep -o '[0-9a-f]*\.tar\.gz'))
  tar -xOf "$archive" "${layers[0]}" >"$out/meterbridge/system-$arch.tar.gz"
  tar -xOf "$archive" "${layers[1]}" >"$out/meterbridge/program-$arch.tar.gz"
done
tar --create --sort=name --mtime=@0 --numeric-owner --owner=0 --group=0 --mode=go-w --directory "$out" meterbridge |
  gzip --no-name >"$out/meterbridge_${version}_home-assistant-app.tar.gz"
ls -l "$out"
