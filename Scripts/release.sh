#!/usr/bin/env bash
# `make release`: what is given out, and its checksums, in .build/release-VERSION.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(Scripts/version.sh)
if [ -n "$(git status --porcelain)" ]; then
  echo "there are changes that are not committed; a release is a commit" >&2
  exit 65
fi
release=.build/release-$version
rm -rf "$release"
mkdir -p "$release"
for arch in ${ARCHS:-amd64 arm64}; do
  ARCH=$arch Scripts/build.sh
  ARCH=$arch Scripts/packages.sh
  cp .build/packages/meterbridge{,-dbgsym}_"${version}_$arch".deb "$release/"
done
# The images, and the app of Home Assistant, are for both.
if [ -z "${ARCHS:-}" ]; then
  Scripts/image.sh >&2
  Scripts/home-assistant-app.sh
  cp .build/image/meterbridge_*.tar .build/home-assistant/meterbridge_*.tar.gz "$release/"
fi
git archive --format=tar --prefix="meterbridge-$version/" HEAD | xz -9 --threads=1 >"$release/meterbridge-$version.tar.xz"
(cd "$release" && sha256sum -- * >SHA256SUMS && cat SHA256SUMS)
