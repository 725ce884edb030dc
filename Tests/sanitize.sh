#!/usr/bin/env bash
# `make sanitize`: tests under AddressSanitizer, and those in which threads meet under ThreadSanitizer. With ALL=1 all tests
# under both.
set -euo pipefail
cd "$(dirname "$0")/.."
all=${1:-}
# In a program under ThreadSanitizer the runtime's own backtracer can hang for ever.
export SWIFT_BACKTRACE=enable=no

run() { # SANITIZER, SECONDS, options of swift test
  local sanitizer=$1 limit=$2 folder=$PWD/.build/$1 status=0
  shift 2
  mkdir -p "$folder"
  rm -f "$folder"/report.*
  # Into files: what a daemon that a test has started gets reported nobody would see otherwise.
  export ASAN_OPTIONS=log_path=$folder/report TSAN_OPTIONS=log_path=$folder/report
  echo "tests under the $sanitizer sanitizer"
  timeout -k 10 "$limit" swift test --sanitize="$sanitizer" --scratch-path "$folder" --disable-xctest "$@" || status=$?
  if compgen -G "$folder/report.*" >/dev/null; then
    cat "$folder"/report.* >&2
    status=1
  fi
  return $status
}

threads='MQTTTests|SystemTests|StorageThread|StateFile|DeadLetterLog|Mailbox|WebServer|PageSource|TCPSource|SerialPort'
if [ -n "$all" ]; then
  run address 1800
  run thread 3600
else
  run address 600 --skip SystemTests
  run thread 600 --filter "$threads"
fi
