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
Scripts/image.sh >&2
cp .build/image/*.tar "$release/"
git archive --format=tar --prefix="meterbridge-$version/" HEAD | xz -9 --threads=1 >"$release/meterbridge-$version.tar.xz"
(cd "$release" && sha256sum -- * >SHA256SUMS && cat SHA256SUMS)
