#!/usr/bin/env bash
# `make bench`: speed and size beside peers, in one run on one machine. The machines are shared and noisy, so the ratios
# count, not the numbers. Peers: PyPI's dsmr-parser, pymbusparser and gurux-dlms, bare
# libcrypto, and a bare C program on libmosquitto.
set -euo pipefail
cd "$(dirname "$0")"
program=../.build/release/meterbridge
port=${BROKER_PORT:-18832}
folder=$(mktemp -d)
children=()
trap 'for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done; wait; rm -rf "$folder"' EXIT

if [ ! -x .build/peers/bin/python3 ]; then
  python3 -m venv .build/peers
fi
.build/peers/bin/pip -q install --disable-pip-version-check dsmr-parser pymbusparser gurux-dlms
python=.build/peers/bin/python3
cc -O2 -o .build/publish peers/publish.c -lmosquitto
swift build -c release 2>&1 | tail -n 1
bench=.build/release/Benchmarks

row() { awk -v name="$1" -v ours="$2" -v peer="$3" -v label="$4" \
  'BEGIN { printf "%-40s %12d  %12d  %8.2f ×  %s\n", name, ours, peer, ours / peer, label }'; }

printf '%-40s %12s  %12s  %10s\n' 'a second' MeterBridge peer ratio
row 'M-Bus telegrams to readings' "$($bench mbus Samples/mbus.hex)" "$($python peers/decode.py mbus Samples/mbus.hex)" pymbusparser
row 'P1 telegrams to readings' "$($bench p1 Samples/p1.txt)" "$($python peers/decode.py p1 Samples/p1.txt)" dsmr-parser
key=53494D554C415445444D455445524B59
ours=$($bench dlms Samples/dlms.hex $key)
row 'DLMS telegrams, deciphered, to readings' "$ours" "$($python peers/decode.py dlms Samples/dlms.hex $key)" gurux-dlms
row '' "$ours" "$($bench gcm Samples/dlms.hex $key)" 'bare AES-128-GCM of the same bytes'

printf 'listener %s 127.0.0.1\nallow_anonymous true\nlog_dest none\n' "$port" >"$folder/mosquitto.conf"
/usr/sbin/mosquitto -c "$folder/mosquitto.conf" & children+=("$!")
for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.1; done
# Turn about, the best of three each: the noise of the machine only ever takes away.
ours=0; peer=0
for _ in 1 2 3; do
  n=$($bench publish "$port" 30000 20); [ "$n" -gt "$ours" ] && ours=$n
  n=$(.build/publish "$port" 30000 20); [ "$n" -gt "$peer" ] && peer=$n
done
row 'QoS 1 publishes acknowledged' "$ours" "$peer" 'bare C on libmosquitto'

$program simulate "p1-nl=$folder/a" "p1-be=$folder/b" "p1-v2=$folder/c" "mbus-pro380=$folder/bus" "mbus-multical303=$folder/bus" \
  >/dev/null & children+=("$!")
for _ in $(seq 100); do [ -e "$folder/bus" ] && break; sleep 0.1; done
cat >"$folder/meterbridge.yaml" <<CONF
mqtt: {host: 127.0.0.1, port: $port}
state_directory: $folder/state
log_level: error
meters:
  - {id: a, protocol: p1, source: $folder/a}
  - {id: b, protocol: p1, source: $folder/b}
  - {id: c, protocol: p1, source: $folder/c, line: 9600 7E1}
  - {id: d, protocol: mbus, source: $folder/bus, address: 1, interval: 5s}
  - {id: e, protocol: mbus, source: $folder/bus, address: 2, interval: 5s}
CONF
start=$(date +%s%N)
$program run --config "$folder/meterbridge.yaml" & bridge=$!
children=("$bridge" "${children[@]}")
mosquitto_sub -p "$port" -t 'meterbridge/bridge/state' -C 1 >/dev/null
echo "start to first publish at a subscriber: $((($(date +%s%N) - start) / 1000000)) ms"
sleep 30
echo "the running bridge with five meters after 30 s:"
grep -E 'VmRSS|RssAnon' "/proc/$bridge/status"
awk '{ printf "processor time: %.2f s of 30 s\n", ($14 + $15) / 100 }' "/proc/$bridge/stat"
