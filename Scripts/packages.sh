#!/usr/bin/env bash
# `make packages`: the Debian packages of a program that is built already, into .build/packages.
#   Scripts/packages.sh                 for this machine
#   ARCH=arm64 Scripts/packages.sh      for another one; its program is .build/arm64/meterbridge
# Equal commits give equal packages: all times are the commit's.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
machine=$(dpkg --print-architecture)
arch=${ARCH:-$machine}
native=.build/release/meterbridge
program=$native
[ "$arch" = "$machine" ] || program=.build/$arch/meterbridge
for built in "$native" "$program"; do
  [ -x "$built" ] || { echo "$built is not there: run make build, and make build ARCH=$arch" >&2; exit 66; }
done
Scripts/install-dependencies.sh debhelper lintian $([ "$arch" = "$machine" ] || echo "binutils-$(dpkg-architecture -a"$arch" -qDEB_HOST_MULTIARCH | tr _ -)")

version=$(Scripts/version.sh)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH SOURCE=$root PROGRAM=$root/$program SHLIBS_OF= DEB_BUILD_OPTIONS=nocheck TZ=UTC LC_ALL=C.UTF-8

needed() { readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -v '^ld-linux' | sort; }
if [ "$arch" != "$machine" ]; then
  diff <(needed "$native") <(needed "$program") || { echo "$program needs other libraries than $native" >&2; exit 65; }
  SHLIBS_OF=$root/$native
fi

folder=.build/packages/build-$arch/meterbridge-$version
rm -rf "${folder%/*}"
mkdir -p "$folder"
cp -r deploy/debian "$folder/debian"
# The newest part of CHANGELOG.md, as Debian writes it.
{
  echo "meterbridge ($version) unstable; urgency=medium"
  echo
  awk -v version="$version" '/^## / { inside = $2 == version } !inside { next }
    /^[*] / { if (line) print line; line = $0 } /^  [^ ]/ { line = line " " substr($0, 3) } END { print line }' CHANGELOG.md |
    fold -s -w 74 | sed 's/^[^*]/  &/; s/^/  /; s/ *$//'
  echo
  echo " -- $(sed -n 's/^Maintainer: //p' deploy/debian/control)  $(date -R -d "@$SOURCE_DATE_EPOCH")"
} >"$folder/debian/changelog"
grep -q '^  \* ' "$folder/debian/changelog" || { echo "CHANGELOG.md has no part ## $version" >&2; exit 65; }

umask 022
if ! (cd "$folder" && dpkg-buildpackage --build=binary -d -us -uc -a"$arch") >"${folder%/*}/log" 2>&1; then
  tail -n 30 "${folder%/*}/log" >&2
  exit 70
fi
packages=("meterbridge_${version}_$arch.deb" "meterbridge-dbgsym_${version}_$arch.deb")
for package in "${packages[@]}"; do
  mv "${folder%/*}/$package" .build/packages/
  echo ".build/packages/$package: $(stat -c %s ".build/packages/$package") bytes"
done

# What a small computer has to store and to load.
bound() { # what, bytes, limit
  [ "$2" -le "$3" ] || { echo "$1 has $2 bytes, and may have $3" >&2; exit 65; }
}
bound "the stripped program" "$(stat -c %s "$folder/debian/meterbridge/usr/bin/meterbridge")" 10000000
bound "${packages[0]}" "$(stat -c %s ".build/packages/${packages[0]}")" 3000000
lintian --allow-root --fail-on error,warning .build/packages/"${packages[0]}"
