#!/usr/bin/env bash
# `make fuzz TARGET=mbus SECONDS=60`: libFuzzer with AddressSanitizer, from seeds of our own; `TARGET=all` takes the targets
# one after the other. What is found is left in Fuzz/.build, and `FUZZ_TARGET=mbus Fuzz/.build/release/Fuzz FILE` shows it
# again.
set -euo pipefail
cd "$(dirname "$0")"
read -ra targets <<<"$1"
seconds=$2
command -v ld.lld >/dev/null || ../Scripts/install-dependencies.sh lld
# SwiftPM leaves the entry point to libFuzzer; both sanitizers in one option, since of several the compiler takes the
# last. lld: the default linker drops the coverage counters. The parts of MeterBridge are reached as its tests do.
swift build -c release --sanitize=fuzzer -Xswiftc -sanitize=fuzzer,address -Xswiftc -use-ld=lld \
  -Xswiftc -enable-testing 2>&1 | tail -n 1
program=.build/release/Fuzz

seed() { # NAME, hexadecimal text on standard input
  local digits
  digits=$(tr -d ' \n')
  printf "$(sed 's/../\\x&/g' <<<"$digits")" >"$corpus/$1"
}

plant() { # TARGET
  local file name
  for file in Seeds/"$1"/*; do
    case $file in
      *.hex) seed "$(basename "$file")" <"$file" ;;
      *.txt | *.yaml | *.json) cp "$file" "$corpus" ;;
    esac
  done
  case $1 in
    sml)
      for file in ../Tests/Samples/sml/*.sample; do
        name=$(basename "$file" .sample)
        sed -n 's/^telegram: //p' "$file" | seed "$name"
        # Without its marks, which the target puts around it.
        sed -n 's/^telegram: //p' "$file" | tr -d ' \n' | sed 's/^.\{16\}//; s/.\{16\}$//' | seed "$name-content"
      done
      ;;
    mbus | page)
      for file in ../Tests/Samples/mbus/*.sample; do
        name=$(basename "$file" .sample)
        sed -n 's/^telegram: //p' "$file" | seed "$name"
        [ "$1" = mbus ] || continue
        # Without its frame: the target puts one around it, so that a mutation does not end at the checksum.
        sed -n 's/^telegram: //p' "$file" | tr -d ' \n' | sed 's/^.\{8\}//; s/.\{4\}$//' | seed "$name-content"
      done
      ;;
  esac
  case $1 in
    wmbus | receiver)
      for file in ../Tests/Samples/wmbus/*.sample; do
        name=$(basename "$file" .sample)
        sed -n 's/^telegram: //p' "$file" | seed "$name"
      done
      ;;
  esac
  case $1 in
    p1 | page) cp ../Benchmarks/Samples/p1.txt "$corpus" ;;
    dlms) seed sample <../Benchmarks/Samples/dlms.hex ;;
    yaml) cp ../deploy/meterbridge.example.yaml "$corpus" ;;
  esac
}

fuzz() { # TARGET
  corpus=$(mktemp -d)
  trap 'rm -rf "$corpus"' EXIT
  plant "$1"
  # A trap of Swift is a crash of libFuzzer's: its own backtrace would only take time. Without a terminal nothing that a
  # configuration names can wait for one.
  SWIFT_BACKTRACE=enable=no FUZZ_TARGET=$1 setsid --wait "$program" -max_total_time="$seconds" -max_len=4096 -timeout=10 \
    -rss_limit_mb=1024 -print_final_stats=1 -artifact_prefix=".build/$1-" "$corpus" </dev/null
}

about=$(FUZZ_TARGET=mbus "$program" -runs=0 2>&1)
grep -q 'inline 8-bit counters' <<<"$about" || {
  echo "built without coverage counters: try again after rm -r Fuzz/.build" >&2
  exit 69
}
known=$(FUZZ_TARGET='?' "$program" 2>&1 | sed -n 's/^FUZZ_TARGET must be one of \(.*\), not .*/\1/p' | tr -d ,) || true
[ "${targets[*]}" = all ] && read -ra targets <<<"$known"
for target in "${targets[@]}"; do
  [[ " $known " = *" $target "* ]] || { echo "no target $target; there are: $known, all" >&2; exit 64; }
done
if [ ${#targets[@]} -eq 1 ]; then
  fuzz "${targets[0]}"
  exit
fi

status=0
for target in "${targets[@]}"; do
  log=.build/$target.log
  found=""
  (fuzz "$target") >"$log" 2>&1 || { found=", FOUND: $(grep -m 1 'SUMMARY\|Fatal error' "$log" || true)"; status=1; }
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  echo "$target: ${runs:-0} runs${found:-, no finding} (Fuzz/$log)"
done
exit $status
