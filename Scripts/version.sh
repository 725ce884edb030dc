#!/usr/bin/env bash
# Prints the version, which stands in Sources/Base/Values/Version.swift and nowhere else.
set -euo pipefail
sed -n 's/.*static let text = "\(.*\)"/\1/p' "$(dirname "$0")/../Sources/Base/Values/Version.swift"
