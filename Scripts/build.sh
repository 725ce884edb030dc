#!/usr/bin/env bash
# `make build`: the release program, .build/release/meterbridge, and a look at what the linker has made of it.
#   Scripts/build.sh [FOLDER]     another checkout
set -euo pipefail
cd "${1:-"$(dirname "$0")/.."}"

# Libraries are the system's, never some of the program's own folder. All symbols are bound at the start, and then the table
# of their addresses is read-only.
swift build -c release --static-swift-stdlib --disable-local-rpath -Xlinker -z -Xlinker now

program=.build/release/meterbridge
dynamic=$(readelf --wide --dynamic --program-headers "$program")
wrong() { echo "$program $1" >&2; exit 1; }
! grep -Eq '\((RPATH|RUNPATH)\)' <<<"$dynamic" || wrong "looks for libraries in folders of its own (RUNPATH)"
grep -Eq '\(FLAGS(_1)?\).*(BIND_NOW|NOW)' <<<"$dynamic" || wrong "binds its symbols late (no BIND_NOW)"
grep -q 'GNU_RELRO' <<<"$dynamic" || wrong "has no read-only relocations (GNU_RELRO)"
