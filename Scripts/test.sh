#!/usr/bin/env bash
# `make test`: all tests. What failed is said once more at the end, where thousands of lines do not hide it.
set -uo pipefail
cd "$(dirname "$0")/.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT
swift test --disable-xctest "$@" 2>&1 | tee "$log" && exit 0
status=$?
# A failed test, and the lines of what it saw.
grep -aE '^(✘|↳)|error:' "$log" | cut -c1-1000 | tail -n 100
exit "$status"
