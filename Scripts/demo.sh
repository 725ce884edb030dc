#!/usr/bin/env bash
# `make run`: a private broker, simulated meters, the bridge, and what stands on its topics.
#   FOR=25             end by itself after 25 seconds (otherwise: Ctrl-C)
#   BROKER_PORT=18831  port of the private broker on loopback
set -euo pipefail

program=$1
port=${BROKER_PORT:-18830}
folder=$(mktemp -d "${TMPDIR:-/tmp}/meterbridge-demo.XXXXXX")
children=()

finish() {
  trap - EXIT INT TERM
  # The bridge first, so that it says good-bye to a broker that is still there.
  for child in "${children[@]}"; do
    kill "$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  done
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 0' INT TERM

fail() { echo "$1" >&2; exit 69; }

# Waits until a command succeeds, at most ten seconds.
await() {
  for _ in $(seq 100); do "$@" 2>/dev/null && return 0; sleep 0.1; done
  return 1
}

if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
  fail "port $port is taken; choose another one: make run BROKER_PORT=18831"
fi

cat >"$folder/mosquitto.conf" <<CONF
listener $port 127.0.0.1
allow_anonymous true
persistence false
log_dest none
CONF
/usr/sbin/mosquitto -c "$folder/mosquitto.conf" &
broker=$!
await bash -c "exec 3<>/dev/tcp/127.0.0.1/$port" || fail "mosquitto does not answer on port $port"

"$program" simulate "p1-nl=$folder/p1-nl" "p1-be=$folder/p1-be" "mbus-pro380=$folder/mbus" \
  "mbus-multical303=$folder/mbus" "dlms-kaifa-encrypted=$folder/kaifa" "sml-dzg=$folder/dzg" \
  "route-b,profile=solar=$folder/wisun" \
  "d0-electricity=$folder/d0" \
  "wmbus-lines,every=8000=$folder/air" \
  >"$folder/simulated" </dev/null &
simulator=$!
# The lines are printed once all places are there.
await grep -q wmbus "$folder/simulated" || fail "the simulator does not start"

cat >"$folder/meterbridge.yaml" <<CONF
mqtt:
  host: 127.0.0.1
  port: $port
state_directory: $folder/state
meters:
  - {id: grid, name: Dutch electricity and gas, protocol: p1, source: $folder/p1-nl}
  - {id: house, name: Belgian electricity and gas and water, protocol: p1, source: $folder/p1-be}
  - {id: workshop, name: Workshop, protocol: mbus, source: $folder/mbus, address: 1, interval: 5s}
  - {id: heat, name: Heating, protocol: mbus, source: $folder/mbus, address: 2, interval: 5s}
$(grep 'protocol: dlms' "$folder/simulated" | sed 's/id: [a-z_0-9]*/id: netz, name: Austrian electricity/')
  - {id: eye, name: German electricity, protocol: sml, source: $folder/dzg}
$(grep 'protocol: echonet' "$folder/simulated" | sed 's/id: [a-z_0-9]*/id: broute, name: Japanese electricity, interval: 10s/')
  - {id: shop, name: Shop at an optical head, protocol: d0, source: $folder/d0, interval: 10s}
$(grep 'water, mode 5' "$folder/simulated" | sed 's/id: [a-z_0-9]*/id: flat, name: Cold water by radio/')
CONF
"$program" run --config "$folder/meterbridge.yaml" &
bridge=$!
children=("$bridge" "$simulator" "$broker")

mosquitto_sub -h 127.0.0.1 -p "$port" -q 1 -F '%I  %t  %p' \
  -t 'meterbridge/+/+' -T 'meterbridge/+/reading' -T 'meterbridge/bridge/info' \
  -T 'meterbridge/bridge/health' &
children=("$!" "${children[@]}")

echo "broker on 127.0.0.1:$port; every line is a topic and what stands on it; Ctrl-C ends"
if [ -n "${FOR:-}" ]; then sleep "$FOR" & else sleep infinity & fi
timer=$!
children=("$timer" "${children[@]}")
# Whichever ends first: the time, or the bridge by a fault of its own.
wait -n "$timer" "$bridge" || true
kill -0 "$bridge" 2>/dev/null || fail "the bridge ended by itself"
