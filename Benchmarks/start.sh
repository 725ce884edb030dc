#!/usr/bin/env bash
# Starts a bridge twenty times beside a broker of its own, and prints how long its first message and the first value of its
# meter took to a subscriber: medians, from the start of the process. The broker acknowledges what it has passed on.
#   Benchmarks/start.sh PROGRAM       RUNS=20 BROKER_PORT=18835
set -euo pipefail
program=$1
runs=${RUNS:-20}
port=${BROKER_PORT:-18835}
samples=$(cd "$(dirname "$0")/Samples" && pwd)
folder=$(mktemp -d)
children=()
trap 'kill "${children[@]}" 2>/dev/null || true; wait; rm -rf "$folder"' EXIT

await() { for _ in $(seq 200); do "$@" 2>/dev/null && return 0; sleep 0.05; done; echo "waited for: $*" >&2; return 1; }
printf 'listener %s 127.0.0.1\nallow_anonymous true\nlog_dest none\n' "$port" >"$folder/mosquitto.conf"
/usr/sbin/mosquitto -c "$folder/mosquitto.conf" & children+=("$!")
await bash -c "exec 3<>/dev/tcp/127.0.0.1/$port"
# Each line: when the message came, and its topic; `-R` leaves out what was there before.
mosquitto_sub -p "$port" -R -q 1 -F '%U %t' -t '#' >>"$folder/messages" & children+=("$!")
await bash -c "mosquitto_pub -p $port -t ready -m x && grep -q ready '$folder/messages'"

# One telegram with its CRC.
sed '/^!/q' "$samples/p1.txt" >"$folder/telegram"
for run in $(seq "$runs"); do
  cat >"$folder/meterbridge.yaml" <<CONF
mqtt: {host: 127.0.0.1, port: $port}
state_directory: $folder/state-$run
log_level: error
meters: [{id: grid, protocol: p1, source: "file:$folder/telegram"}]
CONF
  : >"$folder/messages"
  start=$(date +%s.%N)
  "$program" run --config "$folder/meterbridge.yaml" & bridge=$!
  await grep -q 'meterbridge/grid/[a-z]*_' "$folder/messages"
  awk -v start="$start" '{ ms = ($1 - start) * 1000 } NR == 1 { first = ms } $2 ~ /\/grid\/[a-z]+_/ { print first, ms; exit }' \
    "$folder/messages" >>"$folder/times"
  kill "$bridge"
  wait "$bridge" || true
done
median() { cut -d ' ' -f "$1" "$folder/times" | sort -n | awk '{ all[NR] = $1 } END { printf "%.0f ms\n", all[int((NR + 1) / 2)] }'; }
echo "start to first publish, median of $runs: $(median 1); to the first value of a meter: $(median 2)"
