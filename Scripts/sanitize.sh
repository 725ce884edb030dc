#!/usr/bin/env bash
# `make sanitize`: the tests of code that is not memory-safe by construction under AddressSanitizer, and those in which
# threads meet under ThreadSanitizer. With ALL=1 all tests under both.
set -euo pipefail
cd "$(dirname "$0")/.."
all=${1:-}
# In a program under ThreadSanitizer the runtime's own backtracer can hang for ever.
export SWIFT_BACKTRACE=enable=no
# What Foundation reads, which tests alone use, is kept by pointers with marks in them that look like no pointers.
export LSAN_OPTIONS=suppressions=$PWD/Tests/leaks.txt:print_suppressions=0

run() { # SANITIZER, SECONDS of the tests alone, options of swift test
  local sanitizer=$1 limit=$2 folder=$PWD/.build/$1 status=0
  shift 2
  mkdir -p "$folder"
  rm -f "$folder"/report.*
  # Into files: nobody would see what a daemon that a test has started gets reported.
  export ASAN_OPTIONS=log_path=$folder/report TSAN_OPTIONS=log_path=$folder/report
  echo "tests under the $sanitizer sanitizer"
  # Each module as a whole: a third less to compute for who builds everything once.
  swift build --build-tests --sanitize="$sanitizer" --scratch-path "$folder" \
    -Xswiftc -whole-module-optimization -Xswiftc -num-threads -Xswiftc 2 >"$folder/log" 2>&1 ||
    { tail -n 20 "$folder/log" >&2; return 1; }
  timeout -k 10 "$limit" swift test --skip-build --sanitize="$sanitizer" --scratch-path "$folder" --disable-xctest "$@" \
    >"$folder/log" 2>&1 || status=$?
  if compgen -G "$folder/report.*" >/dev/null; then
    cat "$folder"/report.* >&2
    return 1
  fi
  if ! grep 'Test run with' "$folder/log"; then
    tail -n 20 "$folder/log" >&2
    return 1
  fi
  # Ten times slower, a program may need longer than a test waits. That is not what is asked here.
  [ "$sanitizer" = thread ] || [ $status -eq 0 ] || { grep '✘' "$folder/log" >&2; return 1; }
}

# ThreadSanitizer ends a program that may write no large files by SIGBUS.
limited='withoutRoomForDeadLetters|aFullDiskCostsNothing'
# LeakSanitizer cannot look into a process that has become another user's.
foreign=groupForAnotherUser
if [ -n "$all" ]; then
  run address 1800 --skip "$foreign"
  run thread 3600 --skip "$limited"
else
  status=0
  # Both at once: while tests of the one wait, the other is built.
  # What talks to C; the decoders hold nothing unsafe, and are fuzzed under AddressSanitizer. A filter finds tests by the
  # names of their files too.
  run address 900 --skip "$foreign" --filter \
    'MQTTTests|Storage|StateFile|YAML|Configuration|GaloisCounterMode|SerialPort|FileTransport|TCPTransport|HTTPTransport|DeadLetterLog|^HTTPTests|OverHTTP|eventStreams|keysOffByOneDigit' &
  export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=4
  run thread 900 --filter 'MQTTTests|LogThread|ReloadTests|StorageThread|HTTPTransport|TCPTransport|EndToEnd|Reconnect|PageTests|DeadLetterReplay|TLS' || status=1
  wait $! || status=1
  exit "$status"
fi
