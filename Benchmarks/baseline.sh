#!/usr/bin/env bash
# `make baseline`: this build beside that of an older commit, in one run: decoding, size, and memory of the running bridge.
#   Benchmarks/baseline.sh [COMMIT]     854063a where none is named; ROUNDS=5: the best of so many turns counts
#   ROWS='mbus p1 dlms size bridge'     these rows only; a part of them builds no more than it needs
#
# The older commit is built once, into .build/baseline, and so is its own program Benchmarks, whose rows are the same:
#   Benchmarks/.build/baseline/.build/release/meterbridge
#   Benchmarks/.build/baseline/Benchmarks/.build/release/Benchmarks
set -euo pipefail
cd "$(dirname "$0")"
wanted=${1:-854063a}
if ! commit=$(git rev-parse --verify --quiet --short "$wanted^{commit}"); then
  echo "commit $wanted is not in this checkout; a shallow clone lacks it: git fetch --unshallow" >&2
  exit 66
fi
rounds=${ROUNDS:-5}
read -ra rows <<<"${ROWS:-mbus p1 dlms size bridge}"
old=.build/baseline
port=${BROKER_PORT:-18834}
key=53494D554C415445444D455445524B59
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

needs() { [[ " ${rows[*]} " == *" $1 "* ]]; }

build_program() { ../Scripts/build.sh "$1" 2>&1 | tail -n 1; }
build_benchmarks() { (cd "$1/Benchmarks" && swift build -c release 2>&1 | tail -n 1); }

if [ "$(cat $old/commit 2>/dev/null)" != "$commit" ]; then
  rm -rf $old
  mkdir -p $old
  git -C .. archive "$commit" | tar -x -C $old
  echo "building $commit"
  build_program $old
  build_benchmarks $old
  echo "$commit" >$old/commit
fi
if needs mbus || needs p1 || needs dlms; then build_benchmarks ..; fi
if needs size || needs bridge; then build_program ..; fi

compare() { # name, arguments of both programs Benchmarks
  local name=$1 ours=0 theirs=0 n
  shift
  for _ in $(seq "$rounds"); do
    n=$(.build/release/Benchmarks "$@"); [ "$n" -gt "$ours" ] && ours=$n
    n=$($old/Benchmarks/.build/release/Benchmarks "$@"); [ "$n" -gt "$theirs" ] && theirs=$n
  done
  line "$name" "$ours" "$theirs"
}

line() { # name, our number, the older number
  awk -v name="$1" -v ours="$2" -v old="$3" 'BEGIN { printf "%-34s %12d %12d %10.3f\n", name, ours, old, ours / old }'
}

printf '%-34s %12s %12s %10s\n' "best of $rounds each" now "$commit" ratio
new=../.build/release/meterbridge

size() {
  strip -o "$folder/new" $new
  strip -o "$folder/old" $old/.build/release/meterbridge
  line 'program, stripped, bytes' "$(stat -c %s "$folder/new")" "$(stat -c %s "$folder/old")"
}

# At the same time, with the same simulator, so that both read the same telegrams.
bridge() {
  BROKER_PORT=$port ./bridge.sh $new >"$folder/new.txt" &
  BROKER_PORT=$((port + 1)) ./bridge.sh $old/.build/release/meterbridge $new >"$folder/old.txt"
  wait
  for name in VmRSS RssAnon; do
    line "bridge with five meters, $name, kB" "$(awk "/$name/ { print \$2 }" "$folder/new.txt")" \
      "$(awk "/$name/ { print \$2 }" "$folder/old.txt")"
  done
  for build in new old; do sed "s/^/$build: /" "$folder/$build.txt" | grep -v kB; done
}

for row in "${rows[@]}"; do
  case $row in
    mbus) compare 'M-Bus telegrams a second' mbus Samples/mbus.hex ;;
    p1) compare 'P1 telegrams a second' p1 Samples/p1.txt ;;
    dlms) compare 'DLMS telegrams a second' dlms Samples/dlms.hex $key ;;
    size) size ;;
    bridge) bridge ;;
    *) echo "no row $row; there are: mbus, p1, dlms, size, bridge" >&2; exit 64 ;;
  esac
done
