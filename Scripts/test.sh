#!/usr/bin/env bash
# `make test`: all tests; with options of `swift test` some of them. What failed is said once more at the end, where
# thousands of lines do not hide it.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# The program that `swift test` starts, which itself runs only once in a folder. No colours: they would be in the log.
export NO_COLOR=1 TESTS=.build/debug/MeterBridgePackageTests.xctest

# Swift runs as many tests at once as there are cores. The system tests would hold these places while they wait for other
# programs, so a few processes have them: each takes the next two of the list, and runs one after the other.
all() {
  local listed others status=0
  # shellcheck disable=SC2086 # words
  swift build --build-tests ${ONCE-} && listed=$("$TESTS" --testing-library swift-testing --list-tests) || return 1
  "$TESTS" --testing-library swift-testing --skip '^SystemTests\.' &
  others=$!
  # shellcheck disable=SC2016 # for the inner shell
  sed -n 's/^SystemTests\.\([^/(]*\).*/\1/p' <<<"$listed" | sort -u | xargs -P 4 -n 2 bash -c \
    '"$TESTS" --testing-library swift-testing --no-parallel --filter "^SystemTests\.($(IFS="|"; echo "$*"))[/(]"' tests ||
    status=1
  wait "$others" || status=1
  echo "$(wc -l <<<"$listed") tests are listed"
  return "$status"
}

# Whether each of the listed tests was in one of the runs.
complete() {
  awk '/Test run with [0-9]+ test/ { sub(/.*Test run with /, ""); run += $1 } / tests are listed$/ { listed = $1 }
    END { if (run != listed) print "error: " run + 0 " of " listed + 0 " tests were run"; exit run != listed }' "$log"
}

if [ $# -gt 0 ]; then swift test --disable-xctest "$@"; else all; fi 2>&1 | tee "$log"
status=$?
[ $# -gt 0 ] || complete || status=1
[ $status -eq 0 ] && exit
# A failed test, and the lines of what it saw, but not those with which each of the processes begins. Their sums come last,
# where a reader who has but the end still finds which tests failed.
failed=$(grep -aE '^(✘|↳)|error:' "$log" | grep -avE '^↳ (Testing Library Version|Target Platform):' | cut -c1-1000)
grep -av '^✘ Test .* failed after' <<<"$failed" | tail -n 100
grep -a '^✘ Test .* failed after' <<<"$failed" | tail -n 50
exit "$status"
