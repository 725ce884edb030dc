#!/usr/bin/env bash
# Runs a bridge with five simulated meters and a broker of its own for some seconds, and prints what it takes.
#   Benchmarks/bridge.sh PROGRAM [SIMULATOR]     both are a meterbridge; SECONDS_RUN=30 BROKER_PORT=18833
#   SCRAPER='Benchmarks scrape'                  also scrapes /metrics for five seconds, on the port behind the broker's
set -euo pipefail
program=$1
simulator=${2:-$1}
seconds=${SECONDS_RUN:-30}
port=${BROKER_PORT:-18833}
folder=$(mktemp -d)
children=()
finish() {
  # The bridge first, so that it sees no meter or broker end.
  for child in "${children[@]}"; do
    kill "$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  done
  rm -rf "$folder"
}
trap finish EXIT

printf 'listener %s 127.0.0.1\nallow_anonymous true\nlog_dest none\n' "$port" >"$folder/mosquitto.conf"
/usr/sbin/mosquitto -c "$folder/mosquitto.conf" & children+=("$!")
for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.1; done
"$simulator" simulate "p1-nl=$folder/a" "p1-be=$folder/b" "p1-v2=$folder/c" "mbus-pro380=$folder/bus" \
  "mbus-multical303=$folder/bus" </dev/null >/dev/null & children+=("$!")
for _ in $(seq 100); do [ -e "$folder/bus" ] && break; sleep 0.1; done

cat >"$folder/meterbridge.yaml" <<CONF
mqtt: {host: 127.0.0.1, port: $port}
state_directory: $folder/state
log_level: error
${SCRAPER:+http: {listen: "127.0.0.1:$((port + 1))"\}}
meters:
  - {id: a, protocol: p1, source: $folder/a}
  - {id: b, protocol: p1, source: $folder/b}
  - {id: c, protocol: p1, source: $folder/c, line: 9600 7E1}
  - {id: d, protocol: mbus, source: $folder/bus, address: 1, interval: 5s}
  - {id: e, protocol: mbus, source: $folder/bus, address: 2, interval: 5s}
CONF
start=$(date +%s%N)
"$program" run --config "$folder/meterbridge.yaml" & bridge=$!
children=("$bridge" "${children[@]}")
mosquitto_sub -p "$port" -t 'meterbridge/bridge/state' -C 1 >/dev/null
echo "start to first publish at a subscriber: $((($(date +%s%N) - start) / 1000000)) ms"
sleep "$seconds"
awk '/^(VmRSS|RssAnon):/ { print $1, $2, "kB" }' "/proc/$bridge/status"
awk -v seconds="$seconds" '{ printf "processor time: %.2f s of %d s\n", ($14 + $15) / 100, seconds }' "/proc/$bridge/stat"
if [ -n "${SCRAPER:-}" ]; then
  ticks() { awk '{ print $14 + $15 }' "/proc/$bridge/stat"; }
  before=$(ticks)
  count=$($SCRAPER $((port + 1)) 5)
  awk -v count="$count" -v ticks=$(($(ticks) - before)) \
    'BEGIN { printf "scrapes a second of the bridge'"'"'s processor time: %d\n", 100 * count / ticks }'
fi
