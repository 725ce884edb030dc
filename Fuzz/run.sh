#!/usr/bin/env bash
# `make fuzz TARGET=mbus SECONDS=60`: a target of libFuzzer with AddressSanitizer, from seeds of our own. What it finds is
# left in Fuzz/.build, and `FUZZ_TARGET=mbus Fuzz/.build/release/Fuzz FILE` shows it again.
set -euo pipefail
cd "$(dirname "$0")"
target=$1
seconds=$2
command -v ld.lld >/dev/null || ../deploy/install-dependencies.sh lld
# SwiftPM leaves the entry point to libFuzzer; both sanitizers in one option, since of several the compiler takes the
# last. lld: the default linker drops the coverage counters.
swift build -c release --sanitize=fuzzer -Xswiftc -sanitize=fuzzer,address -Xswiftc -use-ld=lld 2>&1 | tail -n 1
about=$(FUZZ_TARGET=$target .build/release/Fuzz -runs=0 2>&1) || { tail -n 1 <<<"$about" >&2; exit 64; }
grep -q 'inline 8-bit counters' <<<"$about" || {
  echo "built without coverage counters: try again after rm -r Fuzz/.build" >&2
  exit 69
}

corpus=$(mktemp -d)
trap 'rm -rf "$corpus"' EXIT
seed() { # NAME, hexadecimal text on standard input
  local digits
  digits=$(tr -d ' \n')
  printf "$(sed 's/../\\x&/g' <<<"$digits")" >"$corpus/$1"
}
for file in Seeds/"$target"/*.hex; do
  [ -e "$file" ] && seed "$(basename "$file")" <"$file"
done
case $target in
  mbus)
    for file in ../Tests/Samples/mbus/*.sample; do
      name=$(basename "$file" .sample)
      sed -n 's/^telegram: //p' "$file" | seed "$name"
      # Without its frame: the target puts one around it, so that a mutation does not end at the checksum.
      sed -n 's/^telegram: //p' "$file" | tr -d ' \n' | sed 's/^.\{8\}//; s/.\{4\}$//' | seed "$name-content"
    done
    ;;
  p1) cp ../Benchmarks/Samples/p1.txt "$corpus" ;;
  dlms) seed sample <../Benchmarks/Samples/dlms.hex ;;
esac
# A trap of Swift is a crash of libFuzzer's: its own backtrace would only take time.
SWIFT_BACKTRACE=enable=no FUZZ_TARGET=$target .build/release/Fuzz -max_total_time="$seconds" -max_len=4096 -timeout=10 \
  -rss_limit_mb=1024 -print_final_stats=1 -artifact_prefix=.build/ "$corpus"
