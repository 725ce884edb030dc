#!/usr/bin/env bash
# Many meters on one bridge, beside an older build in the same run: processor time, delay and memory.
#   Benchmarks/scale.sh [PROGRAM [OLDER]]   the release build, and that of baseline.sh; OLDER '' for none
#   ROWS='100 1000 2500 5000 30buses 60buses air idle' SECONDS_RUN=20 BROKER_PORT=18840 FARM_PORT=20000
# A row is a farm of p1-nl at 1 Hz, dlms-kaifa at 0.2 Hz from 2500 up, 30 or 60 M-Bus of 60 slaves, 300 wireless meters on
# one receiver with a telegram each 16 s, or five meters. Except for the last two rows there are besides 20 P1 meters whose
# telegrams are timed from their last byte to a subscriber.
set -euo pipefail
cd "$(dirname "$0")"
program=$(realpath "${1:-../.build/release/meterbridge}")
older=${2-.build/baseline/.build/release/meterbridge}
if [ -n "$older" ] && [ ! -x "$older" ]; then
  echo "no older build: \`make baseline\` makes it in $older" >&2
  older=
fi
if [ -n "$older" ]; then older=$(realpath "$older"); fi
seconds=${SECONDS_RUN:-20}
port=${BROKER_PORT:-18840}
farm=${FARM_PORT:-20000}
read -ra rows <<<"${ROWS:-100 1000 2500 5000 30buses 60buses air idle}"
probes=20
folder=$(mktemp -d)
children=()
stop() {
  local child
  for child in "${children[@]}"; do
    kill "$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  done
  children=()
}
trap 'stop; rm -rf "$folder"' EXIT
ulimit -n "$(ulimit -H -n)" 2>/dev/null || true
mkdir -p .build
cc -O2 -o .build/probe peers/probe.c -lmosquitto

# ticks PID: its processor time in hundredths of a second.
ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# measure NAME PROGRAM ROW: runs it and leaves CPU in percent, delays and memory in $folder/NAME.ROW.
measure() {
  local kind interval='' before bridge warm=12 seconds=$seconds probes=$probes
  case $3 in
    *buses) kind="mbus-bus*${3%buses}" interval=', interval: 1m' warm=75 ;;
    air) kind="wmbus-lines,meters=300,copies=10,strangers=40" seconds=60 warm=34 probes=0 ;;
    idle) kind="" probes=0 ;;
    *) if [ "$3" -ge 2500 ]; then kind="dlms-kaifa*$3" warm=25; else kind="p1-nl*$3"; fi ;;
  esac
  rm -rf "$folder/state"
  printf 'listener %s 127.0.0.1\nallow_anonymous true\nlog_dest none\n' "$port" >"$folder/mosquitto.conf"
  /usr/sbin/mosquitto -c "$folder/mosquitto.conf" & children+=("$!")
  for _ in $(seq 100); do listens "$port" && break; sleep 0.1; done
  {
    printf 'mqtt: {host: 127.0.0.1, port: %s}\nstate_directory: %s/state\nlog_level: error\n' "$port" "$folder"
    printf 'limits: {meters: 10000}\nmeters:\n'
    for n in $(seq 0 $((probes - 1))); do
      printf '  - {id: probe_%s, protocol: p1, source: "tcp://127.0.0.1:%s"}\n' "$n" $((farm - 200 + n))
    done
  } >"$folder/meterbridge.yaml"
  if [ "$3" = idle ]; then
    "$program" simulate "p1-nl=$folder/a" "p1-be=$folder/b" "mbus-pro380=$folder/bus" "mbus-multical303=$folder/bus" \
      "mbus-water=$folder/bus" </dev/null >"$folder/farm" 2>"$folder/trouble" & children+=("$!")
    interval=', interval: 15m'
  else
    "$program" simulate "$kind=tcp:$farm" </dev/null >"$folder/farm" 2>"$folder/trouble" & children+=("$!")
  fi
  if [ "$probes" -gt 0 ]; then
    .build/probe "$port" $((farm - 200)) "$probes" $((warm + seconds)) "$warm" >"$folder/probe" 2>&1 & children+=("$!")
  fi
  local timed=$!
  for _ in $(seq 200); do [ -s "$folder/farm" ] && break; sleep 0.1; done
  if [ ! -s "$folder/farm" ]; then
    echo "no farm: $(cat "$folder/trouble"); FARM_PORT= names other ports" >&2
    exit 1
  fi
  sleep 0.5
  sed "/protocol: mbus/s/}  #/$interval}  #/" "$folder/farm" >>"$folder/meterbridge.yaml"
  "$2" run --config "$folder/meterbridge.yaml" 2>"$folder/log" & bridge=$!
  children=("$bridge" "${children[@]}")
  sleep "$warm"
  before=$(ticks "$bridge")
  sleep "$seconds"
  awk -v ticks=$(($(ticks "$bridge") - before)) -v seconds="$seconds" \
    'BEGIN { printf "%.2f ", ticks / seconds }' >"$folder/$1.$3"
  awk '/^VmRSS:/ { printf "%s ", $2 }' "/proc/$bridge/status" >>"$folder/$1.$3"
  mosquitto_sub -p "$port" -t 'meterbridge/+/availability' -W 2 2>/dev/null | grep -c online >"$folder/online" || true
  if [ "$probes" = 0 ]; then
    echo "- - - -" >>"$folder/$1.$3"
  else
    wait "$timed" || true
    awk '{ gsub(";", ""); print $6, $8, $12, $14 }' "$folder/probe" >>"$folder/$1.$3"
  fi
  read -r cpu memory median p99 bare bare99 <"$folder/$1.$3"
  printf '%-8s %-6s %8s %% %8s kB   median %6s  p99 %6s ms   bare %6s  p99 %6s ms   %s online\n' \
    "$3" "$1" "$cpu" "$memory" "$median" "$p99" "$bare" "$bare99" "$(cat "$folder/online")"
  stop
}

for row in "${rows[@]}"; do
  measure now "$program" "$row"
  # The older build does not know wireless meters.
  if [ -n "$older" ] && [ "$row" != air ]; then measure older "$older" "$row"; fi
done

# value NAME ROW COLUMN
value() { awk -v column="$3" '{ print $column }' "$folder/$1.$2" 2>/dev/null; }
# held NAME EXPRESSION LIMIT
held() {
  awk -v name="$1" -v limit="$3" "BEGIN { value = $2; printf \"%-62s %8.2f  (at most %s) %s\n\", name, value, limit, value <= limit ? \"held\" : \"MISSED\" }"
}
has() { [ -s "$folder/$1.$2" ]; }
if has now 1000; then
  if has older 1000; then
    held '1000 P1 meters: processor time beside the older build' "$(value now 1000 1) / $(value older 1000 1)" 0.25
  fi
  held '1000 P1 meters: p99 above a bare publish, ms' "$(value now 1000 4) - $(value now 1000 6)" 5
fi
if has now 1000 && has now 100; then
  held '1000 P1 meters: processor time beside that of 100' "$(value now 1000 1) / $(value now 100 1)" 12
  held 'memory of a further meter, kB' "($(value now 1000 2) - $(value now 100 2)) / 900" 16
fi
# doubled NAME ROW HALF: twice the meters may cost twice as much, and a fifth.
doubled() {
  if has now "$2" && has now "$3"; then
    held "$1: processor time beside half of them" "$(value now "$2" 1) / $(value now "$3" 1)" 2.4
  fi
}
doubled '5000 meters at 0.2 Hz' 5000 2500
doubled '60 M-Bus of 60 slaves' 60buses 30buses
if has now air; then held '300 wireless meters at 16 s: percent of a core' "$(value now air 1)" 1; fi
if has now idle; then held 'five meters, idle: percent of a core' "$(value now idle 1)" 0.2; fi
