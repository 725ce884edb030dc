#!/usr/bin/env bash
# `make reproduce`: builds the commit once more in another folder, and says whether program and packages are the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
git clone --quiet . "$folder/somewhere-else"
"$folder/somewhere-else/Scripts/build.sh"
cmp .build/release/meterbridge "$folder/somewhere-else/.build/release/meterbridge"
Scripts/packages.sh
"$folder/somewhere-else/Scripts/packages.sh" >/dev/null
for package in "$folder/somewhere-else/.build/packages"/*.deb; do cmp ".build/packages/${package##*/}" "$package"; done
echo "the same: program and packages"
