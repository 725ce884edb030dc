#!/usr/bin/env bash
# Unpacks the images of `make image` as a registry and a container engine would, for `make soak`: into .build/image/unpacked.
# Nothing but root can do it, because the files of an image have owners.
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$(id -u)" -eq 0 ] || exit 0
Scripts/install-dependencies.sh skopeo umoci

out=.build/image
rm -rf "$out/unpacked" && mkdir "$out/unpacked"
for archive in "$out"/meterbridge_*_docker_*.tar; do
  arch=${archive##*_} arch=${arch%.tar}
  # Out of the index, the image of that architecture.
  skopeo copy --quiet --override-arch "$arch" oci-archive:"$(echo "$out"/meterbridge_*_oci.tar)" \
    "oci:$out/unpacked/layout:$arch"
  umoci unpack --image "$out/unpacked/layout:$arch" "$out/unpacked/$arch"
done
