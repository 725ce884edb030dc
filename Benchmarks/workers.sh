#!/usr/bin/env bash
# Telegrams a second from the broker through workers to a subscriber, 16 meters split by topic: workers.sh PROGRAM WORKERS [TELEGRAMS OF A METER]
set -u
P=$1; W=$2; M=16; N=${3:-1500}; PORT=$((22200+W)); D=$(mktemp -d); P=$(realpath "$P"); cd "$D"
printf 'listener %s 127.0.0.1\nallow_anonymous true\nuser root\nlog_dest none\nmax_queued_messages 0\n' $PORT > m.conf
/usr/sbin/mosquitto -c m.conf & B=$!; sleep 0.5
python3 - $N > telegrams <<'PY'
import sys
def crc(b):
    c=0
    for x in b:
        c^=x
        for _ in range(8): c=(c>>1)^0xA001 if c&1 else c>>1
    return c
for n in range(1,int(sys.argv[1])+1):
    b=("/XYZ5TEST\r\n\r\n1-3:0.2.8(50)\r\n0-0:1.0.0(261120120001W)\r\n1-0:1.8.1(%06d.%03d*kWh)\r\n1-0:1.7.0(00.472*kW)\r\n!"%(n//1000,n%1000)).encode()
    print((b+b"%04X\r\n"%crc(b)).hex())
PY
K=()
for w in $(seq 0 $((W-1))); do
  { echo "mqtt: {host: 127.0.0.1, port: $PORT, client_id: worker-$w, base_topic: w$w}"; echo "home_assistant: {discovery: false}"; echo "state_directory: $D/s$w"; echo "meters:"
    for m in $(seq 0 $((M-1))); do [ $((m % W)) = $w ] && echo "  - {id: m$m, protocol: p1, source: \"mqtt:raw/$w/+\"}"; done; } > $w.yaml
  $P run --config $w.yaml > $w.log 2>&1 & K+=($!)
done
mosquitto_sub -p $PORT -q 1 -t '+/+/reading' -F '%U' > heard & S=$!
sleep 2; START=$(date +%s.%N)
for m in $(seq 0 $((M-1))); do mosquitto_pub -p $PORT -q 1 -t raw/$((m % W))/m$m -l < telegrams & K+=($!); done
while [ $(wc -l < heard) -lt $((M*N)) ] && [ $(( $(date +%s) - ${START%.*} )) -lt 120 ]; do sleep 0.1; done
END=$(tail -n 1 heard); C=$(wc -l < heard)
echo "$W workers: $C of $((M*N)) readings, $(python3 -c "print(round($C/($END-$START)))") a second"
kill "${K[@]}" $S $B 2>/dev/null; wait 2>/dev/null; rm -rf "$D"
