#!/usr/bin/env bash
# `make bench`: speed and size beside peers, in one run on one machine. The machines are shared and noisy, so the ratios
# count, not the numbers: both take turns, and the best of three counts, since noise only ever takes away. Peers: PyPI's
# dsmr-parser, pymbusparser, pywmbus, gurux-dlms, iec62056-21 and prometheus-client, Debian's libsml, bare libcrypto, and a bare C program on libmosquitto.
#
#   Benchmarks/run.sh               every row
#   Benchmarks/run.sh mbus p1       these rows only: mbus, libmbus, wmbus, baseline, p1, dlms, d0, sml, gcm, publish, metrics, scrapes, start, bridge,
#                                   scale: many meters, beside the older build of `make baseline`
#   LIBMBUS=DIR Benchmarks/run.sh libmbus   beside a checkout of rscada/libmbus, which neither Debian nor PyPI has;
#                                           CORPUS=DIR: also with the frames of DIR/*.hex, as far as libmbus reads them
#   Benchmarks/run.sh baseline      beside the build of an older commit: baseline.sh
#   CHECK=1 Benchmarks/run.sh       fails where a ratio is below 0.8 of the one in expected.txt
set -euo pipefail
cd "$(dirname "$0")"
program=../.build/release/meterbridge
port=${BROKER_PORT:-18832}
wireless=5A17C3E02B94D86F01A2735EB9C4480D
key=53494D554C415445444D455445524B59
read -ra rows <<<"${*:-mbus wmbus p1 dlms d0 sml gcm publish metrics scrapes start bridge scale}"
folder=$(mktemp -d)
broker=
trap '[ -z "$broker" ] || kill "$broker" 2>/dev/null || true; wait; rm -rf "$folder"' EXIT

if [ ! -x .build/peers/bin/python3 ]; then
  python3 -m venv .build/peers
fi
.build/peers/bin/pip -q install --disable-pip-version-check dsmr-parser pymbusparser pywmbus==0.0.7 gurux-dlms iec62056-21==0.0.2 prometheus-client
python=.build/peers/bin/python3
cc -O2 -o .build/publish peers/publish.c -lmosquitto
swift build -c release 2>&1 | tail -n 1
bench=.build/release/Benchmarks

start_broker() {
  printf 'listener %s 127.0.0.1\nallow_anonymous true\nlog_dest none\n' "$port" >"$folder/mosquitto.conf"
  /usr/sbin/mosquitto -c "$folder/mosquitto.conf" & broker=$!
  for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.1; done
}

too_slow=()
compare() { # ROW, name, name of the peer, our command, the peer's command; both print a number a second
  local ours=0 theirs=0 n
  for _ in 1 2 3; do
    n=$($4); [ "$n" -gt "$ours" ] && ours=$n
    n=$($5); [ "$n" -gt "$theirs" ] && theirs=$n
  done
  local ratio kept
  ratio=$(awk "BEGIN { printf \"%.3f\", $ours / $theirs }")
  kept=$(awk -v row="$1" '$1 == row { print $2 }' expected.txt)
  printf '%-8s %-38s %10d  %10d  %8.2f ×  (kept: %s)  %s\n' "$1" "$2" "$ours" "$theirs" "$ratio" "${kept:-none}" "$3"
  awk "BEGIN { exit !($ratio < 0.8 * ${kept:-0}) }" && too_slow+=("$1 ($2): $ratio, kept is $kept") || true
}

printf '%-8s %-38s %10s  %10s  %10s\n' row 'a second' MeterBridge peer ratio
for row in "${rows[@]}"; do
  case $row in
    mbus)
      compare mbus 'M-Bus telegrams to readings' pymbusparser \
        "$bench mbus Samples/mbus.hex" "$python peers/decode.py mbus Samples/mbus.hex" ;;
    libmbus)
      source=${LIBMBUS:?the folder of a checkout of github.com/rscada/libmbus}
      : >.build/config.h # its own is written by autoconf, and the parser needs nothing of it
      cc -O2 -I .build -I "$source/mbus" -o .build/libmbus peers/libmbus.c "$source/mbus/mbus-protocol.c" -lm
      compare libmbus 'M-Bus telegrams to readings' 'libmbus with XML' \
        "$bench mbus Samples/mbus.hex" ".build/libmbus Samples/mbus.hex"
      [ -n "${CORPUS:-}" ] || continue
      for file in "$CORPUS"/*.hex; do tr -d '[:space:]' <"$file"; echo; done >"$folder/all.hex"
      .build/libmbus "$folder/all.hex" list >"$folder/corpus.hex"
      compare libmbus-corpus "the same of $(wc -l <"$folder/corpus.hex") frames of others" 'libmbus with XML' \
        "$bench mbus $folder/corpus.hex" ".build/libmbus $folder/corpus.hex" ;;
    wmbus)
      # The peer cannot decipher: it gets the same telegrams in plain, which is less work.
      compare wmbus 'wM-Bus telegrams, deciphered, to readings' 'pywmbus, in plain' \
        "$bench wmbus Samples/wmbus.hex $wireless" "$python peers/decode.py wmbus Samples/wmbus-plain.hex" ;;
    baseline) ROWS='mbus p1 dlms' ./baseline.sh ;;
    p1)
      compare p1 'P1 telegrams to readings' dsmr-parser \
        "$bench p1 Samples/p1.txt" "$python peers/decode.py p1 Samples/p1.txt" ;;
    dlms)
      compare dlms 'DLMS telegrams, deciphered, to readings' gurux-dlms \
        "$bench dlms Samples/dlms.hex $key" "$python peers/decode.py dlms Samples/dlms.hex $key" ;;
    d0)
      # Both take the bytes off the line, cut, check and read them. Then beside the peer's reading alone, of a block already cut.
      compare d0 'D0 readouts, cut and checked, to readings' iec62056-21 \
        "$bench d0 Samples/d0.txt" "$python peers/decode.py d0 Samples/d0.txt"
      compare d0-parse 'the same' 'iec62056-21, a block already cut' \
        "$bench d0 Samples/d0.txt" "$python peers/decode.py d0-parse Samples/d0.txt" ;;
    gcm)
      compare gcm 'the same' 'bare AES-128-GCM of the same bytes' \
        "$bench dlms Samples/dlms.hex $key" "$bench gcm Samples/dlms.hex $key" ;;
    sml)
      ../Scripts/install-dependencies.sh libsml-dev
      cc -O2 -o .build/libsml peers/libsml.c -lsml -luuid
      compare sml 'SML files to readings' libsml "$bench sml Samples/sml.hex" ".build/libsml Samples/sml.hex" ;;
    publish)
      [ -n "$broker" ] || start_broker
      compare publish 'QoS 1 publishes acknowledged' 'bare C on libmosquitto' \
        "$bench publish $port 30000 20" ".build/publish $port 30000 20" ;;
    metrics)
      "$bench" metrics-page 256 30 >"$folder/metrics.txt"
      compare metrics 'pages of 256 meters with 30 fields' prometheus_client \
        "$bench metrics 256 30" "$python peers/metrics.py $folder/metrics.txt" ;;
    scrapes)
      echo "scrapes of the running bridge with five meters:"
      BROKER_PORT=$((port + 2)) SECONDS_RUN=12 SCRAPER="$bench scrape" ./bridge.sh "$program" ;;
    start)
      BROKER_PORT=$((port + 3)) ./start.sh "$program" ;;
    bridge)
      echo "the running bridge with five meters:"
      BROKER_PORT=$((port + 1)) ./bridge.sh "$program" ;;
    scale)
      BROKER_PORT=$((port + 8)) ROWS= ./scale.sh "$program" ;;
    air)
      BROKER_PORT=$((port + 9)) ROWS=air ./scale.sh "$program" '' ;;
    *)
      echo "no row $row; there are: mbus, libmbus, wmbus, baseline, p1, dlms, d0, sml, gcm, publish, metrics, scrapes, start, bridge, scale, air" >&2
      exit 64 ;;
  esac
done

if [ -n "${CHECK:-}" ] && [ ${#too_slow[@]} -gt 0 ]; then
  printf 'below 0.8 of the ratio in Benchmarks/expected.txt: %s\n' "${too_slow[@]}" >&2
  exit 1
fi
