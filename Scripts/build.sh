#!/usr/bin/env bash
# `make build`: the release program, and a look at what the linker has made of it.
#   Scripts/build.sh [FOLDER]        .build/release/meterbridge, for this machine; FOLDER is another checkout
#   ARCH=arm64 Scripts/build.sh      .build/arm64/meterbridge, compiled on another machine; on arm64 as without ARCH
set -euo pipefail
scripts=$(cd "$(dirname "$0")" && pwd)
cd "${1:-"$scripts/.."}"

# Libraries are the system's, never some of the program's own folder. All symbols are bound at the start, and then the table
# of their addresses is read-only.
options=(-c release --static-swift-stdlib --disable-local-rpath -Xlinker -z -Xlinker now)
program=.build/release/meterbridge
machine=$(dpkg --print-architecture)
case ${ARCH:-$machine} in
"$machine")
  swift build "${options[@]}"
  ;;
arm64)
  sdk=$("$scripts/arm64-sdk.sh")
  # This machine's libraries are not arm64's.
  export PKG_CONFIG_LIBDIR=$sdk/sysroot/usr/lib/aarch64-linux-gnu/pkgconfig PKG_CONFIG_SYSROOT_DIR=$sdk/sysroot
  # The program alone: helpers of tests need Foundation, which Debian does not have.
  swift build "${options[@]}" --product meterbridge --scratch-path .build/arm64 --swift-sdks-path "${sdk%/*/*}" --swift-sdk arm64
  program=.build/arm64/meterbridge
  install .build/arm64/release/meterbridge "$program"
  ;;
*)
  echo "no program for $ARCH is built on $machine: ARCH is $machine${machine/#amd64/ or arm64}" >&2
  exit 64
  ;;
esac

dynamic=$(readelf --wide --file-header --dynamic --program-headers "$program")
wrong() { echo "$program $1" >&2; exit 1; }
! grep -Eq '\((RPATH|RUNPATH)\)' <<<"$dynamic" || wrong "looks for libraries in folders of its own (RUNPATH)"
grep -Eq '\(FLAGS(_1)?\).*(BIND_NOW|NOW)' <<<"$dynamic" || wrong "binds its symbols late (no BIND_NOW)"
grep -q 'GNU_RELRO' <<<"$dynamic" || wrong "has no read-only relocations (GNU_RELRO)"
# Kernels for arm64 have pages of 4, 16 or 64 kB, and refuse a program whose segments lie closer.
if grep -q 'Machine: *AArch64' <<<"$dynamic"; then
  awk '$1 == "LOAD" && $NF != "0x10000" { exit 1 }' <<<"$dynamic" || wrong "has segments for smaller pages than 64 kB (ALIGN)"
fi
